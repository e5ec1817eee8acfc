//! Subscriptions that are sent a version newer than any that they take.

use crate::codes::{Code, Fixtures, Level};
use crate::lint::{Findings, Rule, Scope};
use crate::model::{Catalog, Event, Published, Subscription};

pub(in crate::lint) const RULE: Rule = Rule {
    code: Code {
        id: "T420",
        name: "unread-version",
        level: Level::Warn,
        configurable: true,
        explanation: "A service publishes an event in a newer major version than a subscription takes, and in no older one beside it. Old events can be brought to newer versions, not new ones to older versions: each of them would go to the dead letters.",
        fixtures: Fixtures::Catalogs { failing: FAILING, passing: PASSING },
    },
    scope: Scope::Whole,
    check,
};

fn check(catalog: &Catalog, findings: &mut Findings<'_>) {
    let services = catalog.services.values();
    for subscription in services.flat_map(|service| service.subscriptions.values()) {
        for subscribed in &subscription.events {
            let Some(event) = catalog.events.get(&subscribed.event) else { continue };
            let taken = newest_taken(subscription, event);
            // A subscription of several versions is told at the newest.
            if taken != subscribed.major {
                continue;
            }
            let Some((service, published)) = unread(catalog, event, taken) else { continue };
            findings.push(
                RULE.code
                    .at(
                        subscribed.span,
                        format!(
                            "version {taken} of `{}` is taken here, and `{service}` publishes version {}",
                            event.id, published.major
                        ),
                    )
                    .and(published.span, "published here")
                    .help(format!("take the newer one: `{}@{}`", event.id, published.major))
                    .help(format!(
                        "or let version {} be published as the older one too: `also_publish: {{ version: {taken}, … }}`",
                        published.major
                    )),
            );
        }
    }
}

fn newest_taken(subscription: &Subscription, event: &Event) -> u16 {
    let taken = subscription.events.iter().filter(|one| one.event == event.id);
    taken.map(|one| one.major).max().unwrap_or_default()
}

/// Who publishes the event in newer versions only.
fn unread<'c>(catalog: &'c Catalog, event: &Event, taken: u16) -> Option<(&'c str, &'c Published)> {
    let services = catalog.services.values();
    let mut published = services.flat_map(|service| {
        let events = service.publishes.iter().filter(|one| one.event == event.id);
        events.map(|one| (service.name.as_str(), one))
    });
    published.find(|(_, one)| event.published_as(one.major).all(|major| major > taken))
}

const FAILING: &str = r#"
# orders/created.yaml
event: orders.order.created
versions:
  1.0: { payload: { type: object } }
  2.0: { upcast: { from: 1.0 }, payload: { type: object } }
# services/mail.yaml
service: mail
publishes: [orders.order.created]
subscriptions: { letters: { events: [orders.order.created@1] } }
"#;

const PASSING: &str = r#"
# orders/created.yaml
event: orders.order.created
versions:
  1.0: { payload: { type: object } }
  2.0: { upcast: { from: 1.0 }, also_publish: { version: 1 }, payload: { type: object } }
# services/mail.yaml
service: mail
publishes: [orders.order.created]
subscriptions: { letters: { events: [orders.order.created@1] } }
"#;
