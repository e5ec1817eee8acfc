//! Events that no stream stores.

use crate::codes::{Code, Fixtures, Level};
use crate::lint::{Findings, Rule, Scope};
use crate::model::Catalog;
use crate::subject::covers;
use crate::syntax::list;

pub(in crate::lint) const RULE: Rule = Rule {
    code: Code {
        id: "T303",
        name: "subject-not-captured",
        level: Level::Error,
        configurable: false,
        explanation: "The stream of the event's domain does not capture its subject: published, it would be stored nowhere.",
        fixtures: Fixtures::Catalogs { failing: FAILING, passing: PASSING },
    },
    scope: Scope::Part,
    check,
};

fn check(catalog: &Catalog, findings: &mut Findings<'_>) {
    for event in catalog.events.values() {
        let Some(domain) = catalog.domains.get(&event.domain) else { continue };
        let Some(stream) = catalog.streams.get(&domain.stream) else { continue };
        if stream.domain.as_ref() != Some(&domain.name) {
            // Another's stream, which is a mistake of its own.
            continue;
        }
        let place = stream.places.get("subjects").unwrap_or(stream.span);
        if findings.is_gap(place) {
            continue;
        }
        let is_captured =
            |filter: &String| stream.subjects.iter().any(|subject| covers(subject, filter));
        let Some(lost) = event.filters().find(|filter| !is_captured(filter)) else { continue };
        if lost != event.subject.filter() {
            findings.push(
                RULE.code
                    .at(
                        event.subject.span,
                        format!("no stream stores the partitions of `{}`", event.id),
                    )
                    .and(place, format!("`{}` captures {}", stream.name, list(&stream.subjects)))
                    .help(format!(
                        "add `{lost}` to the stream's `subjects`: the partition stands there"
                    )),
            );
            continue;
        }
        findings.push(
            RULE.code
                .at(event.subject.span, format!("no stream stores `{}`", event.subject.template()))
                .and(place, format!("`{}` captures {}", stream.name, list(&stream.subjects)))
                .help(format!(
                    "begin the subject with `{}.`, or add it to the stream's `subjects`",
                    domain.name
                )),
        );
    }
}

const FAILING: &str = r#"
# orders/created.yaml
event: orders.order.created
subject: shop.order.created
versions: { 1.0: { payload: { type: object } } }
"#;

const PASSING: &str = r#"
# orders/created.yaml
event: orders.order.created
subject: orders.eu.created
versions: { 1.0: { payload: { type: object } } }
"#;
