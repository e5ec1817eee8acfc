//! Aggregates whose history the stream forgets.

use std::collections::BTreeSet;

use crate::codes::{Code, Fixtures, Level};
use crate::lint::{Findings, Rule, Scope};
use crate::model::{Catalog, Storage};

pub(in crate::lint) const RULE: Rule = Rule {
    code: Code {
        id: "T337",
        name: "aggregate-expires",
        level: Level::Error,
        configurable: true,
        explanation: "An aggregate is made of all of its events. Once its stream lets go of the first, it cannot be read any more: a snapshot is a short cut and no replacement. So its stream keeps everything, on disk. Where aggregates are short-lived, and nobody asks for one that is older than `max_age`, set this rule to `warn` or `off`.",
        fixtures: Fixtures::Catalogs { failing: FAILING, passing: PASSING },
    },
    scope: Scope::Part,
    check,
};

fn check(catalog: &Catalog, findings: &mut Findings<'_>) {
    for domain in catalog.domains.values() {
        let Some(aggregate) = domain.aggregates.values().next() else { continue };
        let Some(stream) = catalog.streams.get(&domain.stream) else { continue };
        let mut reported = BTreeSet::new();
        for held in stream.everywhere() {
            let limits = held.limits;
            let kept = [
                (limits.max_age.is_some(), "max_age", "unlimited"),
                (limits.max_bytes.is_some(), "max_bytes", "unlimited"),
                (limits.storage == Storage::Memory, "storage", "file"),
            ];
            let kept: Vec<_> = kept
                .into_iter()
                .filter(|(forgets, ..)| *forgets)
                .map(|(_, key, kept)| (key, kept))
                .collect();
            let place = |(key, _): &(&str, &str)| held.place(key).unwrap_or(stream.span);
            let Some(place) = kept.first().map(place).filter(|place| reported.insert(*place))
            else {
                continue;
            };
            let settings: Vec<String> =
                kept.iter().map(|(key, kept)| format!("{key}: {kept}")).collect();
            findings.push(
                RULE.code
                    .at(
                        place,
                        format!(
                            "`{}` lets go of the history of each `{}`{}",
                            stream.name,
                            aggregate.name,
                            held.suffix()
                        ),
                    )
                    .and(aggregate.span, "which is made of all of its events")
                    .help(format!(
                        "write `stream: {{ {} }}` into the file of the domain `{}`",
                        settings.join(", "),
                        domain.name
                    )),
            );
        }
    }
}

const FAILING: &str = r#"
# orders/domain.yaml
domain: orders
stream: { max_age: 7d, max_bytes: unlimited }
aggregates: { order: { id: order_id } }
# orders/created.yaml
event: orders.order.created
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
