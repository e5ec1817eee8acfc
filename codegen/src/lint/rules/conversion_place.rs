//! Steps of a conversion that find something else than they should at their place.

use crate::codes::{Code, Fixtures, Level};
use crate::lint::{Findings, Rule, Scope, conversion};
use crate::model::Catalog;

pub(in crate::lint) const RULE: Rule = Rule {
    code: Code {
        id: "T512",
        name: "conversion-place",
        level: Level::Error,
        configurable: false,
        explanation: "The steps of a conversion name what is there: properties of the version that they begin with, and values of its enums. The keys are done in the order `rename`, `move`, `drop`, `map`, `set`, `default`, and each sees what those before it left.",
        fixtures: Fixtures::Catalogs { failing: FAILING, passing: PASSING },
    },
    scope: Scope::Part,
    check,
};

fn check(catalog: &Catalog, findings: &mut Findings<'_>) {
    for case in conversion::cases(catalog) {
        for flaw in case.judge(findings.gaps()).places {
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
    upcast: { from: 1.0, rename: { totl: amount } }
    payload: { type: object, required: [amount], properties: { amount: { type: number } } }
"#;

const PASSING: &str = r#"
# orders/created.yaml
event: orders.order.created
versions:
  1.0:
    payload: { type: object, required: [total], properties: { total: { type: number } } }
  2.0:
    upcast: { from: 1.0, rename: { total: amount } }
    payload: { type: object, required: [amount], properties: { amount: { type: number } } }
"#;
