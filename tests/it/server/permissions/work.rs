//! Each service and each role at its work, with its own credentials.

use std::num::NonZeroU64;
use std::time::Duration;

use tidings::kv::BucketConfig;
use tidings::messaging::{CoreError, Message};
use tidings::outbox::Outbox;
use tidings::topology::TopologyError;
use tidings::{BrokerError, Event as _, Inbox, Reason, Reject, Subscription as _, Timestamp};

use super::Guarded;
use crate::conformance::aggregates::card::{self, charged, issued};
use crate::conformance::payloads::shelf;
use crate::fixture::catalog::{
    CATALOG, broker, customs, ledger, papers, parcels, photos, tracking,
};
use crate::fixture::{Running, Tracker, booth, courier, moved, next, paid, sent, until};
use crate::server::sweep::{Sweeping, terminate};

#[tokio::test(flavor = "multi_thread")]
async fn events_are_published_in_every_way() {
    let guarded = Guarded::fixture().await;
    let bus = guarded.bus("courier").await;
    let courier = courier(&bus);
    courier.parcel_sent(sent("p-1", 0)).await.expect("a subject of words");
    let arrived = parcels::ParcelArrived { parcel_id: "p-1".into(), depot: "berlin".into() };
    courier.parcel_arrived(arrived).await.expect("a subject with a parameter");
    courier.pallet_moved(moved("q-1", 0)).await.expect("in a partition");
    let measured = parcels::ParcelMeasured::SPEC.examples[0];
    let measured = serde_json::from_str(measured).expect("an example");
    courier.parcel_measured(measured).await.expect("in three versions");
    courier.parcel_sent(sent("p-1", 1)).in_background().expect("taken in");
    bus.flush().await;
    assert_eq!(bus.background_counts().failed, 0);
    if guarded.is_modern() {
        let both = courier.atomically().add(courier.parcel_sent(sent("p-1", 2)));
        both.add(courier.parcel_sent(sent("p-1", 3))).await.expect("all or not at all");
        let later = Timestamp::now() + Duration::from_secs(3600);
        let scheduled = courier.parcel_sent(sent("p-1", 4)).publish_at(later).await;
        let id = scheduled.expect("scheduled").id;
        assert!(courier.cancel::<parcels::ParcelSent>(&id).await.expect("taken back"));
    }
    let mut load = courier.bulk();
    let added = load.add(courier.parcel_sent(sent("p-1", 5))).await;
    if !crate::conformance::bulk::too_old(&added) {
        added.expect("added");
        assert_eq!(load.finish().await.expect("loaded").events, 1);
    }
    let first = courier.parcel_sent(sent("p-1", 9)).id("once").await.expect("stored");
    let again = courier.parcel_sent(sent("p-1", 9)).id("once").await.expect("known");
    assert!(!first.duplicate && again.duplicate);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_needs_no_stream_is_sent_heard_and_answered() {
    let guarded = Guarded::fixture().await;
    let (courier, tracking) = (guarded.bus("courier").await, guarded.bus("tracking").await);
    let (courier, tracking) = (courier.core(), tracking.core());
    let mut positions = tracking.subscribe("courier.position.>").await.expect("allowed");
    courier.publish("courier.position.c1", "berlin").confirmed().await.expect("allowed");
    let heard = positions.next().await.expect("allowed").expect("a position");
    assert_eq!(&heard.payload()[..], b"berlin");

    let questions = courier.subscribe("courier.where").group("courier").await.expect("allowed");
    let answering = questions.answer(async |question: Message| Ok(question.payload().clone()));
    let answering = tokio::spawn(answering.until(std::future::pending::<()>()));
    for _ in 0..3 {
        let answer = tracking.request("courier.where", "c1").await.expect("answered");
        assert_eq!(&answer.payload()[..], b"c1");
    }
    answering.abort();

    let Err(CoreError::Denied { reason, .. }) = courier.subscribe("courier.position.c1").await
    else {
        panic!("nothing lets it listen");
    };
    let words = "`courier.position.c1` in `core: { subscribe: … }` in `services/courier.yaml`";
    assert!(reason.contains(words), "{reason}");
    let Err(CoreError::Denied { reason, .. }) = courier.request("courier.where", "c1").await else {
        panic!("nothing lets it ask");
    };
    assert!(reason.contains("`courier.where` in `core: { publish: … }`"), "{reason}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_fails_is_tried_again_and_buried_and_replayed() {
    let guarded = Guarded::fixture().await;
    let bus = guarded.bus("tracking").await;
    let (tracker, mut seen) = Tracker::new(async |seen| match (seen.step, seen.attempt) {
        (1, 1) => Err(std::io::Error::other("once more").into()),
        (2, _) if seen.sequence == 3 => Err(Reject::because("never").into()),
        _ => Ok(()),
    });
    let run = Running::start(bus.run(tracking::Journey::subscriber(tracker)));
    let publisher = courier(&guarded.bus("courier").await);
    for step in 0..3 {
        publisher.parcel_sent(sent("p-1", step)).await.expect("stored");
    }
    for _ in 0..4 {
        next(&mut seen).await;
    }
    let operator = guarded.bus("tidings-operator").await;
    let letters = || operator.dead_letters(&CATALOG);
    until("a dead letter", async || letters().all().await.expect("readable").len() == 1).await;
    let letter = letters().next().await.expect("readable").expect("one");
    assert_eq!(letter.reason, Some(Reason::Rejected));
    // The service sees how many there are, and nothing of them.
    let held = bus.dead_letters_held(tracking::journey::Subscription::SPEC).await;
    assert_eq!(held.expect("counted"), 1);
    assert!(matches!(bus.dead_letters(&CATALOG).next().await, Err(BrokerError::Denied(_))));
    assert_eq!(letters().redrive().await.expect("redriven").count, 1);
    next(&mut seen).await;
    until("it fails again", async || letters().all().await.expect("readable").len() == 1).await;
    assert_eq!(letters().purge().await.expect("purged"), 1);
    bus.idle(tracking::journey::Subscription::SPEC).await.expect("idle");
    let report = run.stop().await;
    assert_eq!((report.handled, report.dead_lettered), (2, 2));

    // Its own history, and the operator's look at it.
    let (tracker, mut replayed) = Tracker::content();
    let replay = bus.replay(tracking::journey::Subscription::SPEC);
    let count = replay.to(tracking::Journey::subscriber(tracker)).await.expect("replayed").events;
    assert_eq!(count, 3);
    assert_eq!(next(&mut replayed).await.step, 0);
    let stream = CATALOG.stream("PARCELS_EVENTS").expect("a stream");
    let folder = tempfile::tempdir().expect("a folder");
    let written = operator.replay(stream).to_file(folder.path().join("events")).await;
    assert_eq!(written.expect("read").events, 3);
    let lag = operator.lag(tracking::journey::Subscription::SPEC).await.expect("a consumer");
    assert_eq!((lag.pending, lag.unsettled), (0, 0));
    assert!(operator.topology(&CATALOG).plan().await.expect("looked at").is_clean());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_verifies_its_own_consumers() {
    let guarded = Guarded::fixture().await;
    let bus = guarded.bus("tracking").await;
    let all = bus.topology(&CATALOG).verify().await.expect_err("denied");
    assert!(matches!(all, TopologyError::Broker(BrokerError::Denied(_))), "{all:?}");
    let own = || bus.topology(&CATALOG).only::<tracking::Service>();
    own().verify().await.expect("as it should be");
    let foreign = bus.topology(&CATALOG).only::<ledger::Service>().verify().await;
    assert!(matches!(foreign, Err(TopologyError::Broker(BrokerError::Denied(_)))), "{foreign:?}");

    let provisioner = async_nats::ConnectOptions::new()
        .user_and_password("tidings-provisioner".to_owned(), super::secret("tidings-provisioner"))
        .custom_inbox_prefix("_INBOX_tidings-provisioner")
        .connect(guarded.server.url());
    let provisioner = provisioner.await.expect("a connection");
    let delete = "$JS.API.CONSUMER.DELETE.PARCELS_EVENTS.tracking-journey";
    provisioner.request(delete, "".into()).await.expect("deleted");
    let Err(TopologyError::Differs(missing)) = own().verify().await else {
        panic!("it is gone");
    };
    let paths: Vec<String> = missing.iter().map(|one| one.object.path()).collect();
    assert_eq!(paths, ["PARCELS_EVENTS/tracking-journey"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn large_payloads_are_put_aside_and_fetched() {
    let guarded = Guarded::fixture().await;
    let bus = guarded.bus("tracking").await;
    let publisher = courier(&guarded.bus("courier").await);
    let (shelf_of_photos, mut seen) = shelf(false);
    let run = Running::start(bus.run(tracking::Photos::subscriber(shelf_of_photos)));
    let photo =
        photos::PhotoTaken { photo_id: "f-1".into(), pixels: "#".repeat(3 << 20), turned: 90 };
    publisher.photo_taken(photo.clone()).id("f").await.expect("stored");
    assert_eq!(next(&mut seen).await.pixels.len(), photo.pixels.len());
    // Its payload is removed again.
    let again = publisher.photo_taken(photo).id("f").await.expect("known");
    assert!(again.duplicate);
    run.stop().await;
    let (failing, mut failed) = shelf(true);
    let run = Running::start(bus.run(tracking::Papers::subscriber(failing)));
    let mut random = fastrand::Rng::with_seed(7);
    let text: String = std::iter::repeat_with(|| random.alphanumeric()).take(3 << 20).collect();
    let paper = papers::PaperFiled { paper_id: "d-1".into(), step: 0, text };
    publisher.paper_filed(paper).await.expect("stored");
    next(&mut failed).await;
    let operator = guarded.bus("tidings-operator").await;
    let letters = || operator.dead_letters(&CATALOG);
    until("a dead letter", async || letters().all().await.expect("readable").len() == 1).await;
    assert_eq!(run.stop().await.dead_lettered, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_outbox_is_relayed_and_an_inbox_in_a_bucket_knows_what_was_handled() {
    let guarded = Guarded::fixture().await;
    let marks = BucketConfig::new("tolls_inbox").max_age(Duration::from_secs(3600));
    let provisioner = guarded.bus("tidings-provisioner").await;
    provisioner.ensure_bucket(&marks).await.expect("created");

    let bus = guarded.bus("booth").await;
    let folder = tempfile::tempdir().expect("a folder");
    let outbox = Outbox::file(folder.path().join("outbox.db")).await.expect("a file");
    let publisher = booth(&bus);
    for cents in 1..=3 {
        outbox.store(publisher.toll_paid(paid("t-1", cents))).await.expect("stored");
    }
    let (end, ended) = tokio::sync::oneshot::channel::<()>();
    let relay = outbox.relay(&bus);
    let relay = tokio::spawn(async move { relay.until(ended).await });

    let bus = guarded.bus("ledger").await;
    // A bucket that is as it should be is left alone.
    let bucket = bus.ensure_bucket(&marks).await.expect("there");
    let (tracker, mut seen) = Tracker::content();
    let run = bus.run(ledger::Entries::subscriber(tracker)).inbox(Inbox::kv(bucket));
    let run = Running::start(run);
    for _ in 0..3 {
        next(&mut seen).await;
    }
    bus.idle(ledger::entries::Subscription::SPEC).await.expect("idle");
    assert_eq!(run.stop().await.handled, 3);
    let _ = end.send(());
    assert_eq!(relay.await.expect("no panic").expect("relayed").relayed, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn aggregates_are_loaded_appended_to_and_written_down() {
    let guarded = Guarded::fixture().await;
    if !guarded.is_modern() {
        return; // Older servers cannot be appended to in one step.
    }
    let snapshots = BucketConfig::new("card_snapshots");
    let provisioner = guarded.bus("tidings-provisioner").await;
    provisioner.ensure_bucket(&snapshots).await.expect("created");
    let bus = guarded.bus("kiosk").await;
    let bucket = bus.bucket("card_snapshots").expect("a name");
    let every = NonZeroU64::new(2).expect("some");
    let cards = card::cards(&bus).snapshots(bucket.clone(), every);
    let mut card = cards.load("c-1").await.expect("readable");
    cards.append(&mut card, [issued("c-1", "Ada"), charged("c-1", 5)]).await.expect("appended");
    cards.append(&mut card, [charged("c-1", 7)]).await.expect("appended");
    until("the snapshot is written", async || {
        bucket.get("postage.card.card.v1.c-1").await.expect("readable").is_some()
    })
    .await;
    assert_eq!(cards.load("c-1").await.expect("readable").cents, 12);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sweeper_buries_what_the_server_gave_up() {
    let guarded = Guarded::fixture().await;
    let publisher = courier(&guarded.bus("courier").await);
    publisher.parcel_sent(sent("p-1", 0)).await.expect("stored");
    let service = async_nats::ConnectOptions::new()
        .user_and_password("tracking".to_owned(), super::secret("tracking"))
        .custom_inbox_prefix("_INBOX_tracking")
        .connect(guarded.server.url());
    let service = async_nats::jetstream::new(service.await.expect("a connection"));
    let sweeping = Sweeping::start(&guarded.bus("tidings-sweeper").await);
    terminate(&service, "PARCELS_EVENTS", "tracking-journey", 1).await;
    let operator = guarded.bus("tidings-operator").await;
    let letters = || operator.dead_letters(&CATALOG);
    until("a dead letter", async || letters().all().await.expect("readable").len() == 1).await;
    assert_eq!(sweeping.stop().await, 1);
}

struct Clerk(tokio::sync::mpsc::UnboundedSender<String>);

impl broker::Declared for Clerk {
    async fn declaration_filed(
        &self,
        event: customs::DeclarationFiled,
        _: &broker::Context,
    ) -> tidings::Handled {
        let _ = self.0.send(event.parcel_id);
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subject_that_tells_whose_an_event_is_is_published_and_handled() {
    let guarded = Guarded::fixture().await;
    let bus = guarded.bus("broker").await;
    let (sender, mut seen) = tokio::sync::mpsc::unbounded_channel();
    let run = Running::start(bus.run(broker::Declared::subscriber(Clerk(sender))));
    let publisher = broker::Publisher::new(&bus).organization("acme");
    let filed =
        customs::DeclarationFiled { organization_id: "acme".into(), parcel_id: "p-1".into() };
    publisher.declaration_filed(filed).await.expect("stored");
    assert_eq!(next(&mut seen).await, "p-1");
    run.stop().await;
}
