//! Streams that clients take for buckets.

use crate::codes::{Code, Fixtures, Level};
use crate::lint::{Findings, Rule, Scope};
use crate::model::Catalog;

pub(in crate::lint) const RULE: Rule = Rule {
    code: Code {
        id: "T314",
        name: "bucket-name",
        level: Level::Warn,
        configurable: true,
        explanation: "Clients and tools take a stream whose name begins with `KV_` for a key-value bucket, and one with `OBJ_` for an object store: it would be listed, watched and deleted as one.",
        fixtures: Fixtures::Catalogs { failing: FAILING, passing: PASSING },
    },
    scope: Scope::Part,
    check,
};

const PREFIXES: [&str; 2] = ["KV_", "OBJ_"];

fn check(catalog: &Catalog, findings: &mut Findings<'_>) {
    for stream in catalog.streams.values() {
        if let Some(prefix) = PREFIXES.into_iter().find(|prefix| stream.name.starts_with(prefix)) {
            let message = format!(
                "the stream `{}` looks like a bucket: it begins with `{prefix}`",
                stream.name
            );
            findings
                .push(RULE.code.at(stream.span, message).help("give the stream another `name`"));
        }
    }
}

const FAILING: &str = r#"
# kv/domain.yaml
domain: kv
"#;

const PASSING: &str = r#"
# kv/domain.yaml
domain: kv
stream: { name: EVENTS_OF_KV }
"#;
