//! Personal data that the catalog has encrypted, and what becomes of it when its keys are deleted.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use tidings::encryption::{
    ERASED, Key, KeyError, KeyFuture, KeyId, KeyProvider, Keys, Lookup, MemoryKeys,
};
use tidings::{
    DeadLetter, EncryptionError, Event as _, Handled, Outcome, PublishError, Reason, ReplayError,
    RunError, Subscription as _, Tidings, Timestamp, event_handler,
};
use tokio::sync::mpsc;

use super::{on_both_brokers, too_old};
use crate::fixture::catalog::people::{RecipientRegistered, v1};
use crate::fixture::catalog::{CATALOG, registry};
use crate::fixture::{Running, next, until};

on_both_brokers!(
    what_is_stored_is_encrypted_and_what_is_handled_is_plain,
    every_way_of_publishing_encrypts,
    once_its_keys_are_gone_an_event_is_read_without_people,
    whoever_was_erased_gets_no_new_key,
    with_a_new_key_the_old_events_stay_readable,
    another_key_opens_nothing,
    keys_that_cannot_be_had_erase_nothing,
    an_event_waits_among_the_dead_letters_for_its_keys,
    nothing_runs_without_keys,
    a_file_keeps_what_is_encrypted,
    what_is_large_is_encrypted_first_and_compressed_once,
);

const GREETING: &tidings::catalog::SubscriptionSpec = registry::greeting::Subscription::SPEC;
/// What only keys can show.
const PLAIN: [&str; 10] = [
    "Grace Example",
    "grace@example.com",
    "+4969123456",
    "1906-12-09",
    "4242424242424242",
    "Hopper",
    "Hauptstrasse 12",
    "second yard",
    "Nebenstrasse 1",
    "number",
];

/// Hands on what it is handed.
#[derive(Clone)]
pub(crate) struct Host<E>(mpsc::UnboundedSender<E>);

impl<E> Host<E> {
    pub(crate) fn new() -> (Self, mpsc::UnboundedReceiver<E>) {
        let (report, seen) = mpsc::unbounded_channel();
        (Self(report), seen)
    }
}

#[event_handler]
impl registry::Greeting for Host<RecipientRegistered> {
    async fn recipient_registered(
        &self,
        event: RecipientRegistered,
        _cx: &registry::Context,
    ) -> Handled {
        Ok(self.0.send(event)?)
    }
}

#[event_handler]
impl registry::OldGreeting for Host<v1::RecipientRegistered> {
    async fn recipient_registered(
        &self,
        event: v1::RecipientRegistered,
        _cx: &registry::Context,
    ) -> Handled {
        Ok(self.0.send(event)?)
    }
}

pub(crate) fn grace() -> RecipientRegistered {
    serde_json::from_str(RecipientRegistered::SPEC.examples[0]).expect("it fits")
}

pub(crate) fn publisher(bus: &Tidings) -> registry::Publisher {
    registry::Publisher::new(bus).organization("acme")
}

fn with_keys(bus: &Tidings) -> MemoryKeys {
    let keys = MemoryKeys::new();
    bus.set_keys(Keys::new(keys.clone()).fresh_for(Duration::ZERO));
    keys
}

/// What the stream holds, as it holds it.
async fn stored(bus: &Tidings) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("stored");
    bus.replay(GREETING).to_file(&file).await.expect("written");
    std::fs::read_to_string(&file).expect("text")
}

async fn letters(bus: &Tidings) -> Vec<DeadLetter> {
    bus.dead_letters(&CATALOG).all().await.expect("readable")
}

fn tells(text: &str) -> Vec<&'static str> {
    PLAIN.into_iter().filter(|value| text.contains(value)).collect()
}

/// The example without what is encrypted.
fn without_people() -> RecipientRegistered {
    let mut event = grace();
    for text in [&mut event.name, &mut event.mail] {
        ERASED.clone_into(text);
    }
    for door in &mut event.doors {
        door.bell = None;
        door.lines = vec![ERASED.to_owned(); door.lines.len()];
    }
    (event.phone, event.born, event.card) = (None, None, None);
    event
}

