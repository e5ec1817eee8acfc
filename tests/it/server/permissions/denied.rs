//! Every service against everything that is another's, at the server's own interface.

use tidings::kv::BucketConfig;
use tidings_codegen::emit::permissions::{Credentials, Options};
use tidings_codegen::model::{Catalog, Event, Service};

use super::Guarded;
use super::probe::Probe;
use crate::fixture::{courier, sent};

/// A subject of an event.
fn subject(event: &Event, organization: &str) -> String {
    let filled = |property: &str| if property == "organization_id" { organization } else { "x" };
    let tokens = event.subject.template();
    let tokens = tokens.split('.').map(|token| {
        token.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')).map_or(token, filled)
    });
    tokens.collect::<Vec<_>>().join(".")
}

fn publishes(service: &Service, event: &Event) -> bool {
    service.publishes.iter().any(|one| one.event == event.id)
}

/// What can be asked of a durable consumer.
fn requests(stream: &str, durable: &str) -> [String; 5] {
    [
        format!("$JS.API.CONSUMER.MSG.NEXT.{stream}.{durable}"),
        format!("$JS.API.CONSUMER.INFO.{stream}.{durable}"),
        format!("$JS.ACK.{stream}.{durable}.1.999999.999999.0.0"),
        format!("$JS.ACK.hub.hash.{stream}.{durable}.1.999999.999999.0.0"),
        format!("$JS.ACK.{stream}.{durable}.1.999999.999999.0.0.x"),
    ]
}

/// Every durable of a service with its stream, the redrive durables among them.
fn durables(catalog: &Catalog, service: &Service) -> Vec<(String, String)> {
    let subscriptions = service.subscriptions.values();
    subscriptions
        .flat_map(|one| {
            let redrive = catalog.dead_letters.redrive_of(&service.name, one).0;
            let redrive = (catalog.dead_letters.stream.clone(), redrive);
            let live = one.durables().map(|durable| (one.stream.clone(), durable.to_owned()));
            live.chain([redrive]).collect::<Vec<_>>()
        })
        .collect()
}

/// What no service may do, whatever the catalog says.
fn never(catalog: &Catalog) -> Vec<String> {
    let mut all = vec!["$JS.API.STREAM.LIST".to_owned(), "$JS.API.STREAM.NAMES".to_owned()];
    let advisories = catalog.dead_letters.advisories();
    for stream in catalog.streams.keys().chain([&advisories]) {
        for method in ["CREATE", "UPDATE", "DELETE", "PURGE", "RESTORE", "SNAPSHOT"] {
            all.push(format!("$JS.API.STREAM.{method}.{stream}"));
        }
        for method in ["LIST", "NAMES"] {
            all.push(format!("$JS.API.CONSUMER.{method}.{stream}"));
        }
        all.push(format!("$JS.API.STREAM.LEADER.STEPDOWN.{stream}"));
    }
    let dead_letters = &catalog.dead_letters;
    for method in ["MSG.GET", "MSG.DELETE"] {
        all.push(format!("$JS.API.STREAM.{method}.{}", dead_letters.stream));
    }
    all.push(format!("$JS.API.DIRECT.GET.{}", dead_letters.stream));
    all.push(format!("$JS.API.CONSUMER.CREATE.{}.mine", dead_letters.stream));
    all.extend(requests(&advisories, "sweeper"));
    all
}

