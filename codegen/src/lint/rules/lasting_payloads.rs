//! Payloads that nobody ever removes.

use std::collections::BTreeSet;

use crate::codes::{Code, Fixtures, Level};
use crate::lint::{Findings, Rule, Scope};
use crate::model::{Catalog, Stream};

pub(in crate::lint) const RULE: Rule = Rule {
    code: Code {
        id: "T344",
        name: "lasting-payloads",
        level: Level::Warn,
        configurable: true,
        explanation: "Payloads that lie apart from their messages are removed by their age: that of their stream, as an event and before that as a schedule, and that of the dead letters. Where one of these is unlimited, they stay for ever, although `max_bytes` removes the messages; and a bucket that is full refuses what comes.",
        fixtures: Fixtures::Catalogs { failing: FAILING, passing: PASSING },
    },
    scope: Scope::Part,
    check,
};

fn check(catalog: &Catalog, findings: &mut Findings<'_>) {
    let Some(dead_letters) = catalog.streams.get(&catalog.dead_letters.stream) else { return };
    let mut reported = BTreeSet::new();
    for (stream, _) in catalog.payload_buckets() {
        let domain = stream.domain.as_ref().and_then(|domain| catalog.domains.get(domain));
        // What an aggregate is made of is to last.
        if domain.is_some_and(|domain| !domain.aggregates.is_empty()) {
            continue;
        }
        for held in [stream, dead_letters].into_iter().flat_map(Stream::everywhere) {
            if held.limits.max_age.is_some() {
                continue;
            }
            let (own, lasting) = (&stream.name, &held.stream.name);
            let span = held.place("max_age").unwrap_or(held.stream.span);
            if reported.insert(span) {
                let message = format!(
                    "large payloads of `{own}` are never removed: `{lasting}` keeps for ever what refers to them{}",
                    held.suffix()
                );
                let help = "give it a `max_age`, or write `claim_check_above: off`";
                findings.push(RULE.code.at(span, message).help(help));
            }
        }
    }
}

const FAILING: &str = r#"
# orders/domain.yaml
domain: orders
stream: { max_age: unlimited, payloads: { claim_check_above: max_payload } }
"#;

const PASSING: &str = r#"
# orders/domain.yaml
domain: orders
stream: { max_age: 365d, payloads: { claim_check_above: max_payload } }
"#;
