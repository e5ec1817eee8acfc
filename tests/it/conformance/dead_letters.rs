use std::time::Duration;

use tidings::{DeadLetter, Reason, Reject, Subscription as _, Tidings};

use super::on_both_brokers;
use crate::fixture::catalog::{CATALOG, tracking};
use crate::fixture::{Running, Seen, Tracker, courier, next, sent, until};

on_both_brokers!(
    after_the_last_attempt_an_event_is_a_dead_letter,
    a_rejected_event_is_a_dead_letter_at_once,
    a_panic_counts_as_a_failure,
    an_event_that_is_nearly_too_large_is_a_dead_letter_too,
    a_handler_without_an_answer_is_ended,
    dead_letters_of_one_subscription_are_told_from_others,
    a_dead_letter_tells_the_causes_and_when_it_failed,
    a_first_failure_that_nobody_here_saw_is_unknown,
    one_dead_letter_is_shown_by_its_sequence,
    what_the_runtime_has_kept_is_not_swept,
);

async fn after_the_last_attempt_an_event_is_a_dead_letter(bus: Tidings) {
    let (tracker, mut sightings) = Tracker::new(async |seen: Seen| match seen.step {
        0 => Err(std::io::Error::other("broken for good"))?,
        _ => Ok(()),
    });
    let run = Running::start(bus.run(tracking::Journey::subscriber(tracker)));
    let poison = courier(&bus).parcel_sent(sent("p-1", 0)).await.expect("stored");
    courier(&bus).parcel_sent(sent("p-2", 1)).await.expect("stored");
    let mut steps: Vec<u64> = Vec::new();
    for _ in 0..4 {
        steps.push(next(&mut sightings).await.step);
    }
    steps.sort_unstable();
    assert_eq!(steps, [0, 0, 0, 1], "three attempts, as the catalog says, and the other event");
    let letter = only_letter(&bus).await;
    assert_eq!(letter.reason, Some(Reason::Failed));
    assert_eq!(letter.error, "broken for good");
    assert_eq!((letter.attempts, letter.source_sequence), (3, 1));
    assert_eq!(letter.event_id.as_deref(), Some(poison.id.as_str()));
    assert_eq!(letter.event_type.as_deref(), Some("parcels.parcel.sent"));
    assert_eq!(letter.source_subject, "parcels.parcel.sent");
    assert_eq!(letter.source_stream, "PARCELS_EVENTS");
    assert_eq!(letter.subscription, "tracking-journey");
    let body: serde_json::Value =
        serde_json::from_slice(letter.raw_payload()).expect("the original");
    assert_eq!((&body["id"], &body["data"]["parcel_id"]), (&poison.id.into(), &"p-1".into()));
    let report = run.stop().await;
    assert_eq!((report.handled, report.retried, report.dead_lettered), (1, 2, 1));
    let lag = bus.lag(tracking::journey::Subscription::SPEC).await.expect("a consumer");
    assert_eq!((lag.pending, lag.unsettled), (0, 0), "nothing is left behind");
}

async fn a_rejected_event_is_a_dead_letter_at_once(bus: Tidings) {
    let (tracker, mut sightings) = Tracker::new(async |_| Err(Reject::because("no such parcel"))?);
    let run = Running::start(bus.run(tracking::Journey::subscriber(tracker)));
    courier(&bus).parcel_sent(sent("p-1", 0)).await.expect("stored");
    assert_eq!(next(&mut sightings).await.attempt, 1);
    let letter = only_letter(&bus).await;
    assert_eq!((letter.reason, letter.attempts), (Some(Reason::Rejected), 1));
    assert_eq!(letter.error, "no such parcel");
    assert_eq!(run.stop().await.dead_lettered, 1);
}

async fn an_event_that_is_nearly_too_large_is_a_dead_letter_too(bus: Tidings) {
    let (tracker, _sightings) = Tracker::new(async |_| Err(Reject::because("no"))?);
    let run = Running::start(bus.run(tracking::Journey::subscriber(tracker)));
    // What a message holds, less what the envelope and the message's own headers take.
    let event = sent(&"x".repeat(((1 << 20) - 700) / 3), 0);
    courier(&bus).parcel_sent(event).await.expect("stored");
    let letter = only_letter(&bus).await;
    assert_eq!((letter.reason, letter.source_sequence), (Some(Reason::Rejected), 1));
    assert_eq!(run.stop().await.dead_lettered, 1);
}

async fn a_panic_counts_as_a_failure(bus: Tidings) {
    let (tracker, mut sightings) = Tracker::new(async |seen: Seen| match seen.attempt {
        1 => panic!("out of ideas"),
        _ => Ok(()),
    });
    let run = Running::start(bus.run(tracking::Journey::subscriber(tracker)));
    courier(&bus).parcel_sent(sent("p-1", 0)).await.expect("stored");
    assert_eq!(next(&mut sightings).await.attempt, 1);
    assert_eq!(next(&mut sightings).await.attempt, 2);
    let report = run.stop().await;
    assert_eq!((report.handled, report.retried), (1, 1));
}

async fn a_handler_without_an_answer_is_ended(bus: Tidings) {
    let (tracker, _sightings) = Tracker::new(async |_| std::future::pending().await);
    let spec = tracking::brief::Subscription::SPEC;
    let run = Running::start(bus.run(tracking::Brief::subscriber(tracker)));
    courier(&bus).parcel_sent(sent("p-1", 0)).await.expect("stored");
    let letter = only_letter(&bus).await;
    assert_eq!((letter.reason, letter.attempts), (Some(Reason::TimedOut), 1));
    assert!(letter.error.contains(&format!("{:?}", spec.handler_timeout)), "{}", letter.error);
    assert_eq!(run.stop().await.dead_lettered, 1);
}

