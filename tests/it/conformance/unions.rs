use event_catalog::orders::{self, OrderCreated, OrderStatusChanged};
use tidings::{
    Context, Envelope, Event, EventUnion, Handled, State, Tidings, Version, event_handler,
};
use tokio::sync::mpsc::{self, UnboundedSender};

use super::on_both_brokers;
use crate::fixture::catalog::parcels::{ParcelArrived, ParcelSent};
use crate::fixture::catalog::tracking::{self, journey};
use crate::fixture::{Running, courier, sent};

on_both_brokers!(one_function_handles_every_event_of_a_subscription);

#[derive(Debug, PartialEq, EventUnion)]
enum Step {
    Sent(ParcelSent),
    Arrived(Box<ParcelArrived>),
}

#[event_handler(journey)]
async fn follow(
    step: Step,
    cx: Context<tracking::Service>,
    State(seen): State<UnboundedSender<(Step, String)>>,
) -> Handled {
    seen.send((step, cx.subject().to_owned()))?;
    Ok(())
}

async fn one_function_handles_every_event_of_a_subscription(bus: Tidings) {
    let (report, mut seen) = mpsc::unbounded_channel::<(Step, String)>();
    let subscriber = journey::Handlers::all(follow).subscriber();
    let run = Running::start(bus.run(subscriber).state(report));
    courier(&bus).parcel_sent(sent("p-1", 1)).await.expect("stored");
    let arrived = ParcelArrived { parcel_id: "p-1".to_owned(), depot: "north".to_owned() };
    courier(&bus).parcel_arrived(arrived.clone()).await.expect("stored");

    let mut steps = Vec::new();
    while steps.len() < 2 {
        steps.push(seen.recv().await.expect("the handler lives"));
    }
    for (step, subject) in &steps {
        assert_eq!(step.subject().expect("a subject").as_str(), subject);
    }
    let steps: Vec<Step> = steps.into_iter().map(|(step, _)| step).collect();
    assert!(steps.contains(&Step::from(sent("p-1", 1))), "{steps:?}");
    assert!(steps.contains(&Step::from(arrived)), "{steps:?}");
    assert_eq!(run.stop().await.handled, 2);
}

#[derive(Debug, PartialEq, EventUnion)]
enum OrderEvent {
    Created(Box<OrderCreated>),
    StatusChanged(OrderStatusChanged),
}

fn envelope(event_type: &str, version: Version) -> Envelope {
    let mut envelope = Envelope::default();
    envelope.event_type = event_type.into();
    envelope.schema_version = Some(version);
    envelope
}

#[test]
fn a_received_event_is_read_as_one_of_the_union() {
    let spec = OrderStatusChanged::SPEC;
    let received = envelope(spec.event_type, spec.version);
    let event = OrderEvent::decode(&received, spec.examples[0]).expect("a payload that fits");
    assert!(matches!(event, Some(OrderEvent::StatusChanged(_))), "{event:?}");

    let error = OrderEvent::decode(&received, "{}").expect_err("nothing is there");
    assert!(error.to_string().contains("missing field"), "{error}");
    let other = envelope("payments.payment.processed", Version::new(2, 0));
    let error = OrderEvent::decode(&other, "{}").expect_err("not of an order");
    assert!(error.to_string().contains("`payments.payment.processed`"), "{error}");
}

#[test]
#[expect(deprecated)]
fn an_old_event_is_read_as_the_version_of_the_union() {
    let old = orders::v1::OrderCreated::SPEC;
    let mut received = envelope(old.event_type, old.version);
    let event = OrderEvent::decode(&received, old.examples[0]).expect("an upcast");
    assert!(matches!(event, Some(OrderEvent::Created(_))), "{event:?}");

    // The same fact is there in the version that the union takes.
    received.majors = vec![1, 2];
    let copy = OrderEvent::decode(&received, old.examples[0]).expect("a copy");
    assert_eq!(copy, None);
}
