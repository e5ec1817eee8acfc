//! A fact is one, in however many versions it is published.

use std::num::NonZeroUsize;
use std::pin::Pin;
use std::sync::Arc;

use tidings::__private::SubscriberBuilder;
use tidings::catalog::SubscriptionSpec;
use tidings::{Context, Handled, Inbox, Subscription, Tidings};
use tokio::sync::{Notify, mpsc};

use crate::fixture::catalog::parcels::{v1, v3};
use crate::fixture::catalog::{CATALOG, ledger};
use crate::fixture::{Running, courier, next, until};

/// The subscription as it was before it moved on to version 3.
enum Before {}

impl Subscription for Before {
    type Service = ledger::Service;

    const SPEC: &'static SubscriptionSpec = ledger::weighings::Subscription::SPEC;
}

/// Reports the version that it was called with, and waits there.
struct Scale {
    called: mpsc::UnboundedSender<u16>,
    goes_on: Arc<Notify>,
}

type Answer<'a> = Pin<Box<dyn Future<Output = Handled> + Send + 'a>>;

fn old<'a>(scale: &'a Scale, _: v1::ParcelMeasured, _: &'a Context<ledger::Service>) -> Answer<'a> {
    Box::pin(async {
        scale.called.send(1)?;
        scale.goes_on.notified().await;
        Ok(())
    })
}

impl ledger::Weighings for Scale {
    async fn parcel_measured(&self, _: v3::ParcelMeasured, _: &ledger::Context) -> Handled {
        Ok(self.called.send(3)?)
    }
}

#[tokio::test(start_paused = true)]
async fn what_was_handled_in_an_old_version_is_not_handled_in_a_new_one() {
    let bus = Tidings::embedded();
    bus.ensure(&CATALOG).await.expect("the catalog fits");
    let inbox = Inbox::memory(NonZeroUsize::new(10).expect("some"));
    let (called, mut calls) = mpsc::unbounded_channel();
    let goes_on = Arc::new(Notify::new());
    let scale = || Scale { called: called.clone(), goes_on: Arc::clone(&goes_on) };

    let weight = v3::ParcelMeasuredWeight { amount: 1.5, unit: v3::ParcelMeasuredWeightUnit::Kg };
    let parcel_id = "p-1".to_owned();
    let measured = v3::ParcelMeasured { parcel_id, weight, note: None, photo: None };
    courier(&bus).parcel_measured(measured).await.expect("stored");

    // The old instance takes the copy in version 1, which comes first, and ends after it.
    let before = SubscriberBuilder::<Before, Scale>::new(scale()).on::<v1::ParcelMeasured>(old);
    let before = Running::start(bus.run(before.build()).inbox(inbox.clone()));
    assert_eq!(next(&mut calls).await, 1);
    let ends = tokio::spawn(before.stop());
    tokio::task::yield_now().await;
    goes_on.notify_one();
    assert_eq!(ends.await.expect("no panic").handled, 1);

    let after = ledger::Weighings::subscriber(scale());
    let after = Running::start(bus.run(after).inbox(inbox));
    until("everything is settled", async || {
        let lag = bus.lag(Before::SPEC).await.expect("a consumer");
        (lag.pending, lag.unsettled) == (0, 0)
    })
    .await;
    let report = after.stop().await;
    assert_eq!((report.handled, report.skipped, report.repeated), (0, 1, 1));
    assert!(calls.try_recv().is_err(), "it has been handled");
}
