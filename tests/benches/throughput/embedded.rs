//! The broker inside the process: rates to know tests and development by, with nothing to compare them to.

use tidings::Tidings;

use crate::Outcome;
use crate::consume::{AtOnce, DEFAULT, handled};
use crate::measure::{Case, Meter, Plan, in_turns};
use crate::publish::{awaited, enqueued};

pub(crate) async fn all(plan: &Plan) -> Outcome<[Case; 2]> {
    let (meter, events) = (Meter::new(None), plan.streamed);
    let programs = [("awaited", Publish::Awaited), ("enqueued", Publish::Enqueued)];
    let publish = in_turns("embedded broker, publish", plan, &programs, async |program| {
        let bus = ready().await?;
        match program {
            Publish::Awaited => awaited(&bus, &meter, events).await,
            Publish::Enqueued => enqueued(&bus, &meter, events).await,
        }
    });
    let publish = publish.await?;

    let programs = [("16 at once", ())];
    let consume = in_turns("embedded broker, consume", plan, &programs, async |()| {
        let bus = ready().await?;
        enqueued(&bus, &meter, events).await?;
        handled::<DEFAULT>(&bus, &meter, events, true).await
    });
    Ok([publish, consume.await?])
}

#[derive(Clone, Copy)]
enum Publish {
    Awaited,
    Enqueued,
}

/// An empty broker with its streams.
pub(crate) async fn ready() -> Outcome<Tidings> {
    let bus = Tidings::embedded();
    bus.ensure(&AtOnce::<DEFAULT>::topology()).await?;
    Ok(bus)
}