async fn what_is_stored_is_encrypted_and_what_is_handled_is_plain(bus: Tidings) {
    with_keys(&bus);
    let published = publisher(&bus).recipient_registered(grace()).await.expect("stored");
    assert_eq!(published.sequence, Some(2), "behind its copy in the older version");
    let lines = stored(&bus).await;
    assert_eq!((lines.lines().count(), tells(&lines)), (2, Vec::new()), "{lines}");
    assert!(lines.contains("Arlington") && lines.contains("text:/doors/*/lines/*"), "{lines}");
    for place in ["text:/name", "absent:/card", "null:/doors/*/bell"] {
        assert!(lines.contains(place), "{place}: {lines}");
    }

    let (host, mut seen) = Host::new();
    let (old_host, mut old_seen) = Host::new();
    let run = bus.run(registry::Greeting::subscriber(host));
    let run = Running::start(run.and(registry::OldGreeting::subscriber(old_host)));
    assert_eq!(next(&mut seen).await, grace());
    let old = next(&mut old_seen).await;
    let event = grace();
    assert_eq!((old.name, old.email, old.phone), (event.name, event.mail, event.phone));
    let report = run.stop().await;
    assert_eq!((report.handled, report.dead_lettered), (2, 0), "{report:?}");
}

async fn every_way_of_publishing_encrypts(bus: Tidings) {
    with_keys(&bus);
    let publisher = publisher(&bus);
    let receipt = publisher.recipient_registered(grace()).enqueue().await.expect("sent");
    receipt.await.expect("stored");
    publisher.recipient_registered(grace()).in_background().expect("taken in");
    bus.flush().await;
    assert_eq!(bus.background_counts().published, 1);
    let together = publisher
        .atomically()
        .add(publisher.recipient_registered(grace()))
        .add(publisher.recipient_registered(grace()))
        .await;
    let mut count = 2;
    if !too_old(&together) {
        assert_eq!(together.expect("stored").len(), 2);
        let passed = Timestamp::now() - Duration::from_secs(3600);
        publisher.recipient_registered(grace()).publish_at(passed).await.expect("scheduled");
        count += 3;
    }
    until("all are stored", async || stored(&bus).await.lines().count() == 2 * count).await;
    let lines = stored(&bus).await;
    assert_eq!(tells(&lines), Vec::<&str>::new(), "{lines}");
    let (host, mut seen) = Host::new();
    let run = Running::start(bus.run(registry::Greeting::subscriber(host)));
    for _ in 0..count {
        assert_eq!(next(&mut seen).await, grace());
    }
    run.stop().await;
}

async fn once_its_keys_are_gone_an_event_is_read_without_people(bus: Tidings) {
    let keys = with_keys(&bus);
    publisher(&bus).recipient_registered(grace()).await.expect("stored");
    let other = registry::Publisher::new(&bus).organization("umbrella");
    other.recipient_registered(grace()).await.expect("stored");
    keys.erase("acme");
    let (host, mut seen) = Host::new();
    let run = Running::start(bus.run(registry::Greeting::subscriber(host)));
    // Handlers run side by side, so either may be seen first.
    let handled = [next(&mut seen).await, next(&mut seen).await];
    assert!(handled.contains(&without_people()), "its constraints are not in the way: {handled:?}");
    assert!(handled.contains(&grace()), "others have keys of their own: {handled:?}");
    assert_eq!(run.stop().await.dead_lettered, 0);

    let (host, mut seen) = Host::new();
    let replay = bus.replay(GREETING).organization("acme");
    replay.to(registry::Greeting::subscriber(host)).await.expect("replayed");
    assert_eq!(seen.recv().await, Some(without_people()));
    // What is read of version 1 is upcast without people too.
    let (host, mut seen) = Host::new();
    let old = v1::RecipientRegistered {
        recipient_id: grace().recipient_id,
        name: grace().name,
        email: grace().mail,
        phone: None,
    };
    other.recipient_registered_v1(old).await.expect("stored");
    keys.erase("umbrella");
    let replay = bus.replay(GREETING).organization("umbrella").from_sequence(5);
    replay.to(registry::Greeting::subscriber(host)).await.expect("replayed");
    let event = seen.recv().await.expect("one");
    assert_eq!((&*event.name, &*event.mail, event.phone), (ERASED, ERASED, None));
}

