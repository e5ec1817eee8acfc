//! RustStream: many publishes in one task, and subscribers with a typed payload: one whose batches are settled as a whole, and
//! one that settles each event by itself. `tests/benches/throughput/child.rs` is who tells it what to do.

use std::collections::BTreeMap;
use std::error::Error;
use std::hint::black_box;
use std::io;
use std::num::NonZeroUsize;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use ruststream::{Broker as _, BytesMut, HeaderMap, IncomingMessage as _, OutgoingMessage};
use ruststream_nats::prelude::*;
use ruststream_nats::{JetStreamPublisher, NatsPublisher};
use serde::Deserialize;
use tokio::sync::{Notify, oneshot};
use uuid::Uuid;

type Outcome<T = ()> = Result<T, Box<dyn Error + Send + Sync>>;

/// The version of `Cargo.toml`.
const NAME: &str = "RustStream 0.7.7";
const ON_THEIR_WAY: usize = 1024;
const TOGETHER: NonZeroUsize = nonzero!(1000);

/// The message to publish, where it goes, and how it is consumed.
#[derive(Debug, Deserialize)]
struct Wanted {
    url: String,
    subject: String,
    stream: String,
    durable: String,
    max_ack_pending: i64,
    /// As the runtime writes them, without the message's id: each has one of its own.
    headers: BTreeMap<String, String>,
    body: String,
}

/// Told in the first line, before anything else is done.
static WANTED: OnceLock<Wanted> = OnceLock::new();

fn wanted() -> &'static Wanted {
    WANTED.get().expect("the first line was read")
}

/// Events that are not handled yet.
static LEFT: AtomicUsize = AtomicUsize::new(0);
static OVER: Notify = Notify::const_new();

fn handled(events: usize) {
    if LEFT.fetch_sub(events, Ordering::Relaxed) == events {
        OVER.notify_one();
    }
}

#[derive(Deserialize)]
struct ParcelSent {
    parcel_id: String,
    step: u64,
}

#[derive(Deserialize)]
struct CloudEvent {
    id: String,
    #[serde(rename = "type")]
    event_type: String,
    organizationid: String,
    data: ParcelSent,
}

impl CloudEvent {
    fn look(&self) {
        let Self { id, event_type, organizationid, data: ParcelSent { parcel_id, step } } = self;
        black_box((id, event_type, organizationid, parcel_id, step));
    }
}

#[subscriber(
    JetStreamSubject::new(&*wanted().subject, &*wanted().stream)
        .durable(&*wanted().durable)
        .max_ack_pending(wanted().max_ack_pending)
)]
async fn each(event: &CloudEvent) -> HandlerOutcome {
    event.look();
    handled(1);
    HandlerOutcome::ack()
}

#[subscriber(
    JetStreamSubject::new(&*wanted().subject, &*wanted().stream)
        .durable(&*wanted().durable)
        .max_ack_pending(wanted().max_ack_pending)
)]
async fn batches(events: &[CloudEvent]) -> HandlerOutcome {
    events.iter().for_each(CloudEvent::look);
    handled(events.len());
    HandlerOutcome::ack()
}

async fn consume(as_batches: bool) -> Outcome {
    let (give, requester) = oneshot::channel();
    let app = RustStream::new(AppInfo::new("peer", "0.1.0"));
    let app = app.with_broker(NatsBroker::new(&*wanted().url), |broker| {
        if as_batches {
            broker.include(batches.batch(TOGETHER));
        } else {
            broker.include(each);
        }
        broker.after_startup(Publish, async move |requester| -> io::Result<()> {
            // Whoever waits for it is there, unless the start has failed.
            let _ = give.send(requester);
            Ok(())
        });
    });
    let running = app.start().await?;
    OVER.notified().await;
    all_acknowledged(&requester.await?).await?;
    Ok(running.shutdown().await?)
}

/// A shutdown drops acknowledgements that are on their way: it comes after the server has all of them.
async fn all_acknowledged(requester: &NatsPublisher) -> Outcome {
    #[derive(Deserialize)]
    struct Consumer {
        num_ack_pending: u64,
    }

    let Wanted { stream, durable, .. } = wanted();
    let info = format!("$JS.API.CONSUMER.INFO.{stream}.{durable}");
    loop {
        let message = OutgoingMessage::with_payload(&info, BytesMut::new());
        let answer = requester.request(message, Duration::from_secs(5)).await?;
        let consumer: Consumer = serde_json::from_slice(answer.payload())?;
        if consumer.num_ack_pending == 0 {
            return Ok(());
        }
    }
}

async fn publish(publisher: &JetStreamPublisher, messages: Vec<JetStreamOptions>) -> Outcome {
    let Wanted { subject, headers, body, .. } = wanted();
    let sent = messages.into_iter().map(async |options| {
        let mut own = HeaderMap::new();
        for (name, value) in headers {
            own.insert(name.as_str(), value.as_str());
        }
        let payload = BytesMut::from(body.as_bytes());
        let message = OutgoingMessage::with_payload(subject, payload).with_headers(own);
        publisher.publish_ack(message, Some(&options)).await
    });
    let mut sent = stream::iter(sent).buffered(ON_THEIR_WAY);
    while sent.try_next().await?.is_some() {}
    Ok(())
}

fn messages(events: usize) -> Vec<JetStreamOptions> {
    let message = |_| JetStreamOptions {
        message_id: Some(Uuid::now_v7().to_string()),
        ..JetStreamOptions::default()
    };
    (0..events).map(message).collect()
}

/// A line of what it is told. Nothing else of this thread waits meanwhile.
fn hear() -> io::Result<Option<String>> {
    let mut line = String::new();
    let length = io::stdin().read_line(&mut line)?;
    Ok((length > 0).then(|| line.trim_end().to_owned()))
}

#[tokio::main]
async fn main() -> Outcome {
    let told = hear()?.ok_or("nothing was said")?;
    WANTED.get_or_init(|| serde_json::from_str(&told).expect("a JSON object"));
    let connected = NatsBroker::new(&*wanted().url).connect().await?;
    println!("{NAME}");
    while let Some(task) = hear()? {
        let (work, events) = task.split_once(' ').ok_or("a task is two words")?;
        let events = events.parse()?;
        LEFT.store(events, Ordering::Relaxed);
        let messages = if work == "publish" { messages(events) } else { Vec::new() };
        let publisher = connected.publisher(JetStreamPublish::default());
        let as_batches = work == "consume-batches";
        println!("ready");
        hear()?;
        // On a thread of the runtime, where a service's own work runs.
        tokio::spawn(async move {
            match messages.is_empty() {
                false => publish(&publisher, messages).await,
                true => consume(as_batches).await,
            }
        })
        .await??;
        println!("done");
    }
    Ok(())
}
