//! Catalogs of any size, whose events have 8 to 12 fields: an id, a time, a word, an object, a list of objects, a text with a
//! pattern, numbers and texts.

use serde_json::{Value, json};

/// How many events a domain and a service have.
pub(crate) const TOGETHER: usize = 10;

/// The files of a catalog of so many events; `is_edited` if its first one has one more field than before.
pub(crate) fn files(events: usize, is_edited: bool) -> Vec<(String, String)> {
    let mut files = vec![("catalog.yaml".to_owned(), "catalog: scale\n".to_owned())];
    let groups = events.div_ceil(TOGETHER);
    for group in 0..groups {
        let ids = |group: usize| {
            let numbers = group * TOGETHER..events.min((group + 1) * TOGETHER);
            numbers.map(|number| id(group, number)).collect::<Vec<_>>()
        };
        let next = (group + 1) % groups;
        files.push((format!("d{group}/domain.yaml"), format!("domain: d{group}\n")));
        let service = json!({
            "service": format!("s{group}"),
            "publishes": ids(group),
            "subscriptions": { "intake": { "events": ids(next) } },
        });
        files.push((format!("services/s{group}.yaml"), service.to_string()));
    }
    for number in 0..events {
        let group = number / TOGETHER;
        let event = json!({
            "event": id(group, number),
            "summary": format!("Number {number} was changed."),
            "versions": { "1.0": {
                "payload": payload(number, is_edited && number == 0),
                "examples": [example(number)],
            } },
        });
        files.push((format!("d{group}/e{number}.yaml"), event.to_string()));
    }
    files
}

fn id(group: usize, number: usize) -> String {
    format!("d{group}.thing{number}.changed")
}

/// The schema of an event.
fn payload(number: usize, is_edited: bool) -> Value {
    let text = |words: &str| json!({ "type": "string", "description": words });
    let mut schema = json!({
        "type": "object",
        "required": ["id", "at", "status", "address", "lines", "code", "amount"],
        "properties": {
            "id": { "type": "string", "format": "uuid", "description": "What was changed." },
            "at": { "type": "string", "format": "date-time", "description": "When." },
            "status": { "type": "string", "enum": ["open", "paid", "sent", "closed"] },
            "address": {
                "type": "object",
                "required": ["street", "city", "country"],
                "properties": {
                    "street": text("With its number."),
                    "city": text("With its district."),
                    "country": text("Two letters."),
                    "postal_code": text("Where there are some."),
                },
            },
            "lines": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["sku", "quantity", "price"],
                    "properties": {
                        "sku": text("Stock keeping unit."),
                        "quantity": { "type": "integer", "minimum": 0 },
                        "price": { "type": "number" },
                    },
                },
            },
            "code": { "type": "string", "pattern": "^[A-Z]{3}-[0-9]{4}$" },
            "amount": { "type": "integer", "minimum": 0 },
            "note": text("What was said."),
        },
    });
    let more = [
        ("tags", json!({ "type": "array", "items": { "type": "string" } })),
        ("weight", json!({ "type": "number" })),
        ("urgent", json!({ "type": "boolean" })),
        ("reference", text("Of somebody else.")),
    ];
    for (name, field) in more.into_iter().take(number % 5) {
        schema["properties"][name] = field;
    }
    if is_edited {
        schema["properties"]["edited"] = text("Added since.");
    }
    schema
}

fn example(number: usize) -> Value {
    json!({
        "id": "019cadd3-8782-7db2-b428-1a2d94af3083",
        "at": "2026-03-02T09:14:07Z",
        "status": "open",
        "address": { "street": "Hauptstrasse 12", "city": "Frankfurt", "country": "DE" },
        "lines": [{ "sku": "MUG", "quantity": number, "price": 19.5 }],
        "code": "ABC-0001",
        "amount": number,
    })
}
