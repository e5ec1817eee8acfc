//! Ids that are remembered for days.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::codes::{Code, Fixtures, Level};
use crate::lint::words::in_words;
use crate::lint::{Findings, Rule, Scope};
use crate::model::Catalog;

pub(in crate::lint) const RULE: Rule = Rule {
    code: Code {
        id: "T317",
        name: "long-duplicate-window",
        level: Level::Warn,
        configurable: true,
        explanation: "The server holds the id of every message in memory for as long as the duplicate window is: a day of a busy stream fills gigabytes. Publishers try for half a minute; for later copies, handlers have to be idempotent.",
        fixtures: Fixtures::Catalogs { failing: FAILING, passing: PASSING },
    },
    scope: Scope::Part,
    check,
};

const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

fn check(catalog: &Catalog, findings: &mut Findings<'_>) {
    let mut reported = BTreeSet::new();
    for stream in catalog.streams.values() {
        for held in stream.everywhere() {
            let window = held.limits.duplicate_window;
            let span = held.place("duplicate_window").unwrap_or(stream.span);
            if window > LONGEST && reported.insert(span) {
                let name = &stream.name;
                let message = format!(
                    "`{name}` holds ids in memory for {}{}",
                    in_words(window),
                    held.suffix()
                );
                let help = "an hour suffices for publishers; write `1h`, or `24h` at most";
                findings.push(RULE.code.at(span, message).help(help));
            }
        }
    }
}

const FAILING: &str = r#"
# orders/domain.yaml
domain: orders
stream: { duplicate_window: 7d }
"#;

const PASSING: &str = r#"
# orders/domain.yaml
domain: orders
stream: { duplicate_window: 1h }
"#;