async fn whoever_was_erased_gets_no_new_key(bus: Tidings) {
    let keys = with_keys(&bus);
    publisher(&bus).recipient_registered(grace()).await.expect("stored");
    keys.erase("acme");
    let error = publisher(&bus).recipient_registered(grace()).await.expect_err("erased");
    let PublishError::Encryption { source, .. } = &error else { panic!("{error:?}") };
    assert!(matches!(source, EncryptionError::Erased { organization } if organization == "acme"));
    assert_eq!((error.outcome(), stored(&bus).await.lines().count()), (Outcome::Rejected, 2));
    let nobody = registry::Publisher::new(&bus).recipient_registered(grace()).await;
    assert!(matches!(nobody, Err(PublishError::NoOrganization { .. })), "{nobody:?}");
}

async fn with_a_new_key_the_old_events_stay_readable(bus: Tidings) {
    let keys = with_keys(&bus);
    let first = keys.rotate("acme").expect("a key");
    publisher(&bus).recipient_registered(grace()).await.expect("stored");
    let second = keys.rotate("acme").expect("a key");
    publisher(&bus).recipient_registered(grace()).await.expect("stored");
    let lines = stored(&bus).await;
    for (line, id) in lines.lines().zip([&first, &first, &second, &second]) {
        assert!(line.contains(&format!("enc1.{id}.")), "{id}: {line}");
    }
    let (host, mut seen) = Host::new();
    let run = Running::start(bus.run(registry::Greeting::subscriber(host)));
    for _ in 0..2 {
        assert_eq!(next(&mut seen).await, grace());
    }
    run.stop().await;
}

/// Answers as the test wishes, under the ids that it is asked for.
#[derive(Clone)]
struct Answers(Arc<Answer>);

type Answer = dyn Fn(Option<&KeyId>) -> Result<Lookup, KeyError> + Send + Sync;

impl KeyProvider for Answers {
    fn current<'a>(&'a self, _organization: &'a str) -> KeyFuture<'a> {
        Box::pin(async { (self.0)(None) })
    }

    fn key<'a>(&'a self, _organization: &'a str, id: &'a KeyId) -> KeyFuture<'a> {
        Box::pin(async { (self.0)(Some(id)) })
    }
}

fn answer(
    bus: &Tidings,
    answer: impl Fn(Option<&KeyId>) -> Result<Lookup, KeyError> + Send + Sync + 'static,
) {
    bus.set_keys(Keys::new(Answers(Arc::new(answer))).fresh_for(Duration::ZERO));
}

fn key(secret: u8) -> Key {
    Key::new(KeyId::new("k-1").expect("an id"), [secret; 32])
}

async fn another_key_opens_nothing(bus: Tidings) {
    answer(&bus, |_| Ok(Lookup::Found(key(1))));
    publisher(&bus).recipient_registered(grace()).await.expect("stored");
    answer(&bus, |_| Ok(Lookup::Found(key(2))));
    let (host, mut seen) = Host::new();
    let run = Running::start(bus.run(registry::Greeting::subscriber(host)));
    until("a dead letter", async || !letters(&bus).await.is_empty()).await;
    let letter = letters(&bus).await.remove(0);
    assert_eq!((letter.reason, letter.attempts), (Some(Reason::Undecodable), 1));
    assert!(letter.error.contains("is not what was encrypted there"), "{letter}");
    for shown in [format!("{letter:?}"), letter.to_string(), letter.payload_redacted()] {
        assert!(tells(&shown).is_empty() && !shown.contains("enc1."), "{shown}");
    }
    assert!(tells(&String::from_utf8_lossy(letter.raw_payload())).is_empty());
    run.stop().await;
    assert!(seen.recv().await.is_none(), "nothing was handled");
}

