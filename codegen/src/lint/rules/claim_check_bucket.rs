//! Streams whose bucket of large payloads cannot be named after them.

use crate::codes::{Code, Fixtures, Level};
use crate::lint::{Findings, Rule, Scope};
use crate::model::Catalog;

pub(in crate::lint) const RULE: Rule = Rule {
    code: Code {
        id: "T343",
        name: "claim-check-bucket",
        level: Level::Error,
        configurable: false,
        explanation: "Payloads that lie apart from their messages are in a bucket that is called after their stream. Clients take letters, digits, `_` and `-` in the name of a bucket, and the runtime 200 of them at most.",
        fixtures: Fixtures::Catalogs { failing: FAILING, passing: PASSING },
    },
    scope: Scope::Part,
    check,
};

const LONGEST: usize = 200;

fn check(catalog: &Catalog, findings: &mut Findings<'_>) {
    for (stream, bucket) in catalog.payload_buckets() {
        let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
        if bucket.name.len() > LONGEST || !bucket.name.chars().all(fits) {
            let name = bucket.name.escape_debug();
            let message = format!("`{name}` cannot be the name of a bucket");
            let help = "give the stream another `name`, of letters, digits, `_` and `-`";
            findings.push(RULE.code.at(stream.span, message).help(help));
        }
    }
}

const FAILING: &str = r#"
# orders/domain.yaml
domain: orders
stream: { name: ORDERS+RETURNS, payloads: { claim_check_above: max_payload } }
"#;

const PASSING: &str = r#"
# orders/domain.yaml
domain: orders
stream: { name: ORDERS_RETURNS, payloads: { claim_check_above: max_payload } }
"#;
