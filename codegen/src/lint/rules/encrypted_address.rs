//! Encrypted data that its event's subject or key tells all the same.

use crate::codes::{Code, Fixtures, Level};
use crate::lint::property::is_encrypted;
use crate::lint::{Findings, Rule, Scope};
use crate::model::Catalog;

pub(in crate::lint) const RULE: Rule = Rule {
    code: Code {
        id: "T320",
        name: "encrypted-address",
        level: Level::Error,
        configurable: false,
        explanation: "A subject and a key stand beside the payload and are not encrypted, so that what is in them is still there when the key of the organization was deleted.",
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
            if is_encrypted(catalog, event, name) {
                let span = span.unwrap_or(event.span);
                findings.push(
                    RULE.code
                        .at(span, format!("the {what} shows `{name}`, which is encrypted"))
                        .help("use an id that means nothing outside of the system"),
                );
            }
        }
    }
}

const FAILING: &str = r#"
# catalog.yaml
catalog: shop
tenancy: { attribute: organization_id }
personal_data: { encrypt: [direct] }
# orders/created.yaml
event: orders.order.created
key: email
versions:
  1.0:
    payload: { type: object, required: [email], properties: { email: { type: string, x-pii: direct } } }
"#;

const PASSING: &str = r#"
# catalog.yaml
catalog: shop
tenancy: { attribute: organization_id }
personal_data: { encrypt: [direct] }
# orders/created.yaml
event: orders.order.created
key: email
personal_data: { encrypt: [] }
versions:
  1.0:
    payload: { type: object, required: [email], properties: { email: { type: string, x-pii: direct } } }
"#;
