//! Partitions without a key to divide by.

use crate::codes::{Code, Fixtures, Level};
use crate::lint::{Findings, Rule, Scope};
use crate::model::Catalog;

pub(in crate::lint) const RULE: Rule = Rule {
    code: Code {
        id: "T318",
        name: "idle-partitions",
        level: Level::Warn,
        configurable: true,
        explanation: "A stream divides events by their key, and none of its events has one: nothing is divided.",
        fixtures: Fixtures::Catalogs { failing: FAILING, passing: PASSING },
    },
    scope: Scope::Whole,
    check,
};

fn check(catalog: &Catalog, findings: &mut Findings<'_>) {
    for stream in catalog.streams.values() {
        let Some(partitions) = stream.partitions else { continue };
        let mut events = catalog.events.values().filter(|event| {
            catalog.domains.get(&event.domain).is_some_and(|domain| domain.stream == stream.name)
        });
        if events.any(|event| event.partitions.is_some()) {
            continue;
        }
        let place = stream.places.get("partitions").unwrap_or(stream.span);
        findings.push(
            RULE.code
                .at(
                    place,
                    format!(
                        "`{}` has {partitions} partitions and no event with a key",
                        stream.name
                    ),
                )
                .help("write `key: <property>` into the events' files, or leave `partitions` out"),
        );
    }
}

const FAILING: &str = r#"
# orders/domain.yaml
domain: orders
stream: { partitions: 8 }
# orders/created.yaml
event: orders.order.created
versions: { 1.0: { payload: { type: object } } }
"#;

const PASSING: &str = r#"
# orders/domain.yaml
domain: orders
stream: { partitions: 8 }
# orders/created.yaml
event: orders.order.created
key: id
versions: { 1.0: { payload: { type: object, required: [id], properties: { id: { type: string } } } } }
"#;
