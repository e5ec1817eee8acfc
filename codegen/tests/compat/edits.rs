//! Edits of what was released: those that hurt somebody stop the build and name the services, the others pass.

use tidings_codegen::Compilation;
use tidings_codegen::codes::Level;
use tidings_codegen::compat::RULES;
use tidings_codegen::diagnostic::Severity;
use tidings_codegen::fixture;

const RELEASED: &str = "
# catalog.yaml
catalog: shop
tenancy: { attribute: organization_id }
# orders/domain.yaml
domain: orders
stream: { name: ORDERS, max_age: 30d, duplicate_window: 5m }
# orders/order-created.yaml
event: orders.order.created
key: order_id
versions:
  1.0:
    payload:
      type: object
      required: [order_id, region, total, lines, payment]
      properties:
        order_id: { type: string, format: uuid }
        region: { type: string }
        total: { $ref: ../types/money.yaml }
        status: { type: string, enum: [new, paid] }
        note: { type: string, maxLength: 200 }
        count: { type: integer, minimum: 0 }
        rebate: { type: number, maximum: 100 }
        email: { type: string, pattern: '@' }
        tags: { type: array, items: { type: string }, minItems: 1 }
        extras: { type: object, additionalProperties: { type: string } }
        lines:
          type: array
          items: { type: object, required: [sku], properties: { sku: { type: string }, gift: { type: boolean } } }
        payment:
          oneOf:
            - type: object
              required: [by, number]
              properties: { by: { const: card }, number: { type: string } }
            - type: object
              required: [by]
              properties: { by: { const: cash } }
# orders/order-shipped.yaml
event: orders.order.shipped
versions: { 1.0: { payload: { type: object, properties: { parcel: { type: string } } } } }
# types/money.yaml
type: object
required: [cents]
properties: { cents: { type: integer }, currency: { type: string } }
# services/sales.yaml
service: sales
publishes: [orders.order.created, orders.order.shipped]
# services/billing.yaml
service: billing
subscriptions:
  invoicing: { events: [orders.order.created, orders.order.shipped], ordered_by_key: false }
";

/// Replaces a text, which stands once in what was released, and compiles the edit.
fn edited(from: &str, to: &str) -> Compilation {
    assert_eq!(RELEASED.matches(from).count(), 1, "{from}");
    let edited = RELEASED.replacen(from, to, 1);
    // A file that is gone is an empty one in an edit.
    let paths = RELEASED.lines().filter(|line| line.starts_with("# "));
    let gone: String =
        paths.filter(|path| !edited.contains(*path)).map(|path| format!("{path}\n")).collect();
    fixture::edit(RELEASED, &format!("{}{gone}", edited.trim_start()))
}

const BREAKING: [(&str, &str, &str); 27] = [
    ("T601", "        region: { type: string }\n", ""),
    ("T603", "        region: {", "        channel: { type: string }\n        region: {"),
    ("T604", "required: [order_id, region,", "required: [order_id, region, note,"),
    ("T605", "required: [order_id, region, total,", "required: [order_id, region,"),
    ("T606", "region: { type: string }", "region: { type: integer }"),
    ("T607", "rebate: { type: number,", "rebate: { type: integer,"),
    ("T608", "cents: { type: integer }", "cents: { type: number }"),
    ("T610", "region: { type: string }", "region: { type: [string, 'null'] }"),
    ("T611", "enum: [new, paid]", "enum: [new]"),
    ("T612", "enum: [new, paid]", "enum: [new, paid, shipped]"),
    ("T613", "region: { type: string }", "region: { type: string, enum: [eu, us] }"),
    ("T614", "type: string, enum: [new, paid]", "type: string"),
    ("T615", "format: uuid", "format: date"),
    ("T616", "region: { type: string }", "region: { type: string, format: uuid }"),
    ("T617", "type: string, format: uuid", "type: string"),
    ("T618", "pattern: '@'", "pattern: '@shop'"),
    ("T620", "maxLength: 200", "maxLength: 100"),
    ("T620", "minItems: 1", "minItems: 2"),
    ("T622", "type: integer, minimum: 0", "type: integer"),
    ("T604", "required: [sku]", "required: [sku, gift]"),
    (
        "T625",
        "            - type: object\n              required: [by]\n              properties: { by: { const: cash } }\n",
        "            - type: object\n              required: [by]\n              properties: { by: { const: coin } }\n",
    ),
    ("T606", "additionalProperties: { type: string }", "additionalProperties: { type: integer }"),
    ("T803", "key: order_id", "key: order_id\nsubject: orders.{region}.order.created"),
    ("T805", "name: ORDERS,", "name: ALL_ORDERS,"),
    ("T807", "max_age: 30d", "max_age: 7d"),
    ("T810", "key: order_id", "key: region"),
    ("T811", "invoicing:", "invoices:"),
];

