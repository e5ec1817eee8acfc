//! Personal data that cannot be encrypted, or whose loss could not be shown.

use crate::codes::{Code, Fixtures, Level};
use crate::lint::{Findings, Rule, Scope};
use crate::model::{Catalog, Scope as Names};

pub(in crate::lint) const RULE: Rule = Rule {
    code: Code {
        id: "T319",
        name: "encryption",
        level: Level::Error,
        configurable: false,
        explanation: "What is encrypted can be erased, by deleting the key of its organization, and events must be read afterwards all the same. So there must be organizations, and each value must be one that can be missing: an optional or nullable one is then not there, and a plain string that is always there says that it was erased. Lists and objects that must be there are encrypted value by value.",
        fixtures: Fixtures::Catalogs { failing: FAILING, passing: PASSING },
    },
    scope: Scope::Part,
    check,
};

fn check(catalog: &Catalog, findings: &mut Findings<'_>) {
    for event in catalog.events.values().filter(|event| !event.encrypt.is_empty()) {
        let place = event.places.get("encrypt").unwrap_or(event.span);
        let mut encrypts = false;
        for version in event.majors().into_values() {
            if findings.is_gap(version.payload.span) {
                continue;
            }
            let scope = Names::version(catalog, version);
            let (found, refused) = scope.encrypted(&version.payload, &event.encrypt);
            encrypts |= !found.is_empty();
            for one in refused {
                let message = format!(
                    "`{}` of version {} of `{}` cannot be encrypted: it {}",
                    one.pointer, version.id, event.id, one.why
                );
                findings.push(
                    RULE.code
                        .at(one.span, message)
                        .labelled("this value")
                        .and(place, "encrypted because of this")
                        .help(one.help),
                );
            }
        }
        if encrypts && catalog.tenancy.is_none() {
            let message = format!(
                "`{}` is encrypted with the key of its organization, and has none",
                event.id
            );
            findings.push(
                RULE.code
                    .at(place, message)
                    .help("add `tenancy: { attribute: organization_id }` to catalog.yaml"),
            );
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
versions:
  1.0:
    payload: { type: object, required: [born], properties: { born: { type: string, format: date, x-pii: direct } } }
"#;

const PASSING: &str = r#"
# catalog.yaml
catalog: shop
tenancy: { attribute: organization_id }
personal_data: { encrypt: [direct] }
# orders/created.yaml
event: orders.order.created
versions:
  1.0:
    payload:
      type: object
      required: [email]
      properties: { email: { type: string, x-pii: direct }, born: { type: string, format: date, x-pii: direct } }
"#;