async fn check(guarded: &Guarded) {
    let catalog = &guarded.catalog;
    let (mut allowed, mut denied) = (0, 0);
    for service in catalog.services.values() {
        let mut probe = Probe::of(guarded, &service.name).await;
        let mut permitted = Vec::new();
        let mut forbidden = never(catalog);
        for event in catalog.events.values() {
            let subject = subject(event, "acme");
            match publishes(service, event) {
                true => permitted.push(subject),
                false => forbidden.push(subject),
            }
        }
        for other in catalog.services.values() {
            let own = other.name == service.name;
            for (stream, durable) in durables(catalog, other) {
                let to = if own { &mut permitted } else { &mut forbidden };
                to.extend(requests(&stream, &durable));
                forbidden.push(format!("$JS.API.CONSUMER.DELETE.{stream}.{durable}"));
                forbidden.push(format!("$JS.API.CONSUMER.CREATE.{stream}.{durable}"));
                forbidden.push(format!("$JS.API.CONSUMER.CREATE.{stream}.{durable}.x.y"));
                forbidden.push(format!("$JS.API.CONSUMER.DURABLE.CREATE.{stream}.{durable}"));
                forbidden.push(format!("$JS.API.CONSUMER.PAUSE.{stream}.{durable}"));
            }
            let dead_letters = &catalog.dead_letters;
            for subscription in other.subscriptions.values() {
                let end = format!("{}.{}.a.b.c", other.name, subscription.name);
                let to = if own { &mut permitted } else { &mut forbidden };
                to.push(format!("{}.{end}", dead_letters.subject));
                forbidden.push(format!("{}.{end}", dead_letters.redrive_subject()));
            }
            for bucket in &other.buckets {
                let to = if own { &mut permitted } else { &mut forbidden };
                to.push(format!("$KV.{bucket}.key"));
                to.push(format!("$JS.API.STREAM.MSG.GET.KV_{bucket}"));
                for method in ["CREATE", "UPDATE", "DELETE", "PURGE"] {
                    forbidden.push(format!("$JS.API.STREAM.{method}.KV_{bucket}"));
                }
            }
            for subject in other.core.publish.keys() {
                let to = if own { &mut permitted } else { &mut forbidden };
                to.push(subject.replace('*', "x"));
            }
            for subject in other.core.subscribe.keys().chain(other.core.answer.keys()) {
                assert_eq!(probe.may_subscribe(subject).await, own, "{}: {subject}", service.name);
                // Who only listens sends nothing there.
                let only_listens = own && !other.core.publish.contains_key(subject);
                forbidden.extend(only_listens.then(|| subject.replace(['*', '>'], "y")));
            }
            if !own {
                let inbox = format!("_INBOX_{}.>", other.name);
                assert!(!probe.may_subscribe(&inbox).await, "{}: {inbox}", service.name);
            }
        }
        // What stands beside the events in a stream is only that of who publishes there.
        for stream in catalog.streams.values() {
            let events = catalog.events.values();
            let writes = events
                .filter(|event| publishes(service, event))
                .any(|event| catalog.domains[&event.domain].stream == stream.name);
            let reads = service.subscriptions.values().any(|one| one.stream == stream.name);
            let schedules = service.schedules && writes;
            let to = if schedules { &mut permitted } else { &mut forbidden };
            to.push(format!("_scheduled.{}.x", stream.name));
            to.push(format!("$JS.API.STREAM.MSG.DELETE.{}", stream.name));
            if !writes && !reads {
                for request in ["STREAM.MSG.GET", "DIRECT.GET"] {
                    forbidden.push(format!("$JS.API.{request}.{}", stream.name));
                }
                // Who may have dead letters may count them.
                let counts =
                    stream.name == catalog.dead_letters.stream && !service.subscriptions.is_empty();
                let to = if counts { &mut permitted } else { &mut forbidden };
                to.push(format!("$JS.API.STREAM.INFO.{}", stream.name));
            }
            if !service.replays {
                forbidden.push(format!("$JS.API.CONSUMER.CREATE.{}.replay-1", stream.name));
                forbidden.push(format!("$JS.API.CONSUMER.CREATE.{}.replay-1.x", stream.name));
                forbidden.push(format!("$JS.API.CONSUMER.MSG.NEXT.{}.replay-1", stream.name));
            } else if reads {
                permitted.push(format!("$JS.API.CONSUMER.MSG.NEXT.{}.replay-1", stream.name));
            }
            if stream.payloads.claim_check.is_some() {
                let bucket = format!("{}_payloads", stream.name);
                let to = if writes { &mut permitted } else { &mut forbidden };
                to.push(format!("$O.{bucket}.C.x"));
                to.push(format!("$O.{bucket}.M.x"));
                let to = if writes || reads { &mut permitted } else { &mut forbidden };
                to.push(format!("$JS.API.STREAM.MSG.GET.OBJ_{bucket}"));
                forbidden.push(format!("$JS.API.STREAM.DELETE.OBJ_{bucket}"));
            }
        }
        for anything in [">", "_INBOX.>", "$JS.>", "$SYS.>", "dlq.>"] {
            assert!(!probe.may_subscribe(anything).await, "{}: {anything}", service.name);
        }
        assert!(probe.may_subscribe(&format!("_INBOX_{}.>", service.name)).await);
        for subject in &permitted {
            assert!(probe.may_publish(subject).await, "{} may not: {subject}", service.name);
        }
        for subject in &forbidden {
            assert!(!probe.may_publish(subject).await, "{} may: {subject}", service.name);
        }
        allowed += permitted.len();
        denied += forbidden.len();
    }
    assert!(allowed > 100 && denied > 1000, "{allowed} allowed, {denied} denied");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_service_of_the_tests_reaches_what_is_another_s() {
    check(&Guarded::fixture().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_service_of_the_samples_reaches_what_is_another_s() {
    check(&Guarded::of("../event-catalog", Options::default()).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_reaches_no_more_than_its_own() {
    let guarded = Guarded::fixture().await;
    for (role, permitted, forbidden) in [
        (
            "tidings-provisioner",
            &["$JS.API.STREAM.INFO.PARCELS_EVENTS", "$JS.API.CONSUMER.LIST.PARCELS_EVENTS"][..],
            &[
                "parcels.parcel.sent",
                "$JS.API.STREAM.MSG.GET.PARCELS_EVENTS",
                "$JS.API.CONSUMER.MSG.NEXT.PARCELS_EVENTS.tracking-journey",
                "$JS.API.STREAM.PURGE.PARCELS_EVENTS",
                "$JS.API.STREAM.CREATE.SOMETHING_ELSE",
                "dlq.tracking.journey.a",
            ][..],
        ),
        (
            "tidings-operator",
            &["$JS.API.STREAM.MSG.DELETE.DLQ_EVENTS", "dlq_redrive.tracking.journey.a.b.c"],
            &[
                "parcels.parcel.sent",
                "dlq.tracking.journey.a",
                "$JS.API.STREAM.MSG.DELETE.PARCELS_EVENTS",
                "$JS.API.CONSUMER.MSG.NEXT.PARCELS_EVENTS.tracking-journey",
                "$JS.API.CONSUMER.DELETE.PARCELS_EVENTS.tracking-journey",
                "$JS.API.CONSUMER.CREATE.PARCELS_EVENTS.tracking-journey",
                "$JS.ACK.PARCELS_EVENTS.tracking-journey.1.2.3.4.5",
                "$JS.API.STREAM.UPDATE.PARCELS_EVENTS",
                "$JS.API.STREAM.PURGE.DLQ_EVENTS",
            ],
        ),
        (
            "tidings-sweeper",
            &["dlq.tracking.journey.a", "$JS.API.STREAM.MSG.GET.PARCELS_EVENTS"],
            &[
                "parcels.parcel.sent",
                "dlq_redrive.tracking.journey.a",
                "$JS.API.STREAM.MSG.DELETE.PARCELS_EVENTS",
                "$JS.API.CONSUMER.MSG.NEXT.PARCELS_EVENTS.tracking-journey",
            ],
        ),
    ] {
        let mut probe = Probe::of(&guarded, role).await;
        for subject in permitted {
            assert!(probe.may_publish(subject).await, "{role} may not: {subject}");
        }
        for subject in forbidden {
            assert!(!probe.may_publish(subject).await, "{role} may: {subject}");
        }
        for other in guarded.users.iter().filter(|other| other.name != role) {
            let inbox = format!("{}.>", other.inbox_prefix);
            assert!(!probe.may_subscribe(&inbox).await, "{role}: {inbox}");
        }
    }
    let provisioner = guarded.bus("tidings-provisioner").await;
    let stray = provisioner.ensure_bucket(&BucketConfig::new("stray")).await;
    assert!(stray.is_err(), "a bucket that no service has");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_organization_s_services_publish_what_is_its() {
    let options = Options { organization: Some("acme"), ..Options::default() };
    let guarded = Guarded::of("catalog", options).await;
    let mut probe = Probe::of(&guarded, "broker").await;
    assert!(probe.may_publish("customs.acme.declaration.filed").await);
    assert!(!probe.may_publish("customs.other.declaration.filed").await);
}

#[tokio::test(flavor = "multi_thread")]
async fn users_of_an_account_prove_who_they_are_by_their_keys() {
    let (account, credentials) = (Some("PARCELS"), Credentials::Nkey);
    let options = Options { account, credentials, ..Options::default() };
    let guarded = Guarded::of("catalog", options).await.applied().await;
    let publisher = courier(&guarded.bus("courier").await);
    publisher.parcel_sent(sent("p-1", 0)).await.expect("stored");
    let publisher = courier(&guarded.bus("booth").await);
    publisher.parcel_sent(sent("p-1", 1)).await.expect_err("denied");
}