#[test]
fn breaking_edits_stop_the_build_and_name_the_services() {
    let mut wrong = Vec::new();
    for (code, from, to) in BREAKING {
        // What must be present is listed beside what describes it.
        let compilation = match code {
            "T601" => edited_twice(from, to, "[order_id, region, total", "[order_id, total"),
            "T603" => edited_twice(
                from,
                to,
                "[order_id, region, total",
                "[order_id, region, channel, total",
            ),
            _ => edited(from, to),
        };
        let found = compilation.diagnostics.iter().find(|one| one.code == code);
        let Some(found) = found else {
            let codes: Vec<&str> = compilation.diagnostics.iter().map(|one| one.code).collect();
            wrong.push(format!("{code}: `{from}` to `{to}` is {codes:?}"));
            continue;
        };
        let help = found.help.join("\n");
        if found.severity != Severity::Error || !help.contains("`billing`") {
            wrong.push(format!("{code}: `{from}` to `{to}`: {found:#?}"));
        }
        if !help.contains("breaks: [{ rule: ") {
            wrong.push(format!("{code} says no way out: {help}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn edited_twice(from: &str, to: &str, from_too: &str, to_too: &str) -> Compilation {
    for text in [from, from_too] {
        assert_eq!(RELEASED.matches(text).count(), 1, "{text}");
    }
    fixture::edit(
        RELEASED,
        RELEASED.replacen(from, to, 1).replacen(from_too, to_too, 1).trim_start(),
    )
}

const HARMLESS: [(&str, &str); 24] = [
    ("        region: {", "        channel: { type: string }\n        region: {"),
    ("        region: {", "        ref: { $ref: ../types/money.yaml }\n        region: {"),
    ("region: { type: string }", "region: { type: string, description: Where it was placed. }"),
    ("region: { type: string }", "region: { type: string, deprecated: true }"),
    ("region: { type: string }", "region: { type: string, examples: [eu] }"),
    ("email: {", "email: { x-pii: direct,"),
    ("enum: [new, paid]", "enum: [paid, new]"),
    ("required: [order_id, region,", "required: [region, order_id,"),
    ("currency: { type: string } }", "currency: { type: string }, rate: { type: number } }"),
    ("gift: { type: boolean }", "gift: { type: boolean }, colour: { type: string }"),
    ("by: { const: cash }", "by: { const: cash }, change: { type: integer }"),
    (
        "event: orders.order.created\n",
        "event: orders.order.created\nsummary: An order was accepted.\n",
    ),
    ("key: order_id", "key: order_id\nsubject: orders.order.created"),
    (
        "    payload:\n      type: object\n      required: [order_id",
        "    summary: The first one.\n    payload:\n      type: object\n      required: [order_id",
    ),
    (
        "versions: { 1.0:",
        "versions: { 1.1: { payload: { type: object, properties: { parcel: { type: string }, weight: { type: number } } } }, 1.0:",
    ),
    ("event: orders.order.shipped\n", "event: orders.order.shipped\ndescription: A parcel left.\n"),
    ("email: { type: string,", "email: { type: string, minLength: 0,"),
    (
        "# types/money.yaml",
        "# orders/order-paid.yaml\nevent: orders.order.paid\nversions: { 1.0: { payload: { type: object } } }\n# types/money.yaml",
    ),
    ("max_age: 30d", "max_age: 60d"),
    ("duplicate_window: 5m", "duplicate_window: 10m"),
    (
        "ordered_by_key: false",
        "ordered_by_key: false, concurrency: 4, ack_wait: 20s, handler_timeout: 10s",
    ),
    ("service: billing", "service: billing\nowner: team-payments"),
    (
        "service: billing\nsubscriptions:",
        "service: billing\nsubscriptions:\n  archive: { events: [orders.order.created] }",
    ),
    ("service: billing", "service: billing\npublishes: [orders.order.shipped]"),
];

#[test]
fn harmless_edits_pass_in_silence() {
    let mut wrong = Vec::new();
    for (from, to) in HARMLESS {
        let compilation = edited(from, to);
        let is_compatibility = |code: &str| RULES.iter().any(|rule| rule.code.id == code);
        let loud = compilation.diagnostics.iter();
        let loud = loud.filter(|one| one.severity == Severity::Error || is_compatibility(one.code));
        wrong.extend(loud.map(|one| format!("`{from}` to `{to}`: {} {}", one.code, one.message)));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What is worth knowing does not stop anybody.
#[test]
fn edits_that_hurt_nobody_for_certain_are_warnings() {
    for (code, from, to) in [
        ("T602", "        note: { type: string, maxLength: 200 }\n", ""),
        ("T621", "maxLength: 200", "maxLength: 400"),
        ("T701", "count: { type: integer,", "count: { type: integer, default: 1,"),
        ("T702", "key: order_id", "key: order_id\nname: OrderPlaced"),
        ("T809", "duplicate_window: 5m", "duplicate_window: 2m"),
        (
            "T816",
            "[orders.order.created, orders.order.shipped], ordered",
            "[orders.order.created], ordered",
        ),
    ] {
        let compilation = edited(from, to);
        assert!(!compilation.has_errors(), "{code}: {:?}", compilation.errors().next());
        assert!(compilation.diagnostics.iter().any(|one| one.code == code), "{code}");
        let rule = RULES.iter().find(|rule| rule.code.id == code).expect("a rule");
        assert_eq!(rule.code.level, Level::Warn);
    }
}

#[test]
fn the_page_of_the_catalog_shows_what_is_acknowledged() {
    let page =
        |compilation: &Compilation| tidings_codegen::emit::markdown::emit(&compilation.catalog);
    assert!(!page(&edited("key: order_id", "key: order_id")).contains("Acknowledged breaks"));
    let entry = "breaks: [{ rule: key-changed, at: key, because: one region at a time, until: 9999-12-31 }]";
    let compilation = edited("key: order_id", &format!("key: region\n{entry}"));
    assert!(!compilation.has_errors(), "{:?}", compilation.errors().next());
    let page = page(&compilation);
    let row = "| `key-changed` | `key` | one region at a time | 9999-12-31 |";
    assert!(page.contains(row) && page.contains("(#breaks)"), "{page}");
}
