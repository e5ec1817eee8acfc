//! Streams that one event could fill.

use std::collections::BTreeSet;

use crate::codes::{Code, Fixtures, Level};
use crate::lint::{Findings, Rule, Scope};
use crate::model::Catalog;

pub(in crate::lint) const RULE: Rule = Rule {
    code: Code {
        id: "T315",
        name: "tiny-stream",
        level: Level::Warn,
        configurable: true,
        explanation: "An event may have 1 MiB, the server's default `max_payload`. A stream that holds less refuses it, or drops all others for it; and the server takes `0B` for no limit at all.",
        fixtures: Fixtures::Catalogs { failing: FAILING, passing: PASSING },
    },
    scope: Scope::Part,
    check,
};

/// The server's default `max_payload`.
const LARGEST_EVENT: u64 = 1 << 20;

fn check(catalog: &Catalog, findings: &mut Findings<'_>) {
    let mut reported = BTreeSet::new();
    for stream in catalog.streams.values() {
        for held in stream.everywhere() {
            let Some(bytes) = held.limits.max_bytes.filter(|bytes| *bytes < LARGEST_EVENT) else {
                continue;
            };
            let span = held.place("max_bytes").unwrap_or(stream.span);
            if reported.insert(span) {
                let name = &stream.name;
                let message = format!(
                    "`{name}` holds {bytes} bytes{}, less than one event may have",
                    held.suffix()
                );
                let help = "write `1MiB` or more, or `unlimited`";
                findings.push(RULE.code.at(span, message).help(help));
            }
        }
    }
}

const FAILING: &str = r#"
# orders/domain.yaml
domain: orders
stream: { max_bytes: 64KiB }
"#;

const PASSING: &str = r#"
# orders/domain.yaml
domain: orders
stream: { max_bytes: 64MiB }
"#;
