//! Thresholds at which compression gains nothing, or comes too late.

use std::collections::BTreeSet;

use crate::codes::{Code, Fixtures, Level};
use crate::facts;
use crate::lint::{Findings, Rule, Scope};
use crate::model::Catalog;

pub(in crate::lint) const RULE: Rule = Rule {
    code: Code {
        id: "T341",
        name: "compression-threshold",
        level: Level::Warn,
        configurable: true,
        explanation: "Of a message of some hundred bytes, compression saves less than the header that tells of it costs. And the server refuses what is larger than its `max_payload`, 1 MiB by default: a threshold above it leaves out what would have fitted compressed.",
        fixtures: Fixtures::Catalogs { failing: FAILING, passing: PASSING },
    },
    scope: Scope::Part,
    check,
};

/// Below, there is nothing to gain.
const SMALLEST: u64 = 1 << 10;
/// The server's default `max_payload`.
const LARGEST: u64 = 1 << 20;

fn check(catalog: &Catalog, findings: &mut Findings<'_>) {
    let mut reported = BTreeSet::new();
    for stream in catalog.streams.values() {
        let Some(threshold) = stream.payloads.compress_above else { continue };
        let span = stream.places.get("payloads/compress_above").unwrap_or(stream.span);
        let (name, size) = (&stream.name, facts::size(threshold));
        let (message, help) = if threshold < SMALLEST {
            let message = format!("`{name}` compresses what is hardly larger than {size}");
            (message, "write `1KiB` or more; `64KiB` is a good beginning")
        } else if threshold >= LARGEST {
            let message = format!(
                "`{name}` compresses only what is larger than {size}, and servers refuse messages of more than 1MiB"
            );
            (message, "write less than `1MiB`; `64KiB` is a good beginning")
        } else {
            continue;
        };
        if reported.insert(span) {
            findings.push(RULE.code.at(span, message).help(help));
        }
    }
}

const FAILING: &str = r#"
# orders/domain.yaml
domain: orders
stream: { payloads: { compress_above: 100B } }
"#;

const PASSING: &str = r#"
# orders/domain.yaml
domain: orders
stream: { payloads: { compress_above: 64KiB } }
"#;
