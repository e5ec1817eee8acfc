//! Events that the server gives up, or is told to give up by somebody else, are found by sweepers.

use async_nats::jetstream::consumer::{self, PullConsumer};
use async_nats::jetstream::{self, AckKind, Context};
use futures_util::StreamExt as _;
use tidings::catalog::SubscriptionSpec;
use tidings::testing::NatsServer;
use tidings::{BrokerError, DeadLetter, Reason, Reject, Subscription as _, Swept, Tidings};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::connect;
use crate::fixture::catalog::{CATALOG, tracking};
use crate::fixture::{PATIENCE, Running, Tracker, courier, next, sent, until};

const JOURNEY: &SubscriptionSpec = tracking::journey::Subscription::SPEC;

/// A sweeper in the background.
pub(super) struct Sweeping {
    end: oneshot::Sender<()>,
    task: JoinHandle<Result<Swept, BrokerError>>,
}

impl Sweeping {
    pub(super) fn start(bus: &Tidings) -> Self {
        let (end, ended) = oneshot::channel::<()>();
        let sweep = bus.sweep(&CATALOG);
        let task = tokio::spawn(async move { sweep.until(ended).await });
        Self { end, task }
    }

    pub(super) async fn stop(self) -> u64 {
        let _ = self.end.send(());
        self.task.await.expect("no panic").expect("it ends well").count
    }
}

pub(super) async fn foreign(server: &NatsServer) -> Context {
    jetstream::new(async_nats::connect(server.url()).await.expect("a connection"))
}

async fn durable(foreign: &Context, stream: &str, name: &str) -> PullConsumer {
    foreign.get_consumer_from_stream(name, stream).await.expect("the durable")
}

/// Terminates the next deliveries of a durable, as a foreign client can.
pub(super) async fn terminate(foreign: &Context, stream: &str, name: &str, count: usize) {
    let durable = durable(foreign, stream, name).await;
    let fetch = durable.fetch().max_messages(count).expires(PATIENCE);
    let mut messages = fetch.messages().await.expect("a pull");
    for _ in 0..count {
        let message = messages.next().await.expect("a delivery").expect("readable");
        message.ack_with(AckKind::Term).await.expect("sent");
    }
    until("the server has taken it", async || {
        let mut durable = self::durable(foreign, stream, name).await;
        durable.info().await.expect("its state").num_ack_pending == 0
    })
    .await;
}

/// Waits until every advisory so far, and so many at least, has been swept.
async fn swept(foreign: &Context, at_least: u64) {
    until("all is swept", async || {
        let mut sweeper = durable(foreign, CATALOG.advisories.name, "sweeper").await;
        let info = sweeper.info().await.expect("its state");
        (info.num_pending, info.num_ack_pending) == (0, 0)
            && info.delivered.consumer_sequence >= at_least
    })
    .await;
}

pub(super) async fn letters(bus: &Tidings) -> Result<Vec<DeadLetter>, BrokerError> {
    bus.dead_letters(&CATALOG).all().await
}

async fn known(bus: &Tidings) -> Vec<DeadLetter> {
    letters(bus).await.expect("a stream of dead letters")
}

