//! Commands, and what follows from them, on the embedded broker and virtual time.

use std::time::Duration;

use event_catalog::CATALOG;
use event_catalog::user::{UserAvatarUploadedContentType, UserUpdated};
use event_catalog::user_profile::Publisher;
use tidings::testing::{self, Fault};
use tidings::{Reason, Tidings, Uuid};
use tokio::time::Instant;
use user_profile::commands::{CommandError, Register, Update, UploadAvatar};
use user_profile::effects::WIDTHS;
use user_profile::ports::Profiles as _;
use user_profile::pretend::PNG;

use crate::stage::Stage;

#[tokio::test(start_paused = true)]
async fn whoever_registers_is_welcomed_and_found() {
    let stage = Stage::on(Tidings::embedded()).await;
    let ada = stage.register("Ada").await;
    stage.settled().await;
    assert_eq!(stage.pretend.mails(), ["ada@example.com"]);
    assert_eq!(stage.pretend.words(ada).as_deref(), Some("Ada"));
    let profile = stage.pretend.find(ada).await.expect("readable").expect("a profile");
    assert_eq!(profile.details.expect("details").full_name, "Ada");
    assert_eq!(stage.end().await.handled, 2, "by a mail and by the read models");
}

#[tokio::test(start_paused = true)]
async fn a_mail_server_that_is_away_is_tried_again_and_sends_one_mail() {
    let stage = Stage::on(Tidings::embedded()).await;
    stage.pretend.fail_mails(2);
    let begun = Instant::now();
    stage.register("Ada").await;
    stage.settled().await;
    assert!(begun.elapsed() > Duration::from_secs(2), "a second, and then two, but for jitter");
    assert_eq!(stage.pretend.mails(), ["ada@example.com"]);
    assert_eq!(stage.end().await.retried, 2);
}

#[tokio::test(start_paused = true)]
async fn an_event_that_comes_again_sends_no_second_mail() {
    let (bus, faults) = testing::embedded();
    let stage = Stage::on(bus).await;
    for fault in [Fault::DeliveryDuplicated, Fault::SettlementLost, Fault::SettlementLost] {
        faults.inject(fault);
    }
    stage.register("Ada").await;
    stage.settled().await;
    assert!(faults.struck().len() >= 3, "{:?}", faults.struck());
    assert_eq!(stage.pretend.mails(), ["ada@example.com"]);
}

#[tokio::test(start_paused = true)]
async fn commands_are_done_while_the_broker_is_away_and_have_their_effects_later() {
    let (bus, faults) = testing::embedded();
    let stage = Stage::on(bus).await;
    faults.disconnect();
    let begun = Instant::now();
    let ada = stage.register("Ada").await;
    let bio = Some("Counts.".to_owned());
    let update = Update { bio, ..Update::default() };
    stage.commands.update(ada, update).await.expect("changed");
    assert_eq!(begun.elapsed(), Duration::ZERO, "nobody waits for the broker");
    faults.reconnect();
    stage.settled().await;
    assert_eq!(stage.pretend.mails(), ["ada@example.com"]);
    assert_eq!(stage.pretend.words(ada).as_deref(), Some("Ada Counts."));
}

#[tokio::test(start_paused = true)]
async fn a_command_is_done_although_its_event_cannot_be_published() {
    let stage = Stage::on(Tidings::embedded()).await;
    let ada = stage.register("Ada").await;
    stage.settled().await;
    stage.bus.close().await.expect("closed");
    let full_name = Some("Ada B.".to_owned());
    let update = Update { full_name, ..Update::default() };
    stage.commands.update(ada, update).await.expect("changed all the same");
    assert_eq!(stage.pretend.words(ada).as_deref(), Some("Ada"), "and nobody was told");
}

#[tokio::test(start_paused = true)]
async fn what_breaks_the_catalogs_schema_is_refused_and_changes_nothing() {
    let stage = Stage::on(Tidings::embedded()).await;
    let nameless = Register { email: "ada@example.com".to_owned(), full_name: String::new() };
    let outcome = stage.commands.register(nameless).await;
    assert!(matches!(outcome, Err(CommandError::Invalid(_))), "{outcome:?}");
    let ada = stage.register("Ada").await;
    let long = Update { bio: Some("x".repeat(2001)), ..Update::default() };
    let outcome = stage.commands.update(ada, long).await;
    assert!(matches!(outcome, Err(CommandError::Invalid(_))), "{outcome:?}");
    let content_type = UserAvatarUploadedContentType::ImagePng;
    let empty = UploadAvatar { file: Vec::new(), content_type };
    let outcome = stage.commands.upload_avatar(ada, empty).await;
    assert!(matches!(outcome, Err(CommandError::Invalid(_))), "{outcome:?}");
    let again = Register { email: "ada@example.com".to_owned(), full_name: "Eve".to_owned() };
    let outcome = stage.commands.register(again).await;
    assert!(matches!(outcome, Err(CommandError::AddressTaken)), "{outcome:?}");
    let outcome = stage.commands.update(Uuid::now_v7(), Update::default()).await;
    assert!(matches!(outcome, Err(CommandError::UnknownMember)), "{outcome:?}");
    assert_eq!(stage.end().await.handled, 2, "of the one who registered");
}

#[tokio::test(start_paused = true)]
async fn what_is_older_than_what_is_known_changes_nothing() {
    let stage = Stage::on(Tidings::embedded()).await;
    let user_id = Uuid::now_v7();
    let publisher = Publisher::new(&stage.bus).organization("acme");
    for (revision, full_name) in [(3, "Ada C."), (2, "Ada B.")] {
        let (email, full_name) = ("ada@example.com".to_owned(), full_name.to_owned());
        let updated = UserUpdated { user_id, email, full_name, bio: None, revision };
        publisher.user_updated(updated).await.expect("stored");
    }
    stage.settled().await;
    assert_eq!(stage.pretend.words(user_id).as_deref(), Some("Ada C."));
    let profile = stage.pretend.find(user_id).await.expect("readable").expect("a profile");
    assert_eq!(profile.details.expect("details").revision, 3);
}

#[tokio::test(start_paused = true)]
async fn a_picture_becomes_small_ones_and_what_is_none_a_dead_letter_at_once() {
    let stage = Stage::on(Tidings::embedded()).await;
    let ada = stage.register("Ada").await;
    let content_type = UserAvatarUploadedContentType::ImagePng;
    for file in [[PNG, b"a face"].concat(), b"no picture".to_vec()] {
        let upload = UploadAvatar { file, content_type };
        stage.commands.upload_avatar(ada, upload).await.expect("kept");
    }
    stage.settled().await;
    let files = stage.pretend.files();
    for width in WIDTHS {
        let end = format!("-{width}");
        assert_eq!(files.iter().filter(|key| key.ends_with(&end)).count(), 1, "{files:?}");
    }
    let letters = stage.bus.dead_letters(&CATALOG).all().await.expect("readable");
    let [letter] = letters.as_slice() else { panic!("one dead letter, not {letters:?}") };
    assert_eq!((letter.reason, letter.attempts), (Some(Reason::Rejected), 1));
    assert_eq!(letter.error, "the file is no picture");
    let profile = stage.pretend.find(ada).await.expect("readable").expect("a profile");
    assert_eq!(profile.picture.expect("a picture").revision, 2, "the page shows it all the same");
}
