//! Streams that would take in the server's own subjects.

use crate::codes::{Code, Fixtures, Level};
use crate::lint::{Findings, Rule, Scope};
use crate::model::Catalog;
use crate::subject::is_system;

pub(in crate::lint) const RULE: Rule = Rule {
    code: Code {
        id: "T312",
        name: "system-subject",
        level: Level::Error,
        configurable: false,
        explanation: "A stream whose subjects begin with a wildcard takes in `$JS` and `$SYS`, the server's own subjects, which it refuses (10052). One on `_INBOX` would store every reply of every client.",
        fixtures: Fixtures::Catalogs { failing: FAILING, passing: PASSING },
    },
    scope: Scope::Part,
    check,
};

fn check(catalog: &Catalog, findings: &mut Findings<'_>) {
    for stream in catalog.streams.values() {
        let Some(subject) = stream.subjects.iter().find(|subject| is_system(subject)) else {
            continue;
        };
        findings.push(
            RULE.code
                .at(
                    stream.places.get("subjects").unwrap_or(stream.span),
                    format!(
                        "`{}` takes in the server's own subjects with `{subject}`",
                        stream.name
                    ),
                )
                .help("begin each subject with a word of your own: `orders.>`"),
        );
    }
}

const FAILING: &str = r#"
# orders/domain.yaml
domain: orders
stream: { subjects: ["*.orders.>", orders.>] }
"#;

const PASSING: &str = r#"
# orders/domain.yaml
domain: orders
stream: { subjects: [orders.>, "eu.orders.>"] }
"#;
