//! Conversions that give no payload of the version that they lead to.

use crate::codes::{Code, Fixtures, Level};
use crate::lint::{Findings, Rule, Scope, conversion};
use crate::model::Catalog;

pub(in crate::lint) const RULE: Rule = Rule {
    code: Code {
        id: "T513",
        name: "conversion-result",
        level: Level::Error,
        configurable: false,
        explanation: "What a conversion makes of any payload of one version is a payload of the other: all that is required is there and of the right type, and nothing is lost unsaid. It is judged by the two schemas, and by doing it with every example.",
        fixtures: Fixtures::Catalogs { failing: FAILING, passing: PASSING },
    },
    scope: Scope::Part,
    check,
};

fn check(catalog: &Catalog, findings: &mut Findings<'_>) {
    for case in conversion::cases(catalog) {
        for flaw in case.judge(findings.gaps()).result {
            findings.push(flaw.of(&RULE.code));
        }
    }
}

const FAILING: &str = r#"
# orders/created.yaml
event: orders.order.created
versions:
  1.0:
    payload: { type: object, required: [total], properties: { total: { type: number } } }
  2.0:
    upcast: { from: 1.0 }
    payload: { type: object, required: [total, currency], properties: { total: { type: number }, currency: { type: string } } }
"#;

const PASSING: &str = r#"
# orders/created.yaml
event: orders.order.created
versions:
  1.0:
    payload: { type: object, required: [total], properties: { total: { type: number } } }
  2.0:
    upcast: { from: 1.0, set: { currency: EUR } }
    payload: { type: object, required: [total, currency], properties: { total: { type: number }, currency: { type: string } } }
"#;
