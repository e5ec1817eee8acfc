//! Taking messages from a durable consumer.

use std::collections::VecDeque;
use std::future::pending;

use tokio::task::coop::consume_budget;
use tokio::time::{Instant, sleep_until};

use super::faults::{OnTheWay, Point};
use super::settle::Instance;
use super::stream::Next;
use super::{Embedded, Fault, Settle};
use crate::broker::{BrokerError, ConnectionState, ConsumerSpec, Delivery, StoredMessage};

/// One of the pulls on a durable consumer: each message goes to one of them.
#[derive(Debug)]
pub(crate) struct Pull {
    broker: Embedded,
    consumer: ConsumerSpec,
    instance: Instance,
    on_the_way: OnTheWay,
}

impl Pull {
    pub(super) fn new(broker: Embedded, consumer: ConsumerSpec) -> Self {
        Self { broker, consumer, instance: Instance::default(), on_the_way: OnTheWay::default() }
    }

    pub(crate) async fn next(&mut self, free: usize) -> Result<Box<Delivery>, BrokerError> {
        // Only here: between a message's leaving the consumer and the return, nothing may wait or be cancelled.
        consume_budget().await;
        let mut connection = self.broker.link.watch();
        let mut gone = self.instance.watch();
        loop {
            let connected = match *connection.borrow_and_update() {
                ConnectionState::Connected(_) => true,
                ConnectionState::Disconnected => {
                    self.on_the_way.take();
                    false
                }
                ConnectionState::Closed => return Err(BrokerError::Closed),
            };
            if *gone.borrow_and_update() {
                return Err(BrokerError::Closed);
            }
            if let Some(delivery) = self.on_the_way.arrived() {
                return Ok(Box::new(delivery));
            }
            let room = connected && free > self.on_the_way.len();
            let (until, sooner) = match self.broker.next(&self.consumer, room)? {
                Next::Message { message, attempt } => match self.delivered(message, attempt)? {
                    Some(delivery) => return Ok(Box::new(delivery)),
                    None => continue,
                },
                Next::Wait { until, sooner } => (until, sooner),
            };
            let until = until.into_iter().chain(self.on_the_way.next_arrival()).min();
            tokio::select! {
                biased;
                () = sooner => {}
                _ = connection.changed() => {}
                _ = gone.changed() => {}
                () = sleep_until_or_forever(until) => {}
            }
        }
    }

    pub(in crate::broker) fn consumer(&self) -> &ConsumerSpec {
        &self.consumer
    }

    /// Nothing is asked for in advance, so nothing can arrive any more but what is on its way.
    pub(crate) async fn stop(mut self) -> VecDeque<Box<Delivery>> {
        self.on_the_way.take().into_iter().map(Box::new).collect()
    }

    /// What arrives of a message that was handed out.
    fn delivered(
        &mut self,
        message: StoredMessage,
        attempt: u64,
    ) -> Result<Option<Delivery>, BrokerError> {
        let Self { broker, consumer, instance, on_the_way } = self;
        let sequence = message.sequence;
        let settle = Settle {
            broker: broker.clone(),
            consumer: *consumer,
            sequence,
            instance: instance.clone(),
        };
        let deliver = |message, attempt| Delivery {
            message,
            attempt,
            malformed: None,
            settle: crate::broker::Settle::Embedded(Box::new(settle.clone())),
        };
        let fault = broker.faults.at(Point::Delivery);
        match fault {
            Some(Fault::DeliveryDuplicated) => {
                // Out at once with the first one, however soon that is settled.
                broker.change_consumer(consumer, |consumer, now| {
                    let second = consumer.hand_out(sequence, now);
                    on_the_way.follow(deliver(message.clone(), second));
                })?;
            }
            Some(Fault::DeliveryTerminated) => broker.terminate(consumer, sequence, "")?,
            Some(Fault::Disconnect(time)) => broker.faults.disconnect_for(time),
            _ => {}
        }
        Ok(on_the_way.send(deliver(message, attempt), fault))
    }
}

