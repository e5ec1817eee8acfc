//! Ids that are forgotten while their events are still tried.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::codes::{Code, Fixtures, Level};
use crate::lint::words::in_words;
use crate::lint::{Findings, Rule, Scope};
use crate::model::Catalog;

pub(in crate::lint) const RULE: Rule = Rule {
    code: Code {
        id: "T311",
        name: "short-duplicate-window",
        level: Level::Error,
        configurable: true,
        explanation: "An event is published again with the same id for up to 30 seconds when no answer comes. A window of less than \
                      a minute may have forgotten the id by then, and the event would be stored twice.",
        fixtures: Fixtures::Catalogs { failing: FAILING, passing: PASSING },
    },
    scope: Scope::Part,
    check,
};

/// Twice as long as a publisher tries.
const SHORTEST: Duration = Duration::from_secs(60);

fn check(catalog: &Catalog, findings: &mut Findings<'_>) {
    let mut reported = BTreeSet::new();
    for stream in catalog.streams.values() {
        for held in stream.everywhere() {
            let window = held.limits.duplicate_window;
            let span = held.place("duplicate_window").unwrap_or(stream.span);
            if window >= SHORTEST || !reported.insert(span) {
                continue;
            }
            let message = format!(
                "`{}` remembers ids for only {}{}",
                stream.name,
                in_words(window),
                held.suffix()
            );
            findings.push(
                RULE.code
                    .at(span, message)
                    .help("write `1m` or more: publishing is tried for 30 seconds"),
            );
        }
    }
}

const FAILING: &str = r#"
# orders/domain.yaml
domain: orders
stream: { duplicate_window: 30s }
"#;

const PASSING: &str = r#"
# orders/domain.yaml
domain: orders
stream: { duplicate_window: 1m }
"#;
