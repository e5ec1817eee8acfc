//! Fetches as much as there are free slots, and a little ahead; and ends in order.

use std::sync::Arc;

use tokio::sync::watch;
use tokio::time::Instant;

use super::Subscriber;
use super::hands::Hands;
use super::phase::Phase;
use super::report::Report;
use super::worker::{Shared, Worker};
use crate::broker::{Broker, ConsumerSpec, Pull};
use crate::{BrokerError, Tidings, resilience::retry};

/// One subscription at work.
pub(super) struct Intake {
    pull: Pull,
    hands: Hands,
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
        let (worker, failed) = Worker::new(bus.clone(), subscriber, redrives, shared);
        let hands = Hands::new(worker, failed, pull.consumer());
        Ok(Self { pull, hands, phase: Arc::clone(&shared.phase) })
    }

    /// Runs until the phase changes, or until the consumer is gone, and settles everything either way.
    pub(super) async fn run(self) -> (Report, Result<(), BrokerError>) {
        let Self { mut pull, mut hands, phase: told } = self;
        let mut phase = told.subscribe();
        let mut changes = hands.worker.health.changes();
        let end = loop {
            hands.begin(&mut changes);
            let wanted = hands.wanted(&mut changes);
            tokio::select! {
                biased;
                _ = phase.wait_for(|phase| *phase > Phase::Running) => break Ok(()),
                () = changes.changed() => {}
                () = hands.changed() => {}
                delivery = pull.next(wanted) => match delivery {
                    Ok(delivery) => {
                        let now = Instant::now();
                        hands.hold(delivery, now);
                        // What has come with it needs no look at all the rest.
                        while let Some(delivery) = pull.arrived() {
                            hands.hold(delivery, now);
                        }
                    }
                    Err(error) => break Err(error),
                },
            }
        };
        // The others end as well when one has to, and now, not once its last handler is done.
        told.send_if_modified(|phase| {
            let ends = *phase == Phase::Running;
            if ends {
                *phase = Phase::Finishing;
            }
            ends
        });
        (hands.end(pull, &mut changes).await, end)
    }
}
