use serde_json::json;
use tidings_codegen::facts::duration;
use tidings_codegen::model::{Catalog, Retention, Service, Start, Subscription};

use super::channel::channel_ref;
use super::{message, reference, tags};
use crate::yaml::{Mapping, Node};

/// What a service sends and receives, by the operation's id.
pub(super) fn operations(catalog: &Catalog, service: &Service) -> Vec<(String, Mapping)> {
    let mut operations = Vec::new();
    for published in &service.publishes {
        let id = format!("{}.send.{}.v{}", service.name, published.event, published.major);
        let mut operation = operation(catalog, service, "send", &published.event, published.major);
        operation.insert("x-tidings-service", service.name.as_str());
        operations.push((id, operation));
    }
    for subscription in service.subscriptions.values() {
        for event in &subscription.events {
            let id =
                format!("{}.{}.{}.v{}", service.name, subscription.name, event.event, event.major);
            let mut operation = operation(catalog, service, "receive", &event.event, event.major);
            operation.insert_some("summary", subscription.summary.as_deref());
            operation.insert("x-tidings-service", service.name.as_str());
            operation.insert("x-tidings-subscription", facts(catalog, service, subscription));
            operations.push((id, operation));
        }
    }
    operations
}

fn operation(
    catalog: &Catalog,
    service: &Service,
    action: &str,
    event: &str,
    major: u16,
) -> Mapping {
    let mut operation = Mapping::from_iter([("action", action)]);
    operation.insert("channel", channel_ref(event));
    let versions = catalog.events.get(event).into_iter().flat_map(|event| event.versions.keys());
    let messages = versions.filter(|version| version.major == major).map(|version| {
        reference(&format!("#/channels/{event}/messages/{}", message::local_key(*version)))
    });
    operation.insert("messages", messages.collect::<Vec<Node>>());
    operation.insert("tags", tags(&service.name, service.owner.as_deref()));
    operation
}

/// The JetStream part of a subscription. `retry` and `deadLetter` are named as in the draft of AsyncAPI's own.
fn facts(catalog: &Catalog, service: &Service, subscription: &Subscription) -> Mapping {
    let retry = &subscription.retry;
    let dead_letters = &catalog.dead_letters;
    let mut facts = Mapping::default();
    facts.insert("name", subscription.name.as_str());
    facts.insert("durable", subscription.durable.as_str());
    facts.insert("stream", subscription.stream.as_str());
    facts.insert("filters", json!(subscription.filters));
    facts.insert("concurrency", subscription.concurrency);
    facts.insert("ordered_by_key", subscription.ordered_by_key);
    facts.insert("ack_wait", duration(subscription.ack_wait));
    facts.insert("handler_timeout", duration(subscription.handler_timeout));
    facts.insert("max_ack_pending", subscription.max_ack_pending);
    facts.insert("start", start(subscription.start));
    let mut retries = Mapping::from_iter([("attempts", retry.attempts)]);
    let backoff: Vec<String> = retry.backoff.iter().map(|delay| duration(*delay)).collect();
    retries.insert("backoff", json!(backoff));
    retries.insert("jitter", json!(retry.jitter));
    facts.insert("retry", retries);
    facts.insert(
        "breaker",
        match subscription.breaker {
            Some(breaker) => {
                json!({ "failures": breaker.failures, "pause": duration(breaker.pause) })
            }
            None => json!("off"),
        },
    );
    facts.insert(
        "idempotent",
        match subscription.retention {
            Some(Retention(retention)) if subscription.idempotent => {
                let retention = retention.map_or_else(|| "unlimited".to_owned(), duration);
                json!({ "retention": retention })
            }
            _ => json!(subscription.idempotent),
        },
    );
    let lag = subscription.alerts.lag.map_or_else(|| json!("off"), |lag| json!(lag));
    let p95 = subscription.alerts.handler_p95.map_or_else(|| "off".to_owned(), duration);
    facts.insert("alerts", json!({ "lag": lag, "handler_p95": p95 }));
    let mut dead_letter = Mapping::from_iter([("stream", dead_letters.stream.as_str())]);
    let subject = format!("{}.{}.{}.>", dead_letters.subject, service.name, subscription.name);
    dead_letter.insert("subject", subject);
    facts.insert("deadLetter", dead_letter);
    facts
}

fn start(start: Start) -> &'static str {
    match start {
        Start::All => "all",
        Start::New => "new",
    }
}
