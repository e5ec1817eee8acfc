//! Subscriptions: what each receives, and what happens when its handler fails.

use std::fmt::Write as _;

use super::super::reading::failure;
use super::text::{Table, anchor, code, heading, link, list, paragraph};
use crate::facts;
use crate::model::{Catalog, Service, Start, Subscription};

pub(super) fn has_any(catalog: &Catalog) -> bool {
    catalog.services.values().any(|service| !service.subscriptions.is_empty())
}

/// All of them side by side.
pub(super) fn section(out: &mut String, catalog: &Catalog) {
    if !has_any(catalog) {
        return;
    }
    let letters = &catalog.dead_letters;
    heading(out, 2, "subscriptions", "Subscriptions");
    let _ = write!(
        out,
        "Each is one durable consumer, which all instances of its service share. A handler that answers with an error gets \
         the event again, after the delays given here. What fails for the last time, or is rejected, or cannot be read, \
         becomes a dead letter: it is stored in {} as {}, byte for byte and with the reason, before its own stream lets go \
         of it. `tidings dlq list` shows dead letters, `tidings dlq replay` hands them to their subscription again.\n\n",
        link("stream", &letters.stream),
        code(&format!("{}.<service>.<subscription>.<event>", letters.subject)),
    );
    let mut table =
        Table::new(&["Subscription", "Order", "At once", "Deliveries", "Time for each"]);
    for service in catalog.services.values() {
        for subscription in service.subscriptions.values() {
            table.row([
                link("subscription", &subscription.durable),
                facts::order(subscription).to_owned(),
                subscription.concurrency.to_string(),
                facts::retry(&subscription.retry),
                facts::duration(subscription.handler_timeout),
            ]);
        }
    }
    table.write(out);
}

/// One of a service's.
pub(super) fn subscription(
    out: &mut String,
    catalog: &Catalog,
    service: &Service,
    subscription: &Subscription,
) {
    let anchor = anchor("subscription", &subscription.durable);
    heading(out, 4, &anchor, &format!("Receives in {}", code(&subscription.name)));
    paragraph(out, subscription.summary.as_deref());
    let mut table = Table::new(&["", ""]);
    for (name, value) in facts(catalog, service, subscription) {
        table.row([format!("**{name}**"), value]);
    }
    table.write(out);
}

/// What is to be known of a subscription, in the order in which readers ask for it.
pub(in crate::emit) fn facts(
    catalog: &Catalog,
    service: &Service,
    subscription: &Subscription,
) -> Vec<(&'static str, String)> {
    let received = subscription.events.iter();
    let received = received.map(|received| version(catalog, &received.event, received.major));
    let further = match subscription.partitions.last() {
        Some(last) if last.durable != subscription.durable => {
            format!(" to {}", code(&last.durable))
        }
        _ => String::new(),
    };
    let timeout = facts::duration(subscription.handler_timeout);
    let mut failing = failure::again(&subscription.retry);
    if subscription.retry.attempts > 1 {
        let _ = write!(failing, "; {}", failure::meanwhile(subscription));
    }
    let invalid = if subscription.validate { "dead letters at once" } else { "handled" };
    vec![
        ("Events", list(received)),
        ("When a handler fails", failing),
        ("In the end", failure::last(catalog, service, subscription)),
        ("When all fail", format!("it pauses: {}", facts::breaker(subscription.breaker))),
        ("Order", facts::order(subscription).to_owned()),
        ("At once", format!("up to {} in each instance", subscription.concurrency)),
        (
            "Time",
            format!(
                "{timeout} for a handler; the server waits {} for a sign of life",
                facts::duration(subscription.ack_wait)
            ),
        ),
        (
            "Begins",
            match subscription.start {
                Start::All => "with all events that its stream holds",
                Start::New => "with events that come after it was created",
            }
            .to_owned(),
        ),
        ("Invalid payloads", invalid.to_owned()),
        ("Repeated events", facts::repeated(catalog, subscription)),
        ("Stream", link("stream", &subscription.stream)),
        ("Durable", format!("{}{further}", code(&subscription.durable))),
        ("Filters", list(subscription.filters.iter().map(|filter| code(filter)))),
    ]
}

/// An event, with its version where that is not the newest.
fn version(catalog: &Catalog, event: &str, major: u16) -> String {
    let newest = catalog.events.get(event).map(|event| event.newest().id.major);
    let link = link("event", event);
    if newest == Some(major) { link } else { format!("{link} (version {major})") }
}