async fn dead_letters_of_one_subscription_are_told_from_others(bus: Tidings) {
    let (rejecting, _) = Tracker::new(async |_| Err(Reject::because("not mine"))?);
    let run = Running::start(
        bus.run(tracking::Journey::subscriber(rejecting.clone()))
            .and(tracking::Patient::subscriber(rejecting)),
    );
    courier(&bus).parcel_sent(sent("p-1", 0)).await.expect("stored");
    until("both have rejected it", async || letters(&bus).await.len() == 2).await;
    let journey = bus.dead_letters(&CATALOG).of(tracking::journey::Subscription::SPEC);
    let journey = journey.all().await.expect("a stream of dead letters");
    assert_eq!(journey.len(), 1);
    assert_eq!(journey[0].subscription, "tracking-journey");
    assert_eq!(run.stop().await.dead_lettered, 2);
}

async fn what_the_runtime_has_kept_is_not_swept(bus: Tidings) {
    let (failing, _sightings) = Tracker::new(async |_| Err(Reject::because("no"))?);
    let run = Running::start(bus.run(tracking::Journey::subscriber(failing)));
    let (end, ended) = tokio::sync::oneshot::channel::<()>();
    let sweeping = tokio::spawn(bus.sweep(&CATALOG).until(ended));
    for step in 0..5 {
        courier(&bus).parcel_sent(sent("p-1", step)).await.expect("stored");
    }
    until("five dead letters", async || letters(&bus).await.len() == 5).await;
    run.stop().await;
    drop(end);
    assert_eq!(sweeping.await.expect("no panic").expect("it ends well").count, 0);
    assert_eq!(letters(&bus).await.len(), 5);
}

#[derive(Debug)]
struct Layer(&'static str, Option<Box<Layer>>);

impl std::fmt::Display for Layer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for Layer {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.1.as_deref().map(|cause| cause as _)
    }
}

async fn a_dead_letter_tells_the_causes_and_when_it_failed(bus: Tidings) {
    let (tracker, mut sightings) = Tracker::new(async |_| {
        let cause = Layer("the disk is full", None);
        Err(Layer("nothing saved", Some(Box::new(cause))))?
    });
    let run = Running::start(bus.run(tracking::Journey::subscriber(tracker)));
    courier(&bus).parcel_sent(sent("p-1", 0)).await.expect("stored");
    let mut seen = Vec::new();
    for _ in 0..3 {
        seen.push(next(&mut sightings).await.at);
    }
    let letter = only_letter(&bus).await;
    assert_eq!(letter.chain, ["nothing saved", "the disk is full"]);
    assert_eq!(letter.error, "nothing saved: the disk is full");
    let (first, last) = (letter.first_failure.expect("seen here"), letter.last_failure);
    let last = last.expect("seen here");
    // Each delay lies between: 100 ms and 200 ms, as the catalog says.
    let apart = Duration::try_from(last.duration_since(first)).expect("in this order");
    assert!(apart >= Duration::from_millis(290), "{first} {last}");
    assert!(apart <= seen[2] - seen[0] + Duration::from_secs(5), "{first} {last}");
    run.stop().await;
}

async fn a_first_failure_that_nobody_here_saw_is_unknown(bus: Tidings) {
    let (failing, mut sightings) = Tracker::new(async |seen: Seen| match seen.attempt {
        1 => Err(std::io::Error::other("broken"))?,
        _ => Err(Reject::because("for good"))?,
    });
    let run = Running::start(bus.run(tracking::Patient::subscriber(failing.clone())));
    courier(&bus).parcel_sent(sent("p-1", 0)).await.expect("stored");
    assert_eq!(next(&mut sightings).await.attempt, 1);
    assert_eq!(run.stop().await.retried, 1);
    // Another run is as good as another process: it shares nothing with the first.
    let run = Running::start(bus.run(tracking::Patient::subscriber(failing)));
    assert_eq!(next(&mut sightings).await.attempt, 2);
    let letter = only_letter(&bus).await;
    assert_eq!(letter.first_failure, None);
    assert!(letter.last_failure.is_some());
    run.stop().await;
}

async fn one_dead_letter_is_shown_by_its_sequence(bus: Tidings) {
    let (failing, _sightings) = Tracker::new(async |_| Err(Reject::because("no"))?);
    let run = Running::start(bus.run(tracking::Journey::subscriber(failing)));
    for step in 0..2 {
        courier(&bus).parcel_sent(sent("p-1", step)).await.expect("stored");
    }
    until("two dead letters", async || letters(&bus).await.len() == 2).await;
    let all = letters(&bus).await;
    let shown = async |sequence| {
        bus.dead_letters(&CATALOG).show(sequence).await.expect("a stream of dead letters")
    };
    let second = shown(all[1].sequence).await.expect("it is there");
    assert_eq!((second.sequence, second.raw_payload()), (all[1].sequence, all[1].raw_payload()));
    run.stop().await;
    bus.dead_letters(&CATALOG).redrive().limit(1).await.expect("redriven");
    assert!(shown(all[0].sequence).await.is_none(), "it was redriven");
    assert!(shown(all[1].sequence).await.is_some());
    let redriven = all[1].sequence + 1;
    assert!(shown(redriven).await.is_none(), "what waits for its subscription is no dead letter");
}

async fn letters(bus: &Tidings) -> Vec<DeadLetter> {
    bus.dead_letters(&CATALOG).all().await.expect("a stream of dead letters")
}

pub(super) async fn only_letter(bus: &Tidings) -> DeadLetter {
    until("a dead letter", async || !letters(bus).await.is_empty()).await;
    let mut letters = letters(bus).await;
    assert_eq!(letters.len(), 1, "{letters:#?}");
    letters.remove(0)
}
