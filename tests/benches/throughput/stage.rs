//! A server of its own, and both programs connected to it.

use async_nats::HeaderMap;
use async_nats::header::{NATS_EXPECTED_STREAM, NATS_MESSAGE_ID};
use async_nats::jetstream::message::{PublishMessage, StreamMessage};
use async_nats::jetstream::stream::Stream;
use async_nats::jetstream::{self, Context};
use tidings::catalog::{Catalog, SubscriptionSpec};
use tidings::testing::{NatsServer, ServerConfig};
use tidings::{Config, Event as _, Tidings};
use tidings_tests::catalog::parcels::ParcelSent;
use tidings_tests::catalog::{CATALOG, courier};
use tidings_tests::process::Process;

use crate::Outcome;
use crate::measure::Meter;

/// Beyond it every step of a parcel has as many digits, so that all bodies have one size.
pub(crate) const FIRST_STEP: u64 = 100_000;

/// The server and who speaks to it.
pub(crate) struct Stage {
    pub(crate) bus: Tidings,
    pub(crate) bare: Context,
    pub(crate) meter: Meter,
    pub(crate) template: Template,
    server: NatsServer,
}

impl Stage {
    pub(crate) async fn open() -> Outcome<Self> {
        Self::on(NatsServer::start().await?).await
    }

    /// With a server that syncs its disk before each word.
    pub(crate) async fn syncing() -> Outcome<Self> {
        let config = ServerConfig::default().jetstream("sync_interval: always");
        Self::on(NatsServer::start_with(config).await?).await
    }

    async fn on(server: NatsServer) -> Outcome<Self> {
        let bus = Tidings::connect(Config::new(server.url())).await?;
        bus.ensure(&topology(&[])).await?;
        let bare = jetstream::new(async_nats::connect(server.url()).await?);
        let meter = Meter::new(Process::child_in(server.folder()));

        let published = publisher(&bus).parcel_sent(event(0)).await?;
        let sequence = published.sequence.ok_or("the first event is a duplicate")?;
        let stored = bare.get_stream(ParcelSent::SPEC.stream).await?;
        let template = Template(stored.get_raw_message(sequence).await?);
        Ok(Self { bus, bare, meter, template, server })
    }

    pub(crate) fn server_version(&self) -> &str {
        self.server.version()
    }

    /// Host and port of the server.
    pub(crate) fn address(&self) -> String {
        self.server.url().trim_start_matches("nats://").to_owned()
    }

    pub(crate) async fn stream(&self) -> Outcome<Stream> {
        Ok(self.bare.get_stream(ParcelSent::SPEC.stream).await?)
    }

    /// Removes what earlier samples have stored.
    pub(crate) async fn clear(&self) -> Outcome {
        self.stream().await?.purge().await?;
        Ok(())
    }

    /// Fails unless the stream holds so many events: a benchmark of what did not happen is worth nothing.
    pub(crate) async fn holds(&self, events: usize) -> Outcome {
        let stored = self.stream().await?.cached_info().state.messages;
        if stored == events as u64 {
            Ok(())
        } else {
            Err(format!("the stream holds {stored} events instead of {events}").into())
        }
    }
}

/// A message of the runtime as it is on the wire, for bare async-nats to send the same.
#[derive(Clone)]
pub(crate) struct Template(StreamMessage);

impl Template {
    /// Headers and body.
    pub(crate) fn parts(&self) -> (&HeaderMap, &[u8]) {
        (&self.0.headers, &self.0.payload)
    }

    /// The same message as a bulk load sends it: without an id, and without the name of its stream.
    pub(crate) fn without_id(&self) -> PublishMessage {
        let mut headers = HeaderMap::new();
        for (name, values) in self.0.headers.iter() {
            if ![NATS_MESSAGE_ID, NATS_EXPECTED_STREAM].contains(name) {
                values.iter().for_each(|value| headers.append(name.clone(), value.clone()));
            }
        }
        PublishMessage::build().headers(headers).payload(self.0.payload.clone())
    }

    /// The same message under another id.
    pub(crate) fn message(&self, id: &str) -> PublishMessage {
        let mut headers = self.0.headers.clone();
        headers.insert(NATS_MESSAGE_ID, id);
        PublishMessage::build().headers(headers).payload(self.0.payload.clone())
    }
}

/// The streams of the fixture catalog, with these subscriptions instead of its own.
pub(crate) const fn topology(subscriptions: &'static [&'static SubscriptionSpec]) -> Catalog {
    Catalog { subscriptions, ..CATALOG }
}

pub(crate) fn publisher(bus: &Tidings) -> courier::Publisher {
    courier::Publisher::new(bus).organization("acme")
}

/// One event of a sample.
pub(crate) fn event(index: usize) -> ParcelSent {
    ParcelSent { parcel_id: format!("p-{:04}", index % 1000), step: FIRST_STEP + index as u64 }
}
