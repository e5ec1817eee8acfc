//! Thresholds and bounds of claim checks that do not do what they say.

use std::collections::BTreeSet;

use crate::codes::{Code, Fixtures, Level};
use crate::facts;
use crate::lint::{Findings, Rule, Scope};
use crate::model::{Catalog, Stream};

pub(in crate::lint) const RULE: Rule = Rule {
    code: Code {
        id: "T342",
        name: "claim-check-threshold",
        level: Level::Warn,
        configurable: true,
        explanation: "A payload that lies apart from its message costs three messages more, at least. A message is compressed first, if it is large enough for that, and put aside if it is still too large; what the server would refuse is put aside in any case. So the threshold of claim checks is above that of compression, and below the server's `max_payload`, 1 MiB by default.",
        fixtures: Fixtures::Catalogs { failing: FAILING, passing: PASSING },
    },
    scope: Scope::Part,
    check,
};

/// Below, a message is better off with its payload.
const SMALLEST: u64 = 4 << 10;
/// The server's default `max_payload`.
const LARGEST: u64 = 1 << 20;

fn check(catalog: &Catalog, findings: &mut Findings<'_>) {
    let mut reported = BTreeSet::new();
    for stream in catalog.streams.values() {
        let Some((key, message, help)) = fault(stream) else { continue };
        let span = stream.places.get(key).unwrap_or(stream.span);
        if reported.insert(span) {
            findings.push(RULE.code.at(span, message).help(help));
        }
    }
}

/// What is wrong with a stream's settings, where, and what to write instead.
fn fault(stream: &Stream) -> Option<(&'static str, String, String)> {
    const THRESHOLD: &str = "payloads/claim_check_above";
    let (name, payloads) = (&stream.name, stream.payloads);
    let Some(claim_check) = payloads.claim_check else {
        payloads.max_bytes?;
        let message = format!("`{name}` bounds a bucket of large payloads, and has none");
        let help = "write `claim_check_above` beside it, or leave `max_bytes` out";
        return Some(("payloads/max_bytes", message, help.to_owned()));
    };
    let above = claim_check.above?;
    let size = facts::size(above);
    let (message, help) = match payloads.compress_above {
        Some(compressed) if compressed >= above => (
            format!(
                "`{name}` puts payloads aside above {size}, before it would compress them above {}",
                facts::size(compressed)
            ),
            format!("write a `compress_above` below `{size}`, or `claim_check_above: max_payload`"),
        ),
        _ if above < SMALLEST => (
            format!("`{name}` puts payloads aside that are hardly larger than {size}"),
            "write `4KiB` or more; `512KiB` is a good beginning".to_owned(),
        ),
        _ if above >= LARGEST => (
            format!(
                "`{name}` puts payloads aside above {size}, and servers refuse messages of more than 1MiB"
            ),
            "write `max_payload`, which is whatever the server takes".to_owned(),
        ),
        _ => return None,
    };
    Some((THRESHOLD, message, help))
}

const FAILING: &str = r#"
# orders/domain.yaml
domain: orders
stream: { payloads: { compress_above: 64KiB, claim_check_above: 64KiB } }
"#;

const PASSING: &str = r#"
# orders/domain.yaml
domain: orders
stream: { payloads: { compress_above: 64KiB, claim_check_above: max_payload } }
"#;
