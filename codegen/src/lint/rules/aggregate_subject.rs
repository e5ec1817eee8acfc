//! Events that do not lie where those of their aggregate are looked for, and others that do.

use crate::codes::{Code, Fixtures, Level};
use crate::lint::{Findings, Rule, Scope};
use crate::model::{Aggregate, Catalog, Event, SubjectToken};
use crate::subject::overlap;

pub(in crate::lint) const RULE: Rule = Rule {
    code: Code {
        id: "T335",
        name: "aggregate-subject",
        level: Level::Error,
        configurable: false,
        explanation: "The history of an aggregate is what lies under its id: `orders.order.{order_id}.>`. All of its events lie there, and nothing else does.",
        fixtures: Fixtures::Catalogs { failing: FAILING, passing: PASSING },
    },
    scope: Scope::Part,
    check,
};

fn check(catalog: &Catalog, findings: &mut Findings<'_>) {
    let aggregates = catalog.domains.values().flat_map(|domain| domain.aggregates.values());
    for aggregate in aggregates {
        for event in catalog.events.values() {
            let (subject, name) = (event.subject.template(), &aggregate.name);
            if aggregate.has(event) {
                if !lies_in(event, aggregate) {
                    findings.push(
                        RULE.code
                            .at(event.subject.span, format!("`{subject}` is no place for an event of `{name}`"))
                            .and(aggregate.id_span, format!("its events lie on `{}`", aggregate.template()))
                            .help("leave `subject` out, or begin it with the types' first two tokens and the id"),
                    );
                }
            } else if event.filters().any(|filter| overlap(&filter, &aggregate.filter())) {
                findings.push(
                    RULE.code
                        .at(event.subject.span, format!("`{subject}` lies among the events of `{name}`"))
                        .and(aggregate.span, format!("`{}` is its history", aggregate.template()))
                        .help(format!(
                            "let the subject begin with other tokens, or the event's type with `{}.`",
                            aggregate.prefix()
                        )),
                );
            }
        }
    }
}

fn lies_in(event: &Event, aggregate: &Aggregate) -> bool {
    let [domain, name, id, _, ..] = event.subject.tokens.as_slice() else { return false };
    let literal = |token: &SubjectToken, text: &str| matches!(token, SubjectToken::Literal(own) if own == text);
    literal(domain, &aggregate.domain)
        && literal(name, &aggregate.name)
        && matches!(id, SubjectToken::Property(own) if *own == aggregate.id)
}

const FAILING: &str = r#"
# orders/domain.yaml
domain: orders
stream: { max_age: unlimited, max_bytes: unlimited }
aggregates: { order: { id: order_id } }
# orders/created.yaml
event: orders.order.created
subject: orders.order.created.{order_id}
versions: { 1.0: { payload: { type: object, required: [order_id], properties: { order_id: { type: string } } } } }
"#;

const PASSING: &str = r#"
# orders/domain.yaml
domain: orders
stream: { max_age: unlimited, max_bytes: unlimited }
aggregates: { order: { id: order_id } }
# orders/created.yaml
event: orders.order.created
versions: { 1.0: { payload: { type: object, required: [order_id], properties: { order_id: { type: string } } } } }
"#;
