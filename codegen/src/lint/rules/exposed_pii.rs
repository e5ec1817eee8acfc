//! Personal data outside of payloads.

use crate::codes::{Code, Fixtures, Level};
use crate::lint::property::{find, is_encrypted};
use crate::lint::{Findings, Rule, Scope};
use crate::model::Catalog;

pub(in crate::lint) const RULE: Rule = Rule {
    code: Code {
        id: "T310",
        name: "exposed-pii",
        level: Level::Warn,
        configurable: true,
        explanation: "Subjects and keys stand outside of the payload: in logs, metrics, consumer names and permissions, where nothing redacts or encrypts them.",
        fixtures: Fixtures::Catalogs { failing: FAILING, passing: PASSING },
    },
    scope: Scope::Part,
    check,
};

fn check(catalog: &Catalog, findings: &mut Findings<'_>) {
    for event in catalog.events.values() {
        let key = event.key.as_deref().map(|key| ("key", key, event.places.get("key")));
        let subject =
            event.subject.properties().map(|name| ("subject", name, Some(event.subject.span)));
        for (what, name, span) in key.into_iter().chain(subject) {
            // That is said by another rule, and is no matter of taste.
            if is_encrypted(catalog, event, name) {
                continue;
            }
            let Some(personal) = event
                .versions
                .values()
                .rev()
                .filter_map(|version| find(catalog, version, name))
                .find(|(property, schema)| property.schema.pii.or(schema.pii).is_some())
            else {
                continue;
            };
            findings.push(
                RULE.code
                    .at(
                        span.unwrap_or(event.span),
                        format!("the {what} shows `{name}`, which is personal data"),
                    )
                    .and(personal.0.span, "marked with `x-pii`")
                    .help("use an id that means nothing outside of the system"),
            );
        }
    }
}

const FAILING: &str = r#"
# orders/created.yaml
event: orders.order.created
key: email
versions:
  1.0:
    payload: { type: object, required: [email], properties: { email: { type: string, x-pii: direct } } }
"#;

const PASSING: &str = r#"
# orders/created.yaml
event: orders.order.created
key: order_id
versions:
  1.0:
    payload: { type: object, required: [order_id], properties: { order_id: { type: string }, email: { type: string, x-pii: direct } } }
"#;
