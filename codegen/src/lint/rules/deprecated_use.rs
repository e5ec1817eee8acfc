//! Deprecated versions that services still use.

use crate::codes::{Code, Fixtures, Level};
use crate::lint::{Findings, Rule, Scope};
use crate::model::Catalog;

pub(in crate::lint) const RULE: Rule = Rule {
    code: Code {
        id: "T412",
        name: "deprecated-use",
        level: Level::Warn,
        configurable: true,
        explanation: "A service sends or receives a version that should not be used any more.",
        fixtures: Fixtures::Catalogs { failing: FAILING, passing: PASSING },
    },
    scope: Scope::Part,
    check,
};

fn check(catalog: &Catalog, findings: &mut Findings<'_>) {
    for service in catalog.services.values() {
        let published =
            service.publishes.iter().map(|one| ("publishes", one.span, &one.event, one.major));
        let consumed = service
            .subscriptions
            .values()
            .flat_map(|subscription| &subscription.events)
            .map(|one| ("consumes", one.span, &one.event, one.major));
        for (does, span, id, major) in published.chain(consumed) {
            let Some(event) = catalog.events.get(id) else { continue };
            let Some(version) = event.majors().remove(&major) else { continue };
            let Some(deprecation) = &version.deprecated else { continue };
            let mut finding = RULE
                .code
                .at(
                    span,
                    format!(
                        "`{}` {does} `{id}` in version {}, which is deprecated",
                        service.name, version.id
                    ),
                )
                .and(version.span, deprecation.because.clone().unwrap_or_default());
            if let Some(instead) = deprecation.instead {
                finding = finding.help(format!("write `{id}@{}`", instead.major));
            }
            findings.push(finding);
        }
    }
}

const FAILING: &str = r#"
# orders/created.yaml
event: orders.order.created
versions:
  1.0: { deprecated: { use: 2.0 }, payload: { type: object } }
  2.0: { payload: { type: object } }
# services/orders.yaml
service: orders
publishes: [orders.order.created@1]
"#;

const PASSING: &str = r#"
# orders/created.yaml
event: orders.order.created
versions:
  1.0: { deprecated: { use: 2.0 }, payload: { type: object } }
  2.0: { payload: { type: object } }
# services/orders.yaml
service: orders
publishes: [orders.order.created@2]
"#;
