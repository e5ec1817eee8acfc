//! A stream divides its events otherwise, or a subscription reads the partitions otherwise.

use crate::codes::{Code, Fixtures, Level};
use crate::compat::change::{Changes, Part};
use crate::compat::pairs::subscriptions;
use crate::compat::rule::{Check, Hurts, Rule, Tier};
use crate::compat::snapshot::Snapshot;

pub(in crate::compat) static RULE: Rule = Rule {
    code: Code {
        id: "T821",
        name: "partitions-changed",
        level: Level::Error,
        configurable: true,
        explanation: "A key would be in another partition than its earlier events: they could be handled in another order, and what waits in a partition that is no more would not be handled at all. The way out: stop publishing, wait until the subscriptions that keep the order are idle (`Tidings::idle`), acknowledge the break, start every service anew, and delete the durables of the partitions that are no more. To divide a stream that was not divided is no break: what is stored belongs to the first partition, whose durable is the one that there was.",
        fixtures: Fixtures::Edits { released: RELEASED, failing: FAILING, passing: PASSING },
    },
    tier: Tier::Topology,
    hurts: Hurts::READERS,
    check: Check::Catalogs(check),
};

fn check(before: &Snapshot, after: &Snapshot, changes: &mut Changes) {
    for (name, old) in &before.streams {
        let Some((new, count)) = after.streams.get(name).zip(old.partitions) else { continue };
        if new.partitions != old.partitions {
            let text = match new.partitions {
                Some(now) => format!("`{name}` had {count} partitions and has {now}"),
                None => format!("`{name}` had {count} partitions and has none"),
            };
            changes.breaks(&RULE, Part::Stream(name.clone()), "partitions", text);
        }
    }
    let divided = |snapshot: &Snapshot, stream: &str| {
        snapshot.streams.get(stream).and_then(|stream| stream.partitions)
    };
    for (service, name, old, new) in subscriptions(before, after) {
        let streams = (divided(before, &old.stream), divided(after, &new.stream));
        // Where the stream changes, that is what is to be said.
        if streams.0.is_some() && streams.0 == streams.1 && old.partitions != new.partitions {
            let durables = |partitions: Option<u16>| partitions.unwrap_or(1);
            let text = format!(
                "`{name}` had {} durables and has {}",
                durables(old.partitions),
                durables(new.partitions)
            );
            let part = Part::Subscription(service.to_owned(), name.to_owned());
            changes.breaks(&RULE, part, "ordered_by_key", text);
        }
    }
}

const RELEASED: &str = r#"
# orders/created.yaml
event: orders.order.created
key: id
versions: { 1.0: { payload: { type: object, properties: { id: { type: string }, region: { type: string } }, required: [id, region] } } }
# orders/domain.yaml
domain: orders
stream: { partitions: 8 }
# services/billing.yaml
service: billing
publishes: [orders.order.created]
subscriptions:
  invoicing: { events: [orders.order.created], ordered_by_key: true }
"#;

const FAILING: &str = r#"
# orders/domain.yaml
domain: orders
stream: { partitions: 4 }
"#;

const PASSING: &str = r#"
# orders/domain.yaml
domain: orders
stream: { partitions: 8, max_age: 30d }
"#;
