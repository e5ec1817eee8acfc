//! The stream of a measurement, and the consumers on it.

use std::time::Duration;

use tidings::catalog::{
    Catalog, DeadLetterSpec, Ownership, RedriveSpec, RetrySpec, Start, Storage, StreamLimits,
    StreamSpec, SubscriptionSpec,
};
use tidings::{EventSpec, ServiceSpec, Tidings, Uuid, Version};

use super::{Bench, Sample};
use crate::failure::Failure;
use crate::online::explained::because;

/// What is left of a measurement whose process was killed goes by itself after so long.
const AGE: Duration = Duration::from_secs(3_600);

/// What is laid for a measurement, and removed after it.
pub(super) struct Track {
    catalog: &'static Catalog,
    pub(super) service: &'static ServiceSpec,
    /// One for each sample.
    pub(super) events: Vec<&'static EventSpec>,
}

impl Track {
    pub(super) fn new(bench: &Bench, samples: &[Sample]) -> Self {
        let id = Uuid::now_v7().simple().to_string();
        let (name, prefix) = (leak(format!("TIDINGS_BENCH_{id}")), format!("tidings_bench_{id}"));
        let limits = || StreamLimits {
            storage: match bench.storage {
                super::Storage::File => Storage::File,
                super::Storage::Memory => Storage::Memory,
            },
            max_age: Some(AGE),
            max_bytes: None,
            replicas: bench.replicas.get(),
            duplicate_window: Duration::from_secs(120),
        };
        let stream = |name: &'static str, subjects: Vec<&'static str>| StreamSpec {
            name,
            subjects: subjects.leak(),
            ownership: Ownership::Managed,
            bulk: false,
            limits: limits(),
            environments: &[],
        };
        let dead_letters = DeadLetterSpec {
            stream: name,
            subject: leak(format!("{prefix}_dlq")),
            redrive_subject: leak(format!("{prefix}_redrive")),
        };
        let below = |subject: &str| leak(format!("{subject}.>"));
        let events: Vec<&'static EventSpec> = samples
            .iter()
            .map(|sample| {
                let (event_type, version) = (leak(sample.event.clone()), Version::new(1, 0));
                let subject = leak(format!("{prefix}.{event_type}"));
                let schema = leak(format!("urn:tidings-bench:{event_type}"));
                &*Box::leak(Box::new(EventSpec::new(
                    event_type,
                    version,
                    schema,
                    name,
                    subject,
                    &[],
                )))
            })
            .collect();
        let subscriptions = events.iter().enumerate().map(|(place, event)| {
            let durable = leak(format!("bench-{place}"));
            let redrive = leak(format!("{durable}-redrive"));
            let again = leak(format!("{}.bench.{place}.>", dead_letters.redrive_subject));
            &*Box::leak(Box::new(SubscriptionSpec {
                service: "bench",
                name: leak(place.to_string()),
                durable,
                stream: name,
                filters: vec![event.filter].leak(),
                partitions: &[],
                concurrency: bench.concurrency.get().into(),
                ordered_by_key: false,
                ack_wait: Duration::from_secs(30),
                handler_timeout: Duration::from_secs(20),
                max_ack_pending: 10_000,
                start: Start::All,
                validate: false,
                idempotent: false,
                inbox_retention: None,
                retry: RetrySpec { attempts: 1, backoff: &[], jitter: 0.0 },
                breaker: None,
                dead_letters,
                redrive: RedriveSpec { durable: redrive, filters: vec![again].leak() },
            }))
        });
        let subscriptions: Vec<&'static SubscriptionSpec> = subscriptions.collect();
        let subjects =
            vec![below(&prefix), below(dead_letters.subject), below(dead_letters.redrive_subject)];
        let advised = leak(format!("$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.{name}.>"));
        let advisories = stream(leak(format!("{name}_ADVISORIES")), vec![advised]);
        let catalog = Catalog {
            name: "tidings-bench",
            streams: vec![stream(name, subjects)].leak(),
            events: &[],
            subscriptions: subscriptions.leak(),
            payload_buckets: &[],
            buckets: &[],
            dead_letters,
            advisories: Box::leak(Box::new(advisories)),
        };
        let service = Box::leak(Box::new(ServiceSpec::new("bench", "/tidings/bench", false)));
        Self { catalog: Box::leak(Box::new(catalog)), service, events }
    }

    pub(super) fn subscription(&self, place: usize) -> &'static SubscriptionSpec {
        self.catalog.subscriptions[place]
    }

    pub(super) async fn lay(&self, bus: &Tidings) -> Result<(), Failure> {
        bus.ensure(self.catalog).await.map_err(|error| because(&error))
    }

    pub(super) async fn remove(&self, bus: &Tidings) -> Result<(), Failure> {
        let streams = bus.streams().map_err(|error| because(&error))?;
        let own = self.catalog.streams.iter().chain([self.catalog.advisories]);
        for stream in own {
            let name = bus.stream_name(stream.name);
            streams.delete(&name).await.map_err(|error| {
                because(&error).help(format!("the stream `{name}` is left: remove it"))
            })?;
        }
        Ok(())
    }
}

fn leak(text: String) -> &'static str {
    text.leak()
}
