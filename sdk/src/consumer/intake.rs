//! Fetches as much as there are free slots, and ends in order.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::Subscriber;
use super::lane::Lanes;
use super::report::{Outcome, Report};
use super::worker::Worker;
use crate::broker::{Broker, Delivery, Pull};
use crate::handler::States;
use crate::{BrokerError, Tidings, retry};

/// How far a run has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Phase {
    /// Fetching and handling.
    Running,
    /// Handling what was fetched.
    Finishing,
    /// Giving back what is not handled.
    Aborting,
}

/// One subscription at work.
pub(super) struct Intake {
    worker: Arc<Worker>,
    pull: Pull,
    concurrency: usize,
    lanes: Option<Lanes>,
    phase: watch::Receiver<Phase>,
}

impl Intake {
    pub(super) async fn open(
        bus: &Tidings,
        subscriber: Subscriber,
        states: Arc<States>,
        phase: watch::Receiver<Phase>,
    ) -> Result<Self, BrokerError> {
        let spec = subscriber.spec;
        let broker: &Broker = bus.broker();
        let pull = retry::reaching(|| broker.pull(spec)).await?;
        tracing::info!(durable = spec.durable, stream = spec.stream, "subscribed");
        Ok(Self {
            worker: Arc::new(Worker::new(bus.clone(), subscriber, states, phase.clone())),
            pull,
            concurrency: spec.concurrency.max(1),
            lanes: spec.ordered_by_key.then(Lanes::new),
            phase,
        })
    }

    /// Runs until the phase changes, or until the consumer is gone, and settles everything either way.
    pub(super) async fn run(mut self) -> (Report, Result<(), BrokerError>) {
        let mut tasks = JoinSet::new();
        let mut report = Report::default();
        let end = loop {
            let free = self.concurrency.saturating_sub(tasks.len());
            tokio::select! {
                biased;
                _ = self.phase.wait_for(|phase| *phase > Phase::Running) => break Ok(()),
                Some(outcome) = tasks.join_next() => report.count(settled(outcome)),
                delivery = self.pull.next(free), if free > 0 => match delivery {
                    Ok(delivery) => {
                        let worked = start(&self.worker, self.lanes.as_mut(), delivery);
                        tasks.spawn(worked);
                    }
                    Err(error) => break Err(error),
                },
            }
        };
        // Another instance can have at once what has arrived here and was not begun.
        for delivery in self.pull.stop().await {
            report.count(match delivery.settle.retry(Duration::ZERO).await {
                Ok(()) => Outcome::HandedBack,
                Err(_) => Outcome::Unconfirmed,
            });
        }
        while let Some(outcome) = tasks.join_next().await {
            report.count(settled(outcome));
        }
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
    AssertUnwindSafe(async move { worker.work(received, turn).await })
        .catch_unwind()
        .map(|outcome| outcome.unwrap_or(Outcome::Unconfirmed))
}

fn settled(outcome: Result<Outcome, tokio::task::JoinError>) -> Outcome {
    outcome.unwrap_or(Outcome::Unconfirmed)
}
