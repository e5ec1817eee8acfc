//! Streams and subscriptions, as constants.

use std::collections::BTreeMap;
use std::time::Duration;

use proc_macro2::{Literal, TokenStream};
use quote::{ToTokens as _, format_ident, quote};

use super::{EventTypes, Part, names};
use crate::model::{
    Catalog, DeadLetters, Event, Ownership, Partition, Service, Start, Storage, Stream,
    StreamLimits, Subscription,
};

/// `CATALOG`.
pub(super) fn emit(catalog: &Catalog, part: &Part<'_>, types: &EventTypes) -> TokenStream {
    let name = &catalog.name;
    let streams = catalog.streams.values().map(stream);
    let payload_buckets = catalog.payload_buckets().map(|(_, bucket)| {
        let (name, subjects) = (bucket.stream(), bucket.subjects());
        let (limits, environments) = (&bucket.limits, &bucket.environments);
        stream_spec(&name, &subjects, limits, environments, Ownership::Managed, false)
    });
    let advisories = advisories(catalog);
    let buckets = catalog.buckets();
    let buckets = buckets.iter();
    let subscriptions = catalog.services.values().flat_map(|service| {
        let module = names::ident(&service.name);
        service.subscriptions.values().map(move |found| {
            if !part.has_service(&service.name) {
                let spec = subscription(catalog, service, found);
                return quote!(&#spec);
            }
            let subscription = names::ident(&found.name);
            quote!(<#module::#subscription::Subscription as ::tidings::Subscription>::SPEC)
        })
    });
    let emitted = |event: &'_ Event, major: u16| types.contains(&(event.id.clone(), major));
    let mut is_deprecated = false;
    let mut events = Vec::new();
    for event in catalog.events.values() {
        for (major, version) in event.majors() {
            if emitted(event, major) {
                is_deprecated |= version.deprecated.is_some();
                let (domain, name) = (names::ident(&event.domain), names::ident(&event.rust_name));
                let module = format_ident!("v{major}");
                events.push(quote!(<#domain::#module::#name as ::tidings::Event>::SPEC));
            }
        }
    }
    let allow = is_deprecated.then(|| quote!(#[allow(deprecated)]));
    let dead_letters = dead_letters(&catalog.dead_letters);
    quote! {
        /// Streams, events and subscriptions of the catalog.
        #allow
        pub static CATALOG: ::tidings::catalog::Catalog = ::tidings::catalog::Catalog {
            name: #name,
            streams: &[#(#streams),*],
            events: &[#(#events),*],
            subscriptions: &[#(#subscriptions),*],
            payload_buckets: &[#(#payload_buckets),*],
            buckets: &[#(#buckets),*],
            dead_letters: #dead_letters,
            advisories: &#advisories,
        };
    }
}

/// The specification of one subscription.
pub(super) fn subscription(
    catalog: &Catalog,
    service: &Service,
    subscription: &Subscription,
) -> TokenStream {
    let service = &service.name;
    let Subscription { name, durable, stream, filters, ordered_by_key, validate, .. } =
        subscription;
    let concurrency = Literal::u32_unsuffixed(subscription.concurrency);
    let max_ack_pending = Literal::u32_unsuffixed(subscription.max_ack_pending);
    let ack_wait = duration(subscription.ack_wait);
    let handler_timeout = duration(subscription.handler_timeout);
    let start = match subscription.start {
        Start::All => quote!(::tidings::catalog::Start::All),
        Start::New => quote!(::tidings::catalog::Start::New),
    };
    let attempts = Literal::u32_unsuffixed(subscription.retry.attempts);
    let backoff = subscription.retry.backoff.iter().map(|delay| duration(*delay));
    let jitter = Literal::f64_unsuffixed(subscription.retry.jitter.clamp(0.0, 1.0));
    let breaker = option(subscription.breaker.map(|breaker| {
        let failures = Literal::u32_unsuffixed(breaker.failures);
        let pause = duration(breaker.pause);
        quote!(::tidings::catalog::BreakerSpec { failures: #failures, pause: #pause })
    }));
    let idempotent = subscription.idempotent;
    let inbox_retention = option(catalog.remembered(subscription).map(duration));
    let partitions = subscription.partitions.iter().map(|Partition { durable, filters }| {
        quote!(::tidings::catalog::PartitionSpec { durable: #durable, filters: &[#(#filters),*] })
    });
    let (redrive_durable, redrive_filter) = catalog.dead_letters.redrive_of(service, subscription);
    let dead_letters = dead_letters(&catalog.dead_letters);
    quote! {
        ::tidings::catalog::SubscriptionSpec {
            service: #service,
            name: #name,
            durable: #durable,
            stream: #stream,
            filters: &[#(#filters),*],
            partitions: &[#(#partitions),*],
            concurrency: #concurrency,
            ordered_by_key: #ordered_by_key,
            ack_wait: #ack_wait,
            handler_timeout: #handler_timeout,
            max_ack_pending: #max_ack_pending,
            start: #start,
            validate: #validate,
            idempotent: #idempotent,
            inbox_retention: #inbox_retention,
            retry: ::tidings::catalog::RetrySpec {
                attempts: #attempts,
                backoff: &[#(#backoff),*],
                jitter: #jitter,
            },
            breaker: #breaker,
            dead_letters: #dead_letters,
            redrive: ::tidings::catalog::RedriveSpec {
                durable: #redrive_durable,
                filters: &[#redrive_filter],
            },
        }
    }
}

/// What an event says about large payloads, where its stream says anything.
pub(super) fn payloads(catalog: &Catalog, event: &Event) -> Option<TokenStream> {
    let domain = catalog.domains.get(&event.domain)?;
    let payloads = catalog.streams.get(&domain.stream)?.payloads;
    if payloads.compress_above.is_none() && payloads.claim_check.is_none() {
        return None;
    }
    let compressed = payloads.compress_above.map(|above| {
        let above = Literal::u64_unsuffixed(above);
        quote!(.compress_above(#above))
    });
    let claimed = payloads.claim_check.map(|claim_check| match claim_check.above {
        Some(above) => {
            let above = Literal::u64_unsuffixed(above);
            quote!(.claim_check_above(#above))
        }
        None => quote!(.claim_check()),
    });
    Some(quote!(.with_payloads(::tidings::catalog::PayloadSpec::AS_THEY_ARE #compressed #claimed)))
}

fn stream(stream: &Stream) -> TokenStream {
    let Stream { name, subjects, limits, environments, ownership, bulk, .. } = stream;
    stream_spec(name, subjects, limits, environments, *ownership, *bulk)
}

/// The stream of the server's advisories about the catalog's streams, as long-lived as the dead letters.
fn advisories(catalog: &Catalog) -> TokenStream {
    let dead_letters = &catalog.dead_letters;
    let subjects = dead_letters.advisories_of(&catalog.streams);
    let Stream { limits, environments, .. } = &catalog.streams[&dead_letters.stream];
    let name = dead_letters.advisories();
    stream_spec(&name, &subjects, limits, environments, Ownership::Managed, false)
}

fn stream_spec(
    name: &str,
    subjects: &[String],
    own: &StreamLimits,
    environments: &BTreeMap<String, StreamLimits>,
    ownership: Ownership,
    bulk: bool,
) -> TokenStream {
    let ownership = match ownership {
        Ownership::Managed => quote!(::tidings::catalog::Ownership::Managed),
        Ownership::External => quote!(::tidings::catalog::Ownership::External),
    };
    let own = limits(own);
    let environments = environments.iter().map(|(environment, limited)| {
        let limits = limits(limited);
        quote!((#environment, #limits))
    });
    quote! {
        ::tidings::catalog::StreamSpec {
            name: #name,
            subjects: &[#(#subjects),*],
            ownership: #ownership,
            bulk: #bulk,
            limits: #own,
            environments: &[#(#environments),*],
        }
    }
}

fn limits(limits: &StreamLimits) -> TokenStream {
    let storage = match limits.storage {
        Storage::File => quote!(::tidings::catalog::Storage::File),
        Storage::Memory => quote!(::tidings::catalog::Storage::Memory),
    };
    let max_age = option(limits.max_age.map(duration));
    let max_bytes =
        option(limits.max_bytes.map(|bytes| Literal::u64_unsuffixed(bytes).into_token_stream()));
    let replicas = Literal::u8_unsuffixed(limits.replicas);
    let duplicate_window = duration(limits.duplicate_window);
    quote! {
        ::tidings::catalog::StreamLimits {
            storage: #storage,
            max_age: #max_age,
            max_bytes: #max_bytes,
            replicas: #replicas,
            duplicate_window: #duplicate_window,
        }
    }
}

fn option(value: Option<TokenStream>) -> TokenStream {
    match value {
        Some(value) => quote!(::core::option::Option::Some(#value)),
        None => quote!(::core::option::Option::None),
    }
}

fn duration(duration: Duration) -> TokenStream {
    if duration.subsec_nanos() == 0 {
        let seconds = Literal::u64_unsuffixed(duration.as_secs());
        quote!(::core::time::Duration::from_secs(#seconds))
    } else {
        let millis = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
        let millis = Literal::u64_unsuffixed(millis);
        quote!(::core::time::Duration::from_millis(#millis))
    }
}

fn dead_letters(dead_letters: &DeadLetters) -> TokenStream {
    let DeadLetters { stream, subject } = dead_letters;
    let redrive_subject = dead_letters.redrive_subject();
    quote! {
        ::tidings::catalog::DeadLetterSpec {
            stream: #stream,
            subject: #subject,
            redrive_subject: #redrive_subject,
        }
    }
}