pub(super) async fn sleep_until_or_forever(until: Option<Instant>) {
    match until {
        Some(deadline) => sleep_until(deadline).await,
        None => pending().await,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::thread;
    use std::time::Duration;

    use tokio::task::JoinHandle;
    use tokio::time::timeout;

    use super::super::fixture::{CONSUMER, LIMITS, SECOND, broker, publish};
    use super::*;
    use crate::catalog::StreamLimits;

    /// The stream, its durable consumer, and as many pulls on it as the test wants.
    async fn pulls<const N: usize>(
        spec: ConsumerSpec,
        limits: StreamLimits,
    ) -> (Embedded, [Pull; N]) {
        let broker = broker(limits).await;
        broker.ensure_consumer(&spec).await.expect("a consumer");
        let pulls = std::array::from_fn(|_| broker.pull(spec).expect("a pull"));
        (broker, pulls)
    }

    /// The next delivery: its sequence and attempt.
    async fn next(pull: &mut Pull) -> (u64, u64) {
        let delivery = pull.next(1).await.expect("a delivery");
        (delivery.message.sequence, delivery.attempt)
    }

    /// What a task that waits comes to, which must not take for ever.
    async fn ended<T>(task: JoinHandle<T>) -> T {
        let ended = timeout(3600 * SECOND, task).await;
        ended.expect("nothing wakes the pull").expect("no panic")
    }

    #[tokio::test(start_paused = true)]
    async fn a_waiting_pull_gets_what_is_published() {
        let (broker, [mut pull]) = pulls(CONSUMER, LIMITS).await;
        let waiting = tokio::spawn(async move { next(&mut pull).await });
        tokio::task::yield_now().await;
        publish(&broker, "s.a");
        assert_eq!(ended(waiting).await, (1, 1));
    }

    #[tokio::test(start_paused = true)]
    async fn two_pulls_share_the_messages() {
        let (broker, [mut one, mut other]) = pulls(CONSUMER, LIMITS).await;
        let both = tokio::spawn(async move { tokio::join!(next(&mut one), next(&mut other)) });
        tokio::task::yield_now().await;
        publish(&broker, "s.a");
        publish(&broker, "s.a");
        let (one, other) = ended(both).await;
        assert_eq!([one.0.min(other.0), one.0.max(other.0)], [1, 2]);
    }

    #[tokio::test(start_paused = true)]
    async fn what_one_pull_leaves_unsettled_comes_to_the_other_after_the_ack_wait() {
        let (broker, [mut one, mut other]) = pulls(CONSUMER, LIMITS).await;
        let start = Instant::now();
        let waiting = tokio::spawn(async move { (next(&mut other).await, start.elapsed()) });
        tokio::task::yield_now().await;
        publish(&broker, "s.a");
        // This one comes first: the woken task has not run yet.
        assert_eq!(next(&mut one).await, (1, 1));
        let (delivery, waited) = ended(waiting).await;
        assert_eq!((delivery, waited.as_secs()), ((1, 2), 30));
    }

    #[tokio::test(start_paused = true)]
    async fn a_pull_that_sleeps_until_the_ack_wait_wakes_for_an_earlier_retry() {
        let (broker, [mut one, mut other]) = pulls(CONSUMER, LIMITS).await;
        publish(&broker, "s.a");
        let delivery = one.next(1).await.expect("a delivery");
        let start = Instant::now();
        let waiting = tokio::spawn(async move { (next(&mut other).await, start.elapsed()) });
        tokio::task::yield_now().await;
        delivery.settle.retry(5 * SECOND).await.expect("settled");
        let (delivery, waited) = ended(waiting).await;
        assert_eq!((delivery, waited.as_secs()), ((1, 2), 5));
    }

    #[tokio::test(start_paused = true)]
    async fn progress_keeps_a_delivery_from_coming_again() {
        let (broker, [mut one, mut other]) = pulls(CONSUMER, LIMITS).await;
        publish(&broker, "s.a");
        let delivery = one.next(1).await.expect("a delivery");
        for _ in 0..10 {
            let waited = timeout(10 * SECOND, other.next(1)).await;
            assert!(waited.is_err(), "it is being worked on");
            delivery.settle.progress().await.expect("taken");
        }
        delivery.settle.ack().await.expect("settled");
        delivery.settle.ack().await.expect("a second acknowledgement is fine");
        assert!(timeout(3600 * SECOND, other.next(1)).await.is_err(), "it is settled");
    }

    #[tokio::test(start_paused = true)]
    async fn an_acknowledgement_makes_room_for_a_waiting_pull() {
        let spec = ConsumerSpec { max_ack_pending: 1, ..CONSUMER };
        let (broker, [mut one, mut other]) = pulls(spec, LIMITS).await;
        publish(&broker, "s.a");
        publish(&broker, "s.a");
        let delivery = one.next(16).await.expect("a delivery");
        let start = Instant::now();
        let waiting = tokio::spawn(async move { (next(&mut other).await, start.elapsed()) });
        tokio::task::yield_now().await;
        delivery.settle.terminate("poison").await.expect("settled");
        assert_eq!(ended(waiting).await, ((2, 1), Duration::ZERO), "before the ack wait");
    }

    #[tokio::test(start_paused = true)]
    async fn how_much_may_be_unsettled_is_for_the_consumer_to_say() {
        let spec = ConsumerSpec { max_ack_pending: 3, ..CONSUMER };
        let (broker, [pull]) = pulls(spec, LIMITS).await;
        assert_eq!(pull.consumer().max_ack_pending, 3);
        let newer = broker.pull(ConsumerSpec { max_ack_pending: 4000, ..spec }).expect("it exists");
        assert_eq!(newer.consumer().max_ack_pending, 3);
    }

    #[tokio::test(start_paused = true)]
    async fn an_unsettled_message_that_grows_too_old_makes_room() {
        let aged =
            |max_age| StreamLimits { max_age: Some(max_age), duplicate_window: SECOND, ..LIMITS };
        for (first, then, expected) in [(10, 10, 10), (1000, 10, 10), (10, 1000, 30)] {
            let spec = ConsumerSpec { max_ack_pending: 1, ..CONSUMER };
            let (broker, [mut pull]) = pulls(spec, aged(first * SECOND)).await;
            let start = Instant::now();
            publish(&broker, "s.a");
            let old = pull.next(1).await.expect("a delivery");
            tokio::time::advance(SECOND).await;
            publish(&broker, "s.a");
            let waiting = tokio::spawn(async move {
                let delivery = timeout(60 * SECOND, next(&mut pull)).await.expect("a delivery");
                (delivery.0, start.elapsed().as_secs())
            });
            tokio::task::yield_now().await;
            broker.set_limits("S", &aged(then * SECOND)).expect("an update");
            let sequence = if then == 10 { 2 } else { 1 };
            assert_eq!(ended(waiting).await, (sequence, expected), "{first} {then}");
            old.settle.ack().await.expect("acknowledging what is gone is fine");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn without_room_nothing_is_taken() {
        let (broker, [mut pull]) = pulls(CONSUMER, LIMITS).await;
        publish(&broker, "s.a");
        assert!(timeout(SECOND, pull.next(0)).await.is_err());
        assert_eq!(next(&mut pull).await, (1, 1));
        assert!(pull.stop().await.is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn waiting_pulls_end_when_the_broker_closes_or_the_consumer_goes() {
        for free in [0, 1] {
            let (broker, [mut pull]) = pulls(CONSUMER, LIMITS).await;
            let waiting = tokio::spawn(async move { pull.next(free).await });
            tokio::task::yield_now().await;
            broker.delete_consumer("S", CONSUMER.durable).await.expect("deleted");
            let found = ended(waiting).await;
            assert!(matches!(found, Err(BrokerError::ConsumerMissing { .. })), "{found:?}");

            let (broker, [mut pull]) = pulls(CONSUMER, LIMITS).await;
            let waiting = tokio::spawn(async move { pull.next(free).await });
            tokio::task::yield_now().await;
            broker.close().await.expect("closed");
            let found = ended(waiting).await;
            assert!(matches!(found, Err(BrokerError::Closed)), "{found:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_cancelled_wait_loses_nothing() {
        let (broker, [mut pull]) = pulls(CONSUMER, LIMITS).await;
        let publisher = async {
            for _ in 0..100 {
                tokio::time::sleep(Duration::from_millis(7)).await;
                publish(&broker, "s.a");
            }
        };
        let consumer = async {
            let mut seen = Vec::new();
            while seen.len() < 100 {
                // Cancelled at times that fall together with the publishes now and then.
                if let Ok(found) = timeout(Duration::from_millis(3), next(&mut pull)).await {
                    seen.push(found.0);
                }
            }
            seen
        };
        let ((), seen) = tokio::join!(publisher, consumer);
        assert!(seen.into_iter().eq(1..=100), "each of them once, in order");
    }

    /// Real threads and real time: a wake-up that got lost would leave a thread waiting for good.
    #[test]
    fn threads_share_the_messages_and_miss_no_wake_up() {
        const MESSAGES: u64 = 20_000;
        let runtime = || {
            let mut builder = tokio::runtime::Builder::new_current_thread();
            builder.enable_time().build().expect("a runtime")
        };
        let spec = ConsumerSpec { max_ack_pending: 2, ..CONSUMER };
        let (broker, pulls) = runtime().block_on(pulls::<3>(spec, LIMITS));
        let settled = AtomicU64::new(0);
        let consume = async |mut pull: Pull| {
            let mut seen = Vec::new();
            loop {
                match timeout(10 * SECOND, pull.next(1)).await.expect("no pull waits that long") {
                    Ok(delivery) => {
                        delivery.settle.ack().await.expect("settled");
                        seen.push(delivery.message.sequence);
                    }
                    Err(BrokerError::Closed) => return seen,
                    Err(error) => panic!("{error}"),
                }
                if settled.fetch_add(1, Ordering::Relaxed) + 1 == MESSAGES {
                    broker.close().await.expect("closed");
                }
            }
        };
        let mut seen = thread::scope(|scope| {
            let consumers = pulls.map(|pull| scope.spawn(|| runtime().block_on(consume(pull))));
            for _ in 0..MESSAGES {
                publish(&broker, "s.a");
            }
            consumers.map(|consumer| consumer.join().expect("no panic")).concat()
        });
        seen.sort_unstable();
        assert!(seen.into_iter().eq(1..=MESSAGES), "each of them once");
    }
}