async fn keys_that_cannot_be_had_erase_nothing(bus: Tidings) {
    answer(&bus, |_| Ok(Lookup::Found(key(1))));
    publisher(&bus).recipient_registered(grace()).await.expect("stored");
    let asked = AtomicU32::new(0);
    answer(&bus, move |_| match asked.fetch_add(1, Ordering::Relaxed) {
        0..2 => Err(KeyError::because("the vault is closed")),
        _ => Ok(Lookup::Found(key(1))),
    });
    let (host, mut seen) = Host::new();
    let run = Running::start(bus.run(registry::Greeting::subscriber(host)));
    assert_eq!(next(&mut seen).await, grace(), "tried again until there is a key");
    let report = run.stop().await;
    assert!(report.retried >= 1 && report.dead_lettered == 0, "{report:?}");
    answer(&bus, |_| Err(KeyError::because("the vault is closed")));
    let error = publisher(&bus).recipient_registered(grace()).await.expect_err("no key");
    assert!(matches!(error, PublishError::Encryption { source: EncryptionError::Keys { .. }, .. }));
    assert_eq!(stored(&bus).await.lines().count(), 2, "nothing was sent in plain");
}

async fn an_event_waits_among_the_dead_letters_for_its_keys(bus: Tidings) {
    answer(&bus, |_| Ok(Lookup::Found(key(1))));
    publisher(&bus).recipient_registered(grace()).await.expect("stored");
    answer(&bus, |_| Err(KeyError::because("the vault is closed")));
    let (host, mut seen) = Host::new();
    let run = Running::start(bus.run(registry::Greeting::subscriber(host)));
    until("a dead letter", async || !letters(&bus).await.is_empty()).await;
    for letter in letters(&bus).await {
        assert_eq!((letter.reason, letter.attempts), (Some(Reason::Failed), 3));
        assert_eq!(letter.chain.last().map(String::as_str), Some("the vault is closed"));
        let raw = String::from_utf8_lossy(letter.raw_payload()).into_owned();
        assert!(raw.contains("enc1.k-1.") && tells(&raw).is_empty(), "{raw}");
    }
    answer(&bus, |_| Ok(Lookup::Found(key(1))));
    let redriven = bus.dead_letters(&CATALOG).redrive().await.expect("redriven");
    assert_eq!(redriven.count, 1, "its copy in the older version was let go of");
    assert_eq!(next(&mut seen).await, grace());
    run.stop().await;
}

async fn nothing_runs_without_keys(bus: Tidings) {
    let error = publisher(&bus).recipient_registered(grace()).await.expect_err("no keys");
    let PublishError::Encryption { source, .. } = error else { panic!("{error:?}") };
    assert!(source.to_string().contains("`Tidings::set_keys`"), "{source}");
    let (host, _seen) = Host::new();
    let run = Running::start(bus.run(registry::Greeting::subscriber(host.clone())));
    let error = run.failed().await;
    let RunError::Keys { durable: "registry-greeting", source } = error else {
        panic!("{error:?}")
    };
    assert!(matches!(source, EncryptionError::NoKeys { .. }), "{source:?}");
    let replay = bus.replay(GREETING).to(registry::Greeting::subscriber(host)).await;
    assert!(matches!(replay, Err(ReplayError::Keys(EncryptionError::NoKeys { .. }))));
}

async fn a_file_keeps_what_is_encrypted(bus: Tidings) {
    let keys = with_keys(&bus);
    publisher(&bus).recipient_registered(grace()).await.expect("stored");
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("events");
    bus.replay(GREETING).to_file(&file).await.expect("written");
    let replay = async || {
        let (host, mut seen) = Host::new();
        let replay = bus.replay(file.clone()).to(registry::Greeting::subscriber(host)).await;
        assert_eq!(replay.expect("replayed").events, 1);
        seen.recv().await.expect("one")
    };
    assert_eq!(replay().await, grace());
    keys.erase("acme");
    assert_eq!(replay().await, without_people());
}

async fn what_is_large_is_encrypted_first_and_compressed_once(bus: Tidings) {
    with_keys(&bus);
    // What becomes of such a text could be compressed once more.
    let numbers: Vec<String> = (0..200_000).map(|number| number.to_string()).collect();
    let large = RecipientRegistered { city: Some(numbers.join(" ")), ..grace() };
    let (host, mut seen) = Host::new();
    let run = Running::start(bus.run(registry::Greeting::subscriber(host)));
    publisher(&bus).recipient_registered(large.clone()).await.expect("stored");
    assert!(next(&mut seen).await == large, "another event came");
    assert_eq!(run.stop().await.dead_lettered, 0);
}
