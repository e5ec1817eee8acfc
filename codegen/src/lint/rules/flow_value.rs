//! Values of an event in a flow that the event cannot have.

use crate::codes::{Code, Fixtures, Level};
use crate::lint::conformance::Checker;
use crate::lint::{Findings, Rule, Scope, property};
use crate::model::{self, Catalog, Event, Happening, KnownValue, Version};
use crate::syntax::closest;

pub(in crate::lint) const RULE: Rule = Rule {
    code: Code {
        id: "T434",
        name: "flow-value",
        level: Level::Error,
        configurable: true,
        explanation: "`with` names properties of the event in the version in which it is published, each with a value that its schema accepts.",
        fixtures: Fixtures::Catalogs { failing: FAILING, passing: PASSING },
    },
    scope: Scope::Part,
    check,
};

fn check(catalog: &Catalog, findings: &mut Findings<'_>) {
    for step in catalog.flows.values().flat_map(model::Flow::all_steps) {
        let Happening::Event { event, major, with, .. } = &step.what else { continue };
        let Some(event) = catalog.events.get(event) else { continue };
        let Some(version) = event.majors().get(major).copied() else { continue };
        if findings.is_gap(version.payload.span) {
            continue;
        }
        for known in with {
            value(catalog, event, version, known, findings);
        }
    }
}

fn value(
    catalog: &Catalog,
    event: &Event,
    version: &Version,
    known: &KnownValue,
    findings: &mut Findings<'_>,
) {
    let name = known.property.as_str();
    let scope = model::Scope::version(catalog, version);
    let Some((property, _)) = property::find(catalog, version, name) else {
        let message = format!("`{}` has no property `{name}` in version {}", event.id, version.id);
        let finding = RULE.code.at(known.span, message).and(version.span, "this version");
        let properties = scope.properties(&version.payload).iter();
        let meant = closest(name, properties.map(|property| property.name.as_str()));
        findings.push(match meant {
            Some(meant) => finding.labelled(format!("did you mean `{meant}`?")),
            None => finding.help("name a property of the payload itself, not one within another"),
        });
        return;
    };
    let checker = Checker::new(scope, "the value", findings.gaps());
    for mismatch in checker.check(&known.value.value, &property.schema) {
        let span = mismatch.place(&known.value.places).unwrap_or(known.value.span);
        let mut finding = RULE.code.at(span, mismatch.message);
        if let Some(schema) = mismatch.schema {
            finding = finding.and(schema, "the schema");
        }
        finding.help.extend(mismatch.help);
        findings.push(finding);
    }
}

const FAILING: &str = r#"
# orders/status.yaml
event: orders.order.status_changed
versions:
  1.0: { payload: { type: object, properties: { status: { enum: [paid, shipped] } } } }
# services/shop.yaml
service: shop
publishes: [orders.order.status_changed]
# flows/order.yaml
flow: order
steps:
  - event: orders.order.status_changed
    when: the money has come
    with: { status: payed }
"#;

const PASSING: &str = r#"
# orders/status.yaml
event: orders.order.status_changed
versions:
  1.0: { payload: { type: object, properties: { status: { enum: [paid, shipped] } } } }
# services/shop.yaml
service: shop
publishes: [orders.order.status_changed]
# flows/order.yaml
flow: order
steps:
  - event: orders.order.status_changed
    when: the money has come
    with: { status: paid }
"#;
