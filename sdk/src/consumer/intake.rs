//! Fetches as much as there are free slots, and ends in order.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures_util::FutureExt as _;
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::lane::Lanes;
use super::phase::Phase;
use super::report::{Outcome, Report};
use super::worker::{Shared, Worker};
use super::{Subscriber, task};
use crate::broker::{Broker, ConsumerSpec, Delivery, Pull};
use crate::{BrokerError, Tidings, resilience::retry};

/// One subscription at work.
pub(super) struct Intake {
    worker: Arc<Worker>,
    pull: Pull,
    concurrency: usize,
    lanes: Option<Lanes>,
    phase: Arc<watch::Sender<Phase>>,
}

impl Intake {
    pub(super) async fn open(
        bus: &Tidings,
        subscriber: Subscriber,
        consumer: ConsumerSpec,
        shared: &Shared,
    ) -> Result<Self, BrokerError> {
        let spec = subscriber.spec;
        let broker: &Broker = bus.broker();
        let pull = retry::reaching(|| broker.pull(consumer)).await?;
        tracing::info!(durable = consumer.durable, stream = consumer.stream, "subscribed");
        let redrives = consumer.durable == spec.redrive.durable;
        let worker = Worker::new(bus.clone(), subscriber, redrives, shared);
        Ok(Self {
            worker: Arc::new(worker),
            pull,
            concurrency: consumer.concurrency.max(1),
            // Of a partition, no more than one event is out at a time.
            lanes: (spec.ordered_by_key && spec.partitions.is_empty()).then(Lanes::default),
            phase: Arc::clone(&shared.phase),
        })
    }

    /// Runs until the phase changes, or until the consumer is gone, and settles everything either way.
    pub(super) async fn run(mut self) -> (Report, Result<(), BrokerError>) {
        let mut tasks = JoinSet::new();
        let mut report = Report::default();
        let mut phase = self.phase.subscribe();
        let mut changes = self.worker.health.changes();
        let end = loop {
            let busy = tasks.len();
            let free = changes.room(self.concurrency, busy);
            tokio::select! {
                biased;
                _ = phase.wait_for(|phase| *phase > Phase::Running) => break Ok(()),
                Some(outcome) = tasks.join_next() => {
                    report.count(settled(outcome));
                    while let Some(outcome) = tasks.try_join_next() {
                        report.count(settled(outcome));
                    }
                }
                () = changes.changed() => {}
                // Without room too: what was asked for before may still come.
                delivery = self.pull.next(free), if busy < self.concurrency => match delivery {
                    Ok(delivery) => {
                        tasks.spawn(start(&self.worker, self.lanes.as_mut(), delivery));
                        // What has come with it needs no look at all the rest.
                        while tasks.len() < self.concurrency
                            && let Some(delivery) = self.pull.arrived()
                        {
                            tasks.spawn(start(&self.worker, self.lanes.as_mut(), delivery));
                        }
                    }
                    Err(error) => break Err(error),
                },
            }
        };
        // The others end as well when one has to, and now, not once its last handler is done.
        self.phase.send_if_modified(|phase| {
            let ends = *phase == Phase::Running;
            if ends {
                *phase = Phase::Finishing;
            }
            ends
        });
        // Another instance can have at once what has arrived here and was not begun. Where order counts, only after what
        // is before it.
        let mut rest = self.pull.stop().await;
        if self.lanes.is_some() {
            while let Some(outcome) = tasks.join_next().await {
                report.count(settled(outcome));
            }
        }
        for delivery in rest.drain(..) {
            let worker = Arc::clone(&self.worker);
            tasks.spawn(async move { task::hand_back(&worker, worker.receive(delivery)).await });
        }
        while let Some(outcome) = tasks.join_next().await {
            report.count(settled(outcome));
        }
        report += self.worker.report();
        (report, end)
    }
}

/// The whole way of one delivery. Its place in the lane is taken here, in the order of the deliveries.
fn start(
    worker: &Arc<Worker>,
    lanes: Option<&mut Lanes>,
    delivery: Delivery,
) -> impl Future<Output = Outcome> + Send + use<> {
    let received = worker.receive(delivery);
    let turn = lanes.map(|lanes| lanes.enter(received.lane_key()));
    let worker = Arc::clone(worker);
    // In a box, as it is large and moved several times on its way into a task.
    let worked = Box::pin(async move { task::work(&worker, received, turn).await });
    AssertUnwindSafe(worked).catch_unwind().map(|outcome| {
        outcome.unwrap_or_else(|_| {
            tracing::error!("a delivery's task panicked; the broker delivers again");
            Outcome::Unconfirmed
        })
    })
}

fn settled(outcome: Result<Outcome, tokio::task::JoinError>) -> Outcome {
    outcome.unwrap_or(Outcome::Unconfirmed)
}
