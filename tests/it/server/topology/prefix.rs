//! Environments that share an account, each under a prefix of its own.

use super::*;
use crate::fixture::{courier, sent, under, until};
use crate::server::sweep::{Sweeping, foreign, terminate};

async fn names(bus: &Tidings) -> Vec<String> {
    let streams = bus.streams().expect("a server").list().await.expect("listed");
    streams.into_iter().map(|stream| stream.name).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_environment_is_planned_and_applied_by_itself() {
    let server = NatsServer::start().await.expect("a server");
    let bus = connect(&server).await;
    let all = [bus.clone(), under(&bus, "staging"), under(&bus, "test")];
    let missing = plan(&bus, &CATALOG).await.steps().len();
    for one in &all {
        let applied = one.topology(&CATALOG).apply().await.expect("applied");
        assert!(applied.refused.is_empty(), "{:?}", applied.refused);
        assert_eq!(applied.done.len(), missing);
        assert!(applied.left.is_clean(), "{:?}", lines(applied.left.differences()));
    }
    for one in &all {
        let after = plan(one, &CATALOG).await;
        assert!(after.is_clean(), "{:?}", lines(after.differences()));
        let foreign = lines(after.notes().filter(|note| note.class == Class::Foreign));
        assert!(foreign.is_empty(), "{foreign:?}");
        one.topology(&CATALOG).verify().await.expect("as it should be");
        one.ensure(&CATALOG).await.expect("nothing to do");
    }
    let names = names(&bus).await;
    for name in ["PARCELS_EVENTS", "STAGING_PARCELS_EVENTS", "TEST_DLQ_EVENTS"] {
        assert!(names.iter().any(|known| known == name), "{name} in {names:?}");
    }
    let admin = Admin::of(&server).await;
    let stream = admin.stream("STAGING_PARCELS_EVENTS").await;
    assert_eq!(stream["subjects"][0], "staging.parcels.>");
    assert_eq!(stream["metadata"]["tidings.catalog"], "fixture@staging");
    let payloads = admin.stream("OBJ_staging_PHOTOS_EVENTS_payloads").await;
    assert_eq!(payloads["subjects"][0], "$O.staging_PHOTOS_EVENTS_payloads.C.>");

    // What happens to one is no difference of another, and repaired by its own names.
    admin.change_stream("STAGING_PARCELS_EVENTS", json!({ "max_msgs": 5 })).await;
    admin.call("CONSUMER.DELETE.STAGING_PARCELS_EVENTS.tracking-journey", Value::Null).await;
    let [plain, staging, test] = &all;
    assert!(plan(plain, &CATALOG).await.is_clean() && plan(test, &CATALOG).await.is_clean());
    let drifted = plan(staging, &CATALOG).await;
    let drifted = lines(drifted.differences());
    assert_eq!(drifted.len(), 2, "{drifted:?}");
    assert!(drifted[0].starts_with("STAGING_PARCELS_EVENTS: max_msgs is 5"), "{drifted:?}");
    assert!(staging.topology(&CATALOG).apply().await.expect("applied").left.is_clean());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_left_of_an_environment_is_an_orphan_of_it_alone() {
    let server = NatsServer::start().await.expect("a server");
    let bus = connect(&server).await;
    let staging = under(&bus, "staging");
    bus.ensure(&CATALOG).await.expect("created");
    staging.ensure(&CATALOG).await.expect("created");
    let kept: Vec<&StreamSpec> =
        CATALOG.streams.iter().filter(|stream| stream.name != "PAPERS_EVENTS").collect();
    let copies = kept.into_iter().map(|spec| StreamSpec {
        name: spec.name,
        subjects: spec.subjects,
        ownership: spec.ownership,
        bulk: spec.bulk,
        limits: spec.limits.clone(),
        environments: spec.environments,
    });
    let fewer = Catalog { streams: copies.collect::<Vec<_>>().leak(), ..CATALOG };
    let orphans: Vec<String> = plan(&staging, &fewer)
        .await
        .differences()
        .filter(|one| one.class == Class::Orphan)
        .map(|one| one.object.path())
        .collect();
    assert_eq!(orphans, ["STAGING_PAPERS_EVENTS"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sweeper_finds_what_was_given_up_under_its_prefix() {
    let server = NatsServer::start().await.expect("a server");
    let bus = super::super::connect(&server).await;
    let staging = under(&bus, "staging");
    staging.ensure(&CATALOG).await.expect("created");
    courier(&staging).parcel_sent(sent("p-1", 7)).await.expect("stored");
    let foreign = foreign(&server).await;
    let (own, other) = (Sweeping::start(&staging), Sweeping::start(&bus));
    terminate(&foreign, "STAGING_PARCELS_EVENTS", "tracking-journey", 1).await;
    let letters = async |bus: &Tidings| bus.dead_letters(&CATALOG).all().await.expect("readable");
    until("it is found", async || letters(&staging).await.len() == 1).await;
    let letter = &letters(&staging).await[0];
    assert_eq!(letter.source_stream, "PARCELS_EVENTS");
    assert_eq!(letter.source_subject, "parcels.parcel.sent");
    assert_eq!((own.stop().await, other.stop().await), (1, 0));
    assert!(letters(&bus).await.is_empty());
}
