//! What it costs to check payloads against their schemas: beside writing them as JSON, and as a share of publishing.

use std::hint::black_box;

use event_catalog::orders::OrderCreated;
use event_catalog::user::UserCreated;
use tidings::{Event, PublishedBy, Publisher, Service, Tidings};
use tidings_tests::catalog::parcels::{ParcelArrived, ParcelWeighed};
use tidings_tests::catalog::{scales, tariff};

use crate::Outcome;
use crate::embedded::ready;
use crate::measure::{Case, Meter, Plan, Sample, in_turns, on_runtime};

/// Payloads are checked so much faster than events are published that a sample needs more of them.
const MORE: usize = 10;

pub(crate) async fn all(plan: &Plan) -> Outcome<[Case; 4]> {
    Ok([
        checked::<ParcelArrived>("a payload without constraints", plan).await?,
        checked::<UserCreated>("a payload with lengths and a format", plan).await?,
        checked::<OrderCreated>("a payload with patterns: an order", plan).await?,
        published(plan).await?,
    ])
}

#[derive(Clone, Copy)]
enum Work {
    Write,
    Check,
}

/// The first example of an event, again and again.
async fn checked<E: Event>(name: &'static str, plan: &Plan) -> Outcome<Case> {
    let example = E::SPEC.examples.first().ok_or("an example")?;
    let event: E = serde_json::from_str(example)?;
    let (meter, events) = (Meter::new(None), plan.streamed * MORE);
    let programs = [("written as JSON", Work::Write), ("checked", Work::Check)];
    in_turns(name, plan, &programs, async |work| {
        let started = meter.start();
        for _ in 0..events {
            match work {
                Work::Write => drop(black_box(serde_json::to_vec(black_box(&event))?)),
                Work::Check => black_box(black_box(&event).validate())?,
            }
        }
        Ok(started.stop(events))
    })
    .await
}

#[derive(Clone, Copy)]
enum Publish {
    Unchecked,
    Checked,
}

/// The same event by two services, of which the catalog says that one checks what it sends.
async fn published(plan: &Plan) -> Outcome<Case> {
    let events = plan.streamed;
    let programs = [("unchecked", Publish::Unchecked), ("checked", Publish::Checked)];
    in_turns("embedded broker, publish with a check", plan, &programs, async |program| {
        let bus = ready().await?;
        match program {
            Publish::Unchecked => awaited::<scales::Service>(bus, events).await,
            Publish::Checked => awaited::<tariff::Service>(bus, events).await,
        }
    })
    .await
}

async fn awaited<S: Service>(bus: Tidings, events: usize) -> Outcome<Sample>
where
    ParcelWeighed: PublishedBy<S>,
{
    let (publisher, meter) = (Publisher::<S>::new(&bus).organization("acme"), Meter::new(None));
    on_runtime(async move {
        let started = meter.start();
        for index in 0..events {
            publisher.publish(weighed(index)).await?;
        }
        Ok(started.stop(events))
    })
    .await
}

fn weighed(index: usize) -> ParcelWeighed {
    ParcelWeighed {
        parcel_id: format!("p-{:04}", index % 1000),
        grams: 1 + index as u64 % 30_000,
        notes: vec!["dented".to_owned(), "wet".to_owned()],
        weigher: Some("ada@example.com".to_owned()),
    }
}
