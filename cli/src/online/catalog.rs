//! The catalog as the runtime has it from generated code: what [`tidings_codegen::emit`] writes as constants, as values.

use std::collections::BTreeMap;

use tidings::catalog as runtime;
use tidings_codegen::model;

use super::events;

/// What generated code would say of this catalog, apart from how one version of an event is made from another. It lives as long as the process, like generated code.
pub(crate) fn in_runtime(catalog: &model::Catalog) -> &'static runtime::Catalog {
    let dead_letters = dead_letters(&catalog.dead_letters);
    let streams = catalog.streams.values();
    let streams = streams.map(|one| {
        let own = stream(&one.name, &one.subjects, &one.limits, &one.environments, ownership(one));
        runtime::StreamSpec { bulk: one.bulk, ..own }
    });
    let managed = runtime::Ownership::Managed;
    let payload_buckets = catalog.payload_buckets().map(|(_, bucket)| {
        let (name, subjects) = (bucket.stream(), bucket.subjects());
        stream(&name, &subjects, &bucket.limits, &bucket.environments, managed)
    });
    let subscriptions = catalog.services.values().flat_map(|service| {
        let subscriptions = service.subscriptions.values();
        subscriptions.map(move |one| leaked(subscription(catalog, service, one, dead_letters)))
    });
    let advised = catalog.dead_letters.advisories_of(&catalog.streams);
    let like = &catalog.streams[&catalog.dead_letters.stream];
    let name = catalog.dead_letters.advisories();
    let advisories = stream(&name, &advised, &like.limits, &like.environments, managed);
    leaked(runtime::Catalog {
        name: text(&catalog.name),
        streams: list(streams),
        events: events::specs(catalog),
        subscriptions: list(subscriptions),
        payload_buckets: list(payload_buckets),
        buckets: list(catalog.buckets().into_iter().map(text)),
        dead_letters,
        advisories: leaked(advisories),
    })
}

fn ownership(stream: &model::Stream) -> runtime::Ownership {
    match stream.ownership {
        model::Ownership::Managed => runtime::Ownership::Managed,
        model::Ownership::External => runtime::Ownership::External,
    }
}

fn stream(
    name: &str,
    subjects: &[String],
    own: &model::StreamLimits,
    environments: &BTreeMap<String, model::StreamLimits>,
    ownership: runtime::Ownership,
) -> runtime::StreamSpec {
    let environments = environments.iter();
    runtime::StreamSpec {
        name: text(name),
        subjects: texts(subjects),
        ownership,
        bulk: false,
        limits: limits(own),
        environments: list(environments.map(|(name, changed)| (text(name), limits(changed)))),
    }
}

fn limits(limits: &model::StreamLimits) -> runtime::StreamLimits {
    let model::StreamLimits { storage, max_age, max_bytes, replicas, duplicate_window } = *limits;
    let storage = match storage {
        model::Storage::File => runtime::Storage::File,
        model::Storage::Memory => runtime::Storage::Memory,
    };
    runtime::StreamLimits { storage, max_age, max_bytes, replicas, duplicate_window }
}

fn dead_letters(dead_letters: &model::DeadLetters) -> runtime::DeadLetterSpec {
    runtime::DeadLetterSpec {
        stream: text(&dead_letters.stream),
        subject: text(&dead_letters.subject),
        redrive_subject: text(&dead_letters.redrive_subject()),
    }
}

fn subscription(
    catalog: &model::Catalog,
    service: &model::Service,
    subscription: &model::Subscription,
    dead_letters: runtime::DeadLetterSpec,
) -> runtime::SubscriptionSpec {
    let (redrive, filter) = catalog.dead_letters.redrive_of(&service.name, subscription);
    let partitions = subscription.partitions.iter().map(|one| runtime::PartitionSpec {
        durable: text(&one.durable),
        filters: texts(&one.filters),
    });
    runtime::SubscriptionSpec {
        service: text(&service.name),
        name: text(&subscription.name),
        durable: text(&subscription.durable),
        stream: text(&subscription.stream),
        filters: texts(&subscription.filters),
        partitions: list(partitions),
        concurrency: subscription.concurrency as usize,
        ordered_by_key: subscription.ordered_by_key,
        ack_wait: subscription.ack_wait,
        handler_timeout: subscription.handler_timeout,
        max_ack_pending: subscription.max_ack_pending,
        start: match subscription.start {
            model::Start::All => runtime::Start::All,
            model::Start::New => runtime::Start::New,
        },
        validate: subscription.validate,
        idempotent: subscription.idempotent,
        inbox_retention: catalog.remembered(subscription),
        retry: runtime::RetrySpec {
            attempts: subscription.retry.attempts,
            backoff: list(subscription.retry.backoff.iter().copied()),
            jitter: subscription.retry.jitter.clamp(0.0, 1.0),
        },
        breaker: subscription.breaker.map(|breaker| runtime::BreakerSpec {
            failures: breaker.failures,
            pause: breaker.pause,
        }),
        dead_letters,
        redrive: runtime::RedriveSpec { durable: text(&redrive), filters: texts(&[filter]) },
    }
}

pub(super) fn leaked<T>(value: T) -> &'static T {
    Box::leak(Box::new(value))
}

pub(super) fn list<T>(values: impl Iterator<Item = T>) -> &'static [T] {
    values.collect::<Vec<T>>().leak()
}

pub(super) fn text(text: &str) -> &'static str {
    text.to_owned().leak()
}

fn texts(texts: &[String]) -> &'static [&'static str] {
    list(texts.iter().map(|one| text(one)))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn it_is_what_generated_code_says() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../event-catalog");
        let compilation = tidings_codegen::compile(&folder).expect("the samples");
        assert!(!compilation.has_errors());
        // Of the events, `events` speaks.
        let read = runtime::Catalog { events: &[], ..*in_runtime(&compilation.catalog) };
        let generated = runtime::Catalog { events: &[], ..event_catalog::CATALOG };
        assert_eq!(format!("{read:#?}"), format!("{generated:#?}"));
    }
}
