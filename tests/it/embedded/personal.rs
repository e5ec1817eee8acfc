//! What is logged about an event, at every level, tells nothing about people.

use std::io;
use std::sync::{Arc, Mutex};

use event_catalog::user::UserCreated;
use event_catalog::user_profile::welcome_mail;
use event_catalog::{CATALOG, user_profile};
use tidings::{Event as _, Handled, Reject, Subscription as _, Tidings, event_handler};
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::fixture::{Running, until};

/// A log that is read afterwards.
#[derive(Clone, Default)]
pub(super) struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    /// What this thread writes from now on, at every level, while the guard lives.
    pub(super) fn begin() -> (Self, impl Sized) {
        let log = Self::default();
        let writer = log.clone();
        let guard = tracing_subscriber::fmt()
            .with_max_level(tracing_subscriber::filter::LevelFilter::TRACE)
            .with_writer(move || writer.clone())
            .finish()
            .set_default();
        (log, guard)
    }

    pub(super) fn text(&self) -> String {
        String::from_utf8(self.0.lock().expect("no panic").clone()).expect("UTF-8")
    }
}

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("no panic").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Quotes all that it knows, in every way of failing.
#[event_handler(welcome_mail)]
async fn welcome(event: UserCreated, cx: user_profile::Context) -> Handled {
    let words = format!("no mail to {} <{}>, of {event:?}", event.full_name, event.email);
    match cx.attempt() {
        1 => Err(io::Error::other(words))?,
        2 => panic!("{words}"),
        _ => Err(Reject::because(words))?,
    }
}

#[tokio::test(start_paused = true)]
async fn logs_and_dead_letters_tell_nothing_about_people() {
    let (log, _guard) = Log::begin();
    let bus = Tidings::embedded();
    bus.ensure(&CATALOG).await.expect("the catalog fits");
    let subscriber = || welcome_mail::Handlers { user_created: welcome }.subscriber();
    let run = Running::start(bus.run(subscriber()));
    let event: UserCreated = serde_json::from_str(UserCreated::SPEC.examples[0]).expect("it fits");
    let (name, email) = (event.full_name.clone(), event.email.clone());
    let publisher = user_profile::Publisher::new(&bus).organization("acme");
    publisher.user_created(event).await.expect("stored");
    let letters = async || bus.dead_letters(&CATALOG).all().await.expect("readable");
    until("a dead letter", async || !letters().await.is_empty()).await;
    let letter = letters().await.remove(0);
    assert_eq!(run.stop().await.dead_lettered, 1);

    let log = log.text();
    assert!(log.contains("the handler panicked: no mail to <redacted> <<redacted>>"), "{log}");
    assert!(log.contains("TRACE") && log.contains("dead letter"), "{log}");
    assert!(letter.payload_redacted().contains(r#""email":"<redacted>""#), "{letter:?}");
    assert!(letter.error.starts_with("no mail to <redacted>"), "{letter}");
    let replayed = bus.replay(welcome_mail::Subscription::SPEC).to(subscriber()).await;
    let replayed = replayed.expect_err("it fails again");
    let words = [log, format!("{letter:?}"), letter.to_string(), format!("{replayed:?}")];
    for words in words {
        assert!(!words.contains(&name) && !words.contains(&email), "{words}");
    }
    let raw = String::from_utf8(letter.raw_payload().to_vec()).expect("JSON");
    assert!(raw.contains(&name) && raw.contains(&email), "the original, byte for byte");
}
