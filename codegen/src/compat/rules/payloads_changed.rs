//! Messages of a stream take more to be read.

use crate::codes::{Code, Fixtures, Level};
use crate::compat::change::{Changes, Part};
use crate::compat::rule::{Check, Hurts, Rule, Tier};
use crate::compat::snapshot::Snapshot;

pub(in crate::compat) static RULE: Rule = Rule {
    code: Code {
        id: "T832",
        name: "payloads-changed",
        level: Level::Warn,
        configurable: true,
        explanation: "Readers of other makes have to decompress messages, or to fetch payloads from the Object Store, and every reader needs the permission to: see to them before a publisher is deployed.",
        fixtures: Fixtures::Edits { released: RELEASED, failing: FAILING, passing: PASSING },
    },
    tier: Tier::Topology,
    hurts: Hurts::READERS,
    check: Check::Catalogs(check),
};

fn check(before: &Snapshot, after: &Snapshot, changes: &mut Changes) {
    for (name, old) in &before.streams {
        let Some(new) = after.streams.get(name) else { continue };
        let mut report = |key: &str, was: bool, is: bool, words: &str| {
            if is && !was {
                let text = format!("large {words} now");
                changes.breaks(&RULE, Part::Stream(name.clone()), key, text);
            }
        };
        let (old, new) = (&old.payloads, &new.payloads);
        report(
            "compress_above",
            old.compressed,
            new.compressed,
            &format!("messages of `{name}` are compressed"),
        );
        report(
            "claim_check_above",
            old.apart,
            new.apart,
            &format!("payloads of `{name}` lie in the Object Store"),
        );
    }
}

const RELEASED: &str = r#"
# orders/created.yaml
event: orders.order.created
versions: { 1.0: { payload: { type: object, properties: { id: { type: string } }, required: [id] } } }
# orders/domain.yaml
domain: orders
stream: { max_age: 30d, payloads: { compress_above: 64KiB } }
"#;

const FAILING: &str = r#"
# orders/domain.yaml
domain: orders
stream: { max_age: 30d, payloads: { compress_above: 64KiB, claim_check_above: 512KiB } }
"#;

const PASSING: &str = r#"
# orders/domain.yaml
domain: orders
stream: { max_age: 30d, payloads: { compress_above: 16KiB } }
"#;
