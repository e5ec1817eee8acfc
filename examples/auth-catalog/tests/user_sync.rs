//! The copy of the users, on the embedded broker. Time runs: a database is on no virtual clock.

use auth_catalog::catalog::{Members, UserSync};
use event_catalog::auth::{
    self, UserCreated, UserCreatedRegisteredVia, UserDeleted, UserDeletedReason,
};
use event_catalog::catalog::{self, UserSync as _};
use event_catalog::types::{PersonName, UserStatus};
use tidings::{Date, Subscription as _, Tidings, Uuid};

const SPEC: &tidings::catalog::SubscriptionSpec = catalog::user_sync::Subscription::SPEC;

async fn bus() -> Tidings {
    let bus = Tidings::embedded();
    bus.ensure(&event_catalog::CATALOG).await.expect("the catalog fits");
    bus
}

fn created(user_id: Uuid) -> UserCreated {
    UserCreated {
        user_id,
        email: "ada@example.com".to_owned(),
        name: PersonName { given: "Ada".to_owned(), family: None },
        status: UserStatus::Active,
        registered_via: UserCreatedRegisteredVia::Password,
        locale: "en".to_owned(),
    }
}

fn deleted(user_id: Uuid) -> UserDeleted {
    let reason = UserDeletedReason::Requested;
    UserDeleted { user_id, reason, erase_by: Date::constant(2026, 12, 31) }
}

/// Handles everything that was published.
async fn handle_all(bus: &Tidings, sync: &UserSync) {
    let idle = async { bus.idle(SPEC).await.expect("idle") };
    let report = bus.run(sync.clone().subscriber()).until(idle).await.expect("it ends well");
    assert_eq!((report.dead_lettered, report.retried), (0, 0));
}

#[tokio::test]
async fn each_organization_sees_its_own_users_alone() {
    let (bus, members) = (bus().await, Members::open(None).await.expect("a table"));
    let user_id = Uuid::now_v7();
    for organization in ["acme", "globex"] {
        let publisher = auth::Publisher::new(&bus).organization(organization);
        publisher.user_created(created(user_id)).await.expect("stored");
    }
    let publisher = auth::Publisher::new(&bus).organization("globex");
    publisher.user_deleted(deleted(user_id)).await.expect("stored");
    handle_all(&bus, &UserSync::new(members.clone())).await;
    let acme = members.of("acme").await.expect("readable");
    assert_eq!(acme.iter().map(|member| member.user_id).collect::<Vec<_>>(), [user_id]);
    assert_eq!(members.of("globex").await.expect("readable"), []);
    assert_eq!(members.of("initech").await.expect("readable"), []);
}

#[tokio::test]
async fn what_comes_again_later_does_not_bring_a_deleted_user_back() {
    let (bus, members) = (bus().await, Members::open(None).await.expect("a table"));
    let user_id = Uuid::now_v7();
    let publisher = auth::Publisher::new(&bus).organization("acme");
    publisher.user_created(created(user_id)).await.expect("stored");
    publisher.user_deleted(deleted(user_id)).await.expect("stored");
    let sync = UserSync::new(members.clone());
    handle_all(&bus, &sync).await;
    assert_eq!(members.of("acme").await.expect("readable"), []);
    // Of the account's creation alone.
    let again = bus.replay(SPEC).event_type("auth.user.created").to(sync.subscriber());
    assert_eq!(again.await.expect("handled again").events, 1);
    assert_eq!(members.of("acme").await.expect("readable"), []);
}
