//! Parameters of subjects that the payload cannot fill.

use crate::codes::{Code, Fixtures, Level};
use crate::lint::property::{Problem, scalar_property};
use crate::lint::{Findings, Rule, Scope};
use crate::model::{Catalog, Format, Shape, Version};

pub(in crate::lint) const RULE: Rule = Rule {
    code: Code {
        id: "T308",
        name: "subject-parameter",
        level: Level::Error,
        configurable: false,
        explanation: "A parameter of the subject is filled from the payload: by a property that every version requires, and whose text is one token.",
        fixtures: Fixtures::Catalogs { failing: FAILING, passing: PASSING },
    },
    scope: Scope::Part,
    check,
};

fn check(catalog: &Catalog, findings: &mut Findings<'_>) {
    for event in catalog.events.values() {
        for name in event.subject.properties() {
            for version in event.versions.values() {
                if let Some(problem) = problem(catalog, version, name, findings) {
                    let finding = RULE
                        .code
                        .at(event.subject.span, format!("`{{{name}}}` {}", problem.message))
                        .and(problem.span, problem.label);
                    let aggregate = catalog.aggregate_of(event);
                    let finding = match aggregate.filter(|aggregate| aggregate.id == name) {
                        Some(aggregate) => finding
                            .and(aggregate.id_span, format!("the id of each `{}`", aggregate.name)),
                        None => finding,
                    };
                    findings.push(finding.help(problem.help));
                    break;
                }
            }
        }
    }
}

fn problem(
    catalog: &Catalog,
    version: &Version,
    name: &str,
    findings: &Findings<'_>,
) -> Option<Problem> {
    scalar_property(catalog, version, name, findings, |shape| match shape {
        Shape::Integer(_) | Shape::Enum(_) => true,
        Shape::String(text) => !matches!(text.format, Some(Format::DateTime)),
        _ => false,
    })
}

const FAILING: &str = r#"
# orders/created.yaml
event: orders.order.created
subject: orders.{region}.created
versions: { 1.0: { payload: { type: object, properties: { region: { type: string } } } } }
"#;

const PASSING: &str = r#"
# orders/created.yaml
event: orders.order.created
subject: orders.{region}.created
versions: { 1.0: { payload: { type: object, required: [region], properties: { region: { type: string } } } } }
"#;
