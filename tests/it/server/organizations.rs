//! Subjects that tell whose an event is, against the envelope that tells it too.

use serde_json::json;
use tidings::testing::NatsServer;
use tidings::{Event as _, EventUnion, Handled, PublishError, Reason, Subscription as _, Tidings};
use tokio::sync::mpsc;

use super::connect;
use crate::fixture::catalog::{CATALOG, broker, customs};
use crate::fixture::{Running, next, until};

struct Clerk(mpsc::UnboundedSender<String>);

impl broker::Declared for Clerk {
    async fn declaration_filed(
        &self,
        event: customs::DeclarationFiled,
        cx: &broker::Context,
    ) -> Handled {
        assert_eq!(cx.organization(), Some(event.organization_id.as_str()));
        let _ = self.0.send(event.parcel_id);
        Ok(())
    }
}

fn filed(organization: &str, parcel: &str) -> customs::DeclarationFiled {
    let (organization_id, parcel_id) = (organization.to_owned(), parcel.to_owned());
    customs::DeclarationFiled { organization_id, parcel_id }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_is_published_only_for_whom_its_subject_tells() {
    let bus = Tidings::embedded();
    bus.ensure(&CATALOG).await.expect("the catalog fits");
    let publisher = broker::Publisher::new(&bus).organization("acme");
    let other = publisher.declaration_filed(filed("other", "p-1"));
    for error in [
        other.await.expect_err("refused"),
        publisher
            .atomically()
            .add(publisher.declaration_filed(filed("other", "p-1")))
            .await
            .expect_err("refused"),
    ] {
        let PublishError::OtherOrganization { subject, .. } = &error else { panic!("{error:?}") };
        assert_eq!(subject, "customs.other.declaration.filed");
        let words = error.to_string();
        assert!(words.contains("of `other`") && words.contains("of `acme`"), "{words}");
    }
    assert_eq!(customs::DeclarationFiled::SPEC.organization_token, Some(1));
    let lag = bus.lag(broker::declared::Subscription::SPEC).await.expect("a consumer");
    assert_eq!(lag.pending, 0, "nothing was stored");
    let same = publisher.declaration_filed(filed("other", "p-1")).organization("other");
    same.await.expect("stored");
}

/// Events of somebody else: one tells of two organizations, one of none beside its subject's, and `p-3` of one.
async fn store_three(server: &NatsServer) {
    let foreign = async_nats::connect(server.url()).await.expect("a connection");
    let foreign = async_nats::jetstream::new(foreign);
    for (subject, organization, parcel) in [
        ("customs.other.declaration.filed", Some("acme"), "p-1"),
        ("customs.acme.declaration.filed", None, "p-2"),
        ("customs.acme.declaration.filed", Some("acme"), "p-3"),
    ] {
        let mut event = json!({
            "specversion": "1.0", "id": parcel, "source": "foreign", "type": "customs.declaration.filed",
            "data": { "organization_id": "acme", "parcel_id": parcel },
        });
        if let Some(organization) = organization {
            event["organizationid"] = organization.into();
        }
        let sent = foreign.publish(subject, event.to_string().into()).await;
        sent.expect("sent").await.expect("stored");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_tells_of_two_organizations_is_a_dead_letter() {
    let server = NatsServer::start().await.expect("a server");
    let bus = connect(&server).await;
    store_three(&server).await;
    let (sender, mut seen) = mpsc::unbounded_channel();
    let run = Running::start(bus.run(broker::Declared::subscriber(Clerk(sender))));
    assert_eq!(next(&mut seen).await, "p-3", "no other reaches the handler");
    let letters = async || bus.dead_letters(&CATALOG).all().await.expect("readable");
    until("two dead letters", async || letters().await.len() == 2).await;
    for letter in letters().await {
        assert_eq!((letter.reason, letter.attempts), (Some(Reason::OtherOrganization), 1));
        assert!(letter.error.contains("its subject says that it is of"), "{}", letter.error);
    }
    assert_eq!(run.stop().await.dead_lettered, 2);
}

#[derive(EventUnion)]
enum Customs {
    Filed(customs::DeclarationFiled),
}

#[tokio::test(flavor = "multi_thread")]
async fn what_tells_of_two_organizations_is_handed_to_no_function() {
    let server = NatsServer::start().await.expect("a server");
    let bus = connect(&server).await;
    store_three(&server).await;
    let (mut failures, mut seen) = (mpsc::unbounded_channel(), Vec::new());
    let stream = CATALOG.stream(customs::DeclarationFiled::SPEC.stream).expect("declared");
    let replayed = bus.replay(stream).organization("acme").skip_failures(move |failure| {
        let _ = failures.0.send((failure.event_id.clone(), failure.reason));
    });
    let replayed = replayed.each(|event: Customs, _| {
        let Customs::Filed(filed) = event;
        seen.push(filed.parcel_id);
        async { Ok(()) }
    });
    let replayed = replayed.await.expect("replayed");
    assert_eq!((replayed.events, replayed.failed), (1, 1), "one tells of no organization");
    assert_eq!(seen, ["p-3"]);
    let failure = (Some("p-1".to_owned()), Reason::OtherOrganization);
    assert_eq!(failures.1.recv().await, Some(failure));
}
