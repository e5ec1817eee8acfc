//! Numbers of copies that no cluster can keep.

use std::collections::BTreeSet;

use crate::codes::{Code, Fixtures, Level};
use crate::lint::{Findings, Rule, Scope};
use crate::model::Catalog;

pub(in crate::lint) const RULE: Rule = Rule {
    code: Code {
        id: "T306",
        name: "replicas",
        level: Level::Error,
        configurable: true,
        explanation: "A stream has one copy, or an odd number of them, so that a majority can agree: 1, 3 or 5.",
        fixtures: Fixtures::Catalogs { failing: FAILING, passing: PASSING },
    },
    scope: Scope::Part,
    check,
};

fn check(catalog: &Catalog, findings: &mut Findings<'_>) {
    let mut reported = BTreeSet::new();
    for stream in catalog.streams.values() {
        for held in stream.everywhere() {
            let replicas = held.limits.replicas;
            let span = held.place("replicas").unwrap_or(stream.span);
            // A default that is wrong is wrong for every stream; it is reported once.
            if matches!(replicas, 1 | 3 | 5) || !reported.insert(span) {
                continue;
            }
            let message = format!("a stream cannot have {replicas} replicas{}", held.suffix());
            findings.push(RULE.code.at(span, message).help("write 1, 3 or 5"));
        }
    }
}

const FAILING: &str = r#"
# orders/domain.yaml
domain: orders
stream: { replicas: 2 }
"#;

const PASSING: &str = r#"
# orders/domain.yaml
domain: orders
stream: { replicas: 3 }
"#;