#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_else_terminates_is_a_dead_letter() {
    let server = NatsServer::start().await.expect("a server");
    let bus = connect(&server).await;
    let foreign = foreign(&server).await;
    let published = courier(&bus).parcel_sent(sent("p-1", 7)).await.expect("stored");
    terminate(&foreign, JOURNEY.stream, JOURNEY.durable, 1).await;
    // Two that the runtime ends itself, because their dead letters are stored.
    let (rejecting, mut sightings) = Tracker::new(async |_| Err(Reject::because("no"))?);
    let run = Running::start(bus.run(tracking::Journey::subscriber(rejecting)));
    for step in 8..10 {
        courier(&bus).parcel_sent(sent("p-1", step)).await.expect("stored");
        next(&mut sightings).await;
    }
    until("they are dead letters", async || known(&bus).await.len() == 2).await;
    assert_eq!(run.stop().await.dead_lettered, 2);

    let sweeping = Sweeping::start(&bus);
    swept(&foreign, 3).await;
    assert_eq!(sweeping.stop().await, 1);
    let letters = known(&bus).await;
    let reasons: Vec<_> = letters.iter().filter_map(|letter| letter.reason).collect();
    assert_eq!(reasons, [Reason::Rejected, Reason::Rejected, Reason::Terminated]);
    let letter = &letters[2];
    assert_eq!((letter.attempts, letter.source_sequence), (1, 1));
    assert_eq!(letter.event_id.as_deref(), Some(published.id.as_str()));
    assert_eq!(letter.event_type.as_deref(), Some("parcels.parcel.sent"));
    assert_eq!(letter.source_subject, "parcels.parcel.sent");
    assert_eq!(letter.subscription, JOURNEY.durable);
    assert_eq!(letter.first_failure, None);
    assert!(letter.last_failure.is_some() && !letter.payload_missing);

    // It can be handled like any other.
    let (tracker, mut sightings) = Tracker::content();
    let run = Running::start(bus.run(tracking::Journey::subscriber(tracker)));
    let chosen = bus.dead_letters(&CATALOG).with_reason(Reason::Terminated);
    assert_eq!(chosen.redrive().await.expect("redriven").count, 1);
    let seen = next(&mut sightings).await;
    assert_eq!((seen.id, seen.step, seen.sequence), (published.id, 7, 1));
    run.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_runs_out_of_deliveries_as_processes_die_is_a_dead_letter() {
    let server = NatsServer::start().await.expect("a server");
    let bus = connect(&server).await;
    let foreign = foreign(&server).await;
    let durable = durable(&foreign, JOURNEY.stream, JOURNEY.durable).await;
    let limited = consumer::Config { max_deliver: 2, ..durable.cached_info().config.clone() };
    let stream = foreign.get_stream(JOURNEY.stream).await.expect("the stream");
    stream.delete_consumer(JOURNEY.durable).await.expect("deleted");
    stream.create_consumer(limited).await.expect("somebody knows better");
    let published = courier(&bus).parcel_sent(sent("p-1", 0)).await.expect("stored");
    let sweeping = Sweeping::start(&bus);

    for _ in 0..2 {
        // The instance that dies has a connection of its own, as a process has.
        let dying = Tidings::connect(tidings::Config::new(server.url())).await.expect("connected");
        let (stuck, mut sightings) = Tracker::new(async |_| std::future::pending().await);
        let run = dying.run(tracking::Journey::subscriber(stuck));
        let crashed = tokio::spawn(run.until(std::future::pending::<()>()));
        next(&mut sightings).await;
        crashed.abort();
    }
    // One that lives, so that the server has somebody to give events to, and finds that it may not.
    let (tracker, mut sightings) = Tracker::content();
    let run = Running::start(bus.run(tracking::Journey::subscriber(tracker)));
    until("it is a dead letter", async || !known(&bus).await.is_empty()).await;
    swept(&foreign, 1).await;
    assert_eq!(sweeping.stop().await, 1);
    let letters = known(&bus).await;
    let [letter] = letters.as_slice() else { panic!("one, not {letters:?}") };
    assert_eq!((letter.reason, letter.attempts), (Some(Reason::MaxDeliveries), 2));
    assert_eq!(letter.event_id.as_deref(), Some(published.id.as_str()));
    assert!(letter.error.contains("2 deliveries"), "{}", letter.error);
    run.stop().await;
    assert!(sightings.recv().await.is_none(), "it was delivered no more");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_message_that_is_gone_the_dead_letter_says_so() {
    let server = NatsServer::start().await.expect("a server");
    let bus = connect(&server).await;
    let foreign = foreign(&server).await;
    courier(&bus).parcel_sent(sent("p-1", 0)).await.expect("stored");
    terminate(&foreign, JOURNEY.stream, JOURNEY.durable, 1).await;
    let stream = foreign.get_stream(JOURNEY.stream).await.expect("the stream");
    stream.delete_message(1).await.expect("deleted");
    let sweeping = Sweeping::start(&bus);
    swept(&foreign, 1).await;
    assert_eq!(sweeping.stop().await, 1);
    let letters = known(&bus).await;
    let [letter] = letters.as_slice() else { panic!("one, not {letters:?}") };
    assert_eq!((letter.reason, letter.source_sequence), (Some(Reason::Terminated), 1));
    assert!(letter.payload_missing && letter.raw_payload().is_empty());

    let redriven = bus.dead_letters(&CATALOG).redrive().await.expect("nothing to hand over");
    assert_eq!((redriven.count, redriven.left), (0, 1));
    assert_eq!(known(&bus).await.len(), 1, "it stays");
}

#[tokio::test(flavor = "multi_thread")]
async fn several_sweepers_share_the_work() {
    let server = NatsServer::start().await.expect("a server");
    let bus = connect(&server).await;
    let foreign = foreign(&server).await;
    for step in 0..60 {
        courier(&bus).parcel_sent(sent("p-1", step)).await.expect("stored");
    }
    terminate(&foreign, JOURNEY.stream, JOURNEY.durable, 30).await;
    let (one, other) = (Sweeping::start(&bus), Sweeping::start(&connect(&server).await));
    terminate(&foreign, JOURNEY.stream, JOURNEY.durable, 30).await;
    swept(&foreign, 60).await;
    assert_eq!(one.stop().await + other.stop().await, 60);
    let mut places: Vec<_> = known(&bus).await.iter().map(|it| it.source_sequence).collect();
    places.sort_unstable();
    assert!(places.into_iter().eq(1..=60), "each of them once");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_terminated_on_its_way_back_is_a_dead_letter_again() {
    let server = NatsServer::start().await.expect("a server");
    let bus = connect(&server).await;
    let foreign = foreign(&server).await;
    let published = courier(&bus).parcel_sent(sent("p-1", 3)).await.expect("stored");
    terminate(&foreign, JOURNEY.stream, JOURNEY.durable, 1).await;
    let sweeping = Sweeping::start(&bus);
    for round in 1..=2 {
        swept(&foreign, round).await;
        let found = known(&bus).await;
        let [letter] = found.as_slice() else { panic!("one, not {found:?}") };
        assert_eq!(letter.event_id.as_deref(), Some(published.id.as_str()), "round {round}");
        assert_eq!(
            (letter.source_sequence, letter.source_subject.as_str()),
            (1, "parcels.parcel.sent")
        );
        assert_eq!(bus.dead_letters(&CATALOG).redrive().await.expect("redriven").count, 1);
        let redrive = JOURNEY.redrive.durable;
        terminate(&foreign, JOURNEY.dead_letters.stream, redrive, 1).await;
    }
    swept(&foreign, 3).await;
    assert_eq!(sweeping.stop().await, 3);
    assert_eq!(known(&bus).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_message_that_is_gone_on_its_way_back_the_dead_letter_says_where_it_was() {
    let server = NatsServer::start().await.expect("a server");
    let bus = connect(&server).await;
    let foreign = foreign(&server).await;
    for step in 0..3 {
        courier(&bus).parcel_sent(sent("p-1", step)).await.expect("stored");
    }
    terminate(&foreign, JOURNEY.stream, JOURNEY.durable, 3).await;
    let sweeping = Sweeping::start(&bus);
    swept(&foreign, 3).await;
    sweeping.stop().await;
    assert_eq!(bus.dead_letters(&CATALOG).redrive().limit(1).await.expect("redriven").count, 1);
    let (dead_letters, redrive) = (JOURNEY.dead_letters.stream, JOURNEY.redrive.durable);
    terminate(&foreign, dead_letters, redrive, 1).await;
    let mut stream = foreign.get_stream(dead_letters).await.expect("the stream");
    let last = stream.info().await.expect("its state").state.last_sequence;
    stream.delete_message(last).await.expect("deleted");
    let sweeping = Sweeping::start(&bus);
    swept(&foreign, 4).await;
    sweeping.stop().await;
    let letters = known(&bus).await;
    let letter = letters.iter().find(|letter| letter.payload_missing).expect("what is gone");
    assert_eq!((letter.source_stream.as_str(), letter.source_sequence), (dead_letters, last));
    // Not that of an event that happens to have the same place in the other stream.
    let chosen = bus.dead_letters(&CATALOG).redrive().await.expect("redriven");
    assert_eq!((chosen.count, chosen.left), (2, 1));
}
