//! Cards of members, asked and answered without a stream.

use std::sync::Arc;
use std::time::Duration;

use tidings::messaging::{Core, CoreError};
use tidings::{Tidings, Uuid};
use user_profile::cards::{self, Cards, FRESH};
use user_profile::ports::{Details, Profiles as _};
use user_profile::pretend::Pretend;

/// So many instances, at work until the bus is closed.
async fn instances<const N: usize>(core: &Core, pretend: &Arc<Pretend>) -> [Arc<Cards>; N] {
    let instances = std::array::from_fn(|_| Cards::new(pretend.world().profiles));
    for cards in &instances {
        let listening = cards.listen(core).await.expect("it listens");
        tokio::spawn(listening.until(std::future::pending::<()>()));
    }
    instances
}

async fn called(pretend: &Pretend, user_id: Uuid, full_name: &str, revision: u64) {
    let details = Details { full_name: full_name.to_owned(), bio: None, revision };
    pretend.put_details(user_id, details).await.expect("written");
}

async fn name(core: &Core, user_id: Uuid) -> String {
    cards::ask(core, user_id).await.expect("an answer").expect("a card").full_name
}

#[tokio::test(start_paused = true)]
async fn instances_share_the_questions_and_know_no_stranger() {
    let (core, pretend) = (Tidings::embedded().core(), Arc::new(Pretend::default()));
    let nobody = cards::ask(&core, Uuid::now_v7()).await;
    assert!(matches!(nobody, Err(CoreError::NoResponders { .. })), "{nobody:?}");

    let all = instances::<3>(&core, &pretend).await;
    let ada = Uuid::now_v7();
    called(&pretend, ada, "Ada", 1).await;
    for _ in 0..60 {
        assert_eq!(name(&core, ada).await, "Ada");
    }
    assert_eq!(cards::ask(&core, Uuid::now_v7()).await.expect("an answer"), None);
    let answered = all.map(|cards| cards.answered().0);
    assert_eq!(answered.iter().sum::<u64>(), 61);
    assert!(answered.iter().all(|count| *count > 0), "{answered:?}");
}

#[tokio::test(start_paused = true)]
async fn every_instance_drops_a_copy_that_is_stale() {
    let (core, pretend) = (Tidings::embedded().core(), Arc::new(Pretend::default()));
    let all = instances::<3>(&core, &pretend).await;
    let ada = Uuid::now_v7();
    called(&pretend, ada, "Ada", 1).await;
    while all.iter().any(|cards| cards.answered().1 == 0) {
        name(&core, ada).await;
    }
    called(&pretend, ada, "Ada B.", 2).await;
    assert_eq!(name(&core, ada).await, "Ada", "all have copies, and nobody has told them");
    core.publish("user_profile.card.stale", "not an id").await.expect("sent, and passed over");
    cards::stale(&core, ada).await;
    // On virtual time this returns when nobody has anything left to do.
    tokio::time::sleep(Duration::from_millis(1)).await;
    for _ in 0..60 {
        assert_eq!(name(&core, ada).await, "Ada B.");
    }
}

#[tokio::test(start_paused = true)]
async fn a_word_that_is_lost_costs_no_more_than_half_a_minute() {
    let (core, pretend) = (Tidings::embedded().core(), Arc::new(Pretend::default()));
    instances::<1>(&core, &pretend).await;
    let ada = Uuid::now_v7();
    called(&pretend, ada, "Ada", 1).await;
    assert_eq!(name(&core, ada).await, "Ada");
    called(&pretend, ada, "Ada B.", 2).await;
    tokio::time::advance(FRESH - Duration::from_millis(1)).await;
    assert_eq!(name(&core, ada).await, "Ada");
    tokio::time::advance(Duration::from_millis(1)).await;
    assert_eq!(name(&core, ada).await, "Ada B.");
}
