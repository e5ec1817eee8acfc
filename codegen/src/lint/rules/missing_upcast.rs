//! Subscriptions that old events cannot reach.

use std::collections::BTreeMap;

use crate::codes::{Code, Fixtures, Level};
use crate::lint::{Findings, Rule, Scope};
use crate::model::{Catalog, Event, Upcast};
use crate::source::Span;

pub(in crate::lint) const RULE: Rule = Rule {
    code: Code {
        id: "T514",
        name: "missing-upcast",
        level: Level::Error,
        configurable: true,
        explanation: "A subscription takes a newer major version of an event that has older ones. Streams keep old events, and publishers move at their own pace: each link from an older version to the newer one is written down, or it is said that there is none.",
        fixtures: Fixtures::Catalogs { failing: FAILING, passing: PASSING },
    },
    scope: Scope::Whole,
    check,
};

fn check(catalog: &Catalog, findings: &mut Findings<'_>) {
    // Each missing link once, whoever misses it.
    let mut missing: BTreeMap<(&str, u16), (&Event, u16, Span)> = BTreeMap::new();
    let services = catalog.services.values();
    for subscription in services.flat_map(|service| service.subscriptions.values()) {
        for subscribed in &subscription.events {
            let Some(event) = catalog.events.get(&subscribed.event) else { continue };
            let own = |major: u16| {
                let mut events = subscription.events.iter();
                events.any(|one| one.event == event.id && one.major == major)
            };
            if let Some((major, before)) = gap(event, subscribed.major, own) {
                missing.entry((&event.id, major)).or_insert((event, before, subscribed.span));
            }
        }
    }
    for ((id, major), (event, before, subscribed)) in missing {
        let Some(version) = event.of_major(major).next() else { continue };
        let from = event.of_major(before).last().map_or(version.id, |older| older.id);
        findings.push(
            RULE.code
                .at(version.span, format!("no upcast leads from {from} to {} of `{id}`", version.id))
                .labelled("this version")
                .and(subscribed, format!("version {major} is received here"))
                .help(format!("write how: `upcast: {{ from: {from}, rename: …, set: … }}`"))
                .help(format!(
                    "or calculate it: `upcast: {{ from: {from}, by: rust }}` and `impl Upcast<v{before}::{name}> for v{major}::{name}`",
                    name = event.rust_name
                ))
                .help(format!(
                    "or give them up: `upcast: none`; then events of version {before} and older go to the dead letters"
                )),
        );
    }
}

/// The first major version, from the newest, that lacks a word about the one before it, and that one.
fn gap(event: &Event, newest: u16, own: impl Fn(u16) -> bool) -> Option<(u16, u16)> {
    let majors = event.majors();
    let mut major = newest;
    loop {
        let (before, _) = majors.range(..major).next_back()?;
        // Those that are received as they are need no link.
        if own(*before) {
            return None;
        }
        match event.upcast(major) {
            None => return Some((major, *before)),
            Some(Upcast::None { .. }) => return None,
            Some(Upcast::Link(link)) => major = link.from.major,
        }
    }
}

const FAILING: &str = r#"
# orders/created.yaml
event: orders.order.created
versions:
  1.0: { payload: { type: object } }
  2.0: { payload: { type: object } }
# services/mail.yaml
service: mail
publishes: [orders.order.created]
subscriptions: { letters: { events: [orders.order.created@2] } }
"#;

const PASSING: &str = r#"
# orders/created.yaml
event: orders.order.created
versions:
  1.0: { payload: { type: object } }
  2.0: { upcast: { from: 1.0 }, payload: { type: object } }
# services/mail.yaml
service: mail
publishes: [orders.order.created]
subscriptions: { letters: { events: [orders.order.created@2] } }
"#;
