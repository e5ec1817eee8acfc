//! From the call that publishes an event to the handler that has it, at a rate that both programs keep up with.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use async_nats::header::NATS_MESSAGE_ID;
use async_nats::jetstream::consumer::PullConsumer;
use futures_util::StreamExt as _;
use tidings::__private::SubscriberBuilder;
use tidings::Uuid;
use tidings::{Handled, Tidings};
use tidings_tests::catalog::parcels::{ParcelSent, subjects};
use tokio::sync::Notify;
use tokio::time::{Interval, interval};

use crate::Outcome;
use crate::consume::{AtOnce, CloudEvent, DEFAULT, DURABLE};
use crate::measure::Plan;
use crate::publish::WINDOW;
use crate::report::Latencies;
use crate::stage::{FIRST_STEP, Stage, event, publisher};

/// Events a second.
pub(crate) const RATES: [(&str, u32); 2] =
    [("end to end at 1,000 a second", 1_000), ("end to end at 5,000 a second", 5_000)];
/// How long one sample lasts.
const SAMPLE: Duration = Duration::from_millis(1200);
/// Events are published as often as this, several together where there are more.
const TICK: Duration = Duration::from_millis(1);

/// What is measured, and at so many events a second.
pub(crate) async fn at(
    stage: &Stage,
    plan: &Plan,
    (name, rate): (&'static str, u32),
) -> Outcome<Latencies> {
    let (mut bare, mut tidings) = (Vec::new(), Vec::new());
    for round in 0..=plan.rounds {
        let own = sample(stage, rate, Program::Tidings).await?;
        let other = sample(stage, rate, Program::Bare).await?;
        // The first is for warmth.
        if round > 0 {
            tidings.push(own);
            bare.push(other);
        }
    }
    Ok(Latencies::new(name, &[("async-nats", bare), ("tidings", tidings)]))
}

#[derive(Clone, Copy)]
enum Program {
    Bare,
    Tidings,
}

/// The latencies of one sample, in order of their length.
async fn sample(stage: &Stage, rate: u32, program: Program) -> Outcome<Vec<Duration>> {
    stage.clear().await?;
    let _ = stage.stream().await?.delete_consumer(DURABLE).await;
    stage.bus.ensure(&AtOnce::<DEFAULT>::topology()).await?;
    let events = (f64::from(rate) * SAMPLE.as_secs_f64()) as usize;
    let clock = Clock::new(events);
    match program {
        Program::Bare => bare(stage, rate, &clock).await?,
        Program::Tidings => typed(&stage.bus, rate, &clock).await?,
    }
    stage.holds(events).await?;
    clock.latencies()
}

/// When each event was published, and how long it took.
#[derive(Clone)]
struct Clock(Arc<Shared>);

struct Shared {
    begun: Vec<OnceLock<Instant>>,
    taken: Mutex<Vec<Duration>>,
    over: Notify,
}

impl Clock {
    fn new(events: usize) -> Self {
        Self(Arc::new(Shared {
            begun: (0..events).map(|_| OnceLock::new()).collect(),
            taken: Mutex::new(Vec::with_capacity(events)),
            over: Notify::new(),
        }))
    }

    fn events(&self) -> usize {
        self.0.begun.len()
    }

    fn begin(&self, index: usize) {
        // Each is published once.
        let _ = self.0.begun[index].set(Instant::now());
    }

    fn end(&self, index: usize) {
        let now = Instant::now();
        let Some(begun) = self.0.begun.get(index).and_then(OnceLock::get) else { return };
        let mut taken = self.0.taken.lock().unwrap_or_else(PoisonError::into_inner);
        taken.push(now.duration_since(*begun));
        if taken.len() == self.events() {
            self.0.over.notify_one();
        }
    }

    fn latencies(&self) -> Outcome<Vec<Duration>> {
        let mut taken = self.0.taken.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if taken.len() != self.events() {
            return Err(format!("{} of {} events came", taken.len(), self.events()).into());
        }
        taken.sort_unstable();
        Ok(taken)
    }
}

/// Says when which event is to be published, and starts its clock.
struct Schedule {
    clock: Clock,
    next: usize,
    together: usize,
    ticks: Interval,
}

impl Schedule {
    fn new(clock: &Clock, rate: u32) -> Self {
        let together = (f64::from(rate) * TICK.as_secs_f64()).ceil() as usize;
        Self { clock: clock.clone(), next: 0, together, ticks: interval(TICK) }
    }

    async fn next(&mut self) -> Option<usize> {
        if self.next.is_multiple_of(self.together) {
            self.ticks.tick().await;
        }
        let index = self.next;
        self.next += 1;
        (index < self.clock.events()).then(|| {
            self.clock.begin(index);
            index
        })
    }
}

#[derive(Clone)]
struct Timed(Clock);

impl Timed {
    async fn parcel_sent(&self, event: ParcelSent) -> Handled {
        self.0.end((event.step - FIRST_STEP) as usize);
        Ok(())
    }
}

async fn typed(bus: &Tidings, rate: u32, clock: &Clock) -> Outcome {
    let subscriber = SubscriberBuilder::<AtOnce<DEFAULT>, Timed>::new(Timed(clock.clone()))
        .on::<ParcelSent>(|handler, event, _| Box::pin(handler.parcel_sent(event)))
        .build();
    let ended = clock.clone();
    let run = bus.run(subscriber);
    let run = tokio::spawn(async move { run.until(ended.0.over.notified()).await });
    let publisher = publisher(bus);
    let mut schedule = Schedule::new(clock, rate);
    let published = tokio::spawn(async move {
        let mut receipts = VecDeque::with_capacity(WINDOW);
        while let Some(index) = schedule.next().await {
            if receipts.len() == WINDOW
                && let Some(receipt) = receipts.pop_front()
            {
                receipt.await?;
            }
            receipts.push_back(publisher.parcel_sent(event(index)).enqueue().await?);
        }
        for receipt in receipts {
            receipt.await?;
        }
        Outcome::Ok(())
    });
    published.await??;
    run.await??;
    Ok(())
}

async fn bare(stage: &Stage, rate: u32, clock: &Clock) -> Outcome {
    let consumer: PullConsumer = stage.stream().await?.get_consumer(DURABLE).await?;
    let consumed = clock.clone();
    let consuming = tokio::spawn(async move {
        let mut messages = consumer.messages().await?;
        for _ in 0..consumed.events() {
            let message = messages.next().await.ok_or("the stream of messages ended")??;
            CloudEvent::read(&message.payload)?;
            let id = message.headers.as_ref().and_then(|headers| headers.get(NATS_MESSAGE_ID));
            let index = id.and_then(|id| id.as_str().rsplit('-').next()?.parse().ok());
            consumed.end(index.ok_or("a message has no index")?);
            message.ack().await?;
        }
        Outcome::Ok(())
    });
    let (context, template) = (stage.bare.clone(), stage.template.clone());
    let mut schedule = Schedule::new(clock, rate);
    let published = tokio::spawn(async move {
        let sample = Uuid::now_v7().simple().to_string();
        let mut acknowledgements = VecDeque::with_capacity(WINDOW);
        while let Some(index) = schedule.next().await {
            // Those that nobody awaits hold their places with the library.
            if acknowledgements.len() == WINDOW
                && let Some(acknowledgement) = acknowledgements.pop_front()
            {
                acknowledgement.await?;
            }
            let message = template.message(&format!("{sample}-{index}"));
            acknowledgements.push_back(context.send_publish(subjects::PARCEL_SENT, message).await?);
        }
        for acknowledgement in acknowledgements {
            acknowledgement.await?;
        }
        Outcome::Ok(())
    });
    published.await??;
    consuming.await?
}
