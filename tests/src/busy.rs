//! A subscription to parcels for programs that take as many as they can: what a busy service would say in its catalog.

use tidings::__private::SubscriberBuilder;
use tidings::catalog::{RedriveSpec, Subscription, SubscriptionSpec};
use tidings::{Event as _, Handled, Subscriber};

use crate::catalog::parcels::ParcelSent;
use crate::catalog::tracking;

/// Every parcel that is sent, 256 at once.
#[derive(Clone, Copy, Debug)]
pub enum Busy {}

impl Subscription for Busy {
    type Service = tracking::Service;

    const SPEC: &'static SubscriptionSpec = &SubscriptionSpec {
        name: "busy",
        durable: "tracking-busy",
        filters: &[ParcelSent::SPEC.filter],
        concurrency: 256,
        redrive: RedriveSpec {
            durable: "tracking-busy-redrive",
            filters: &["dlq_redrive.tracking.busy.>"],
        },
        ..*tracking::journey::Subscription::SPEC
    };
}

impl Busy {
    /// What the generated code does for a subscription that the catalog names. The handler needs no time of others.
    pub fn subscriber<H: Fn(ParcelSent) + Send + Sync + 'static>(handler: H) -> Subscriber {
        SubscriberBuilder::<Self, H>::new(handler)
            .on::<ParcelSent>(|handler, event, _| {
                handler(event);
                Box::pin(async { Handled::Ok(()) })
            })
            .build()
    }
}
