//! The same random steps on the embedded broker and on a server, and what comes of each: where they differ, the embedded
//! one is wrong.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use async_nats::jetstream::Context;
use tidings::aggregate::Loaded;
use tidings::kv::{Bucket, BucketConfig, KvError};
use tidings::testing::{self, Fault, Faults, NatsServer};
use tidings::{PublishError, Reject, Subscription as _, Tidings};

use super::sweep::{Sweeping, foreign, terminate};
use crate::conformance::aggregates::card::{Card, cards, charged, nobody_can_append, spent};
use crate::fixture::catalog::{CATALOG, parcels, tracking};
use crate::fixture::{Running, Seen, Tracker, courier, sent, until};

const STEPS: u64 = 80;

/// What is done, without anything that one broker alone could know.
#[derive(Clone, Copy, Debug)]
enum Step {
    Publish {
        id: u64,
    },
    PublishElsewhere {
        depot: u64,
    },
    /// Expects this, or what it should.
    PublishExpecting {
        right: bool,
    },
    Lag,
    Handle,
    /// Somebody else terminates whatever waits, and a sweeper looks what that was.
    TerminateAndSweep,
    DeadLetters,
    PurgeDeadLetters,
    Get {
        key: u64,
    },
    Put {
        key: u64,
    },
    Create {
        key: u64,
    },
    Update {
        key: u64,
        right: bool,
    },
    Delete {
        key: u64,
    },
    Purge {
        key: u64,
    },
    /// Behind what is there, or behind what was there when it was last loaded.
    Append {
        key: u64,
        right: bool,
    },
    Load {
        key: u64,
    },
}

impl Step {
    fn random(rng: &mut fastrand::Rng) -> Self {
        let (id, key, right) = (rng.u64(0..12), rng.u64(0..3), rng.bool());
        match rng.u8(0..25) {
            0..=3 => Self::Publish { id },
            4 => Self::PublishElsewhere { depot: key },
            5 | 6 => Self::PublishExpecting { right },
            7 => Self::Lag,
            8 => Self::Handle,
            9 => Self::DeadLetters,
            10 => Self::PurgeDeadLetters,
            11 | 12 => Self::Get { key },
            13 | 14 => Self::Put { key },
            15 => Self::Create { key },
            16 | 17 => Self::Update { key, right },
            18 => Self::Delete { key },
            19 => Self::TerminateAndSweep,
            20..=22 => Self::Append { key, right },
            23 => Self::Load { key },
            _ => Self::Purge { key },
        }
    }
}

/// Who else has access to a broker.
enum Somebody {
    AtServer(Box<Context>),
    AtEmbedded(Faults),
}

/// One of the two brokers, and what the steps before have left to be expected.
struct Side {
    bus: Tidings,
    somebody: Somebody,
    bucket: Bucket,
    last: u64,
    revisions: BTreeMap<u64, u64>,
    cards: BTreeMap<u64, Loaded<Card>>,
    /// Whether the server can be appended to.
    appends: bool,
}

impl Side {
    async fn new(bus: Tidings, somebody: Somebody) -> Self {
        bus.ensure(&CATALOG).await.expect("the catalog fits");
        let config = BucketConfig::new("places").history(2);
        let bucket = bus.ensure_bucket(&config).await.expect("a bucket");
        let (revisions, cards) = (BTreeMap::new(), BTreeMap::new());
        Self { bus, somebody, bucket, last: 0, revisions, cards, appends: true }
    }

    async fn take(&mut self, number: u64, step: Step) -> String {
        let key = |key: u64| format!("depot.{key}");
        let value = format!("value {number}");
        match step {
            Step::Publish { id } => {
                let courier = courier(&self.bus);
                let event = courier.parcel_sent(sent("p-1", number)).id(format!("id-{id}"));
                let outcome = event.await;
                self.published(outcome)
            }
            Step::PublishElsewhere { depot } => {
                let parcel_id = format!("p-{number}");
                let event = parcels::ParcelArrived { parcel_id, depot: depot.to_string() };
                let outcome = courier(&self.bus).parcel_arrived(event).await;
                told(outcome)
            }
            Step::PublishExpecting { right } => {
                let expected = if right { self.last } else { self.last + 1 };
                let courier = courier(&self.bus);
                let event = courier.parcel_sent(sent("p-1", number));
                let outcome = event.expect_last_sequence(expected).await;
                self.published(outcome)
            }
            Step::Lag => {
                let lag = self.bus.lag(tracking::journey::Subscription::SPEC).await;
                format!("{:?}", lag.expect("a consumer"))
            }
            Step::Handle => self.handle().await,
            Step::TerminateAndSweep => self.terminate_and_sweep().await,
            Step::DeadLetters => {
                let letters = self.bus.dead_letters(&CATALOG).all().await.expect("readable");
                let mut known: Vec<_> = letters
                    .iter()
                    .map(|letter| {
                        let (reason, error) = (letter.reason, &letter.error);
                        (letter.source_sequence, reason, error, letter.attempts)
                    })
                    .collect();
                known.sort_by_key(|letter| letter.0);
                format!("{known:?}")
            }
            Step::PurgeDeadLetters => {
                format!("{:?}", self.bus.dead_letters(&CATALOG).purge().await.expect("purged"))
            }
            Step::Get { key: number } => {
                let entry = self.bucket.get(&key(number)).await.expect("readable");
                format!("{:?}", entry.map(|entry| (entry.value, entry.revision)))
            }
            Step::Put { key: number } => {
                let put = self.bucket.put(&key(number), value).await;
                self.written(number, put)
            }
            Step::Create { key: number } => {
                let created = self.bucket.create(&key(number), value).await;
                self.written(number, created)
            }
            Step::Update { key: number, right } => {
                let last = self.revisions.get(&number).copied().unwrap_or_default();
                let expected = if right { last } else { last + 1 };
                let updated = self.bucket.update(&key(number), value, expected).await;
                self.written(number, updated)
            }
            Step::Delete { key: number } => {
                format!("{:?}", self.bucket.delete(&key(number)).await.expect("deleted"))
            }
            Step::Purge { key: number } => {
                format!("{:?}", self.bucket.purge(&key(number)).await.expect("purged"))
            }
            Step::Append { key, right } if self.appends => self.append(number, key, right).await,
            Step::Append { .. } => "no".to_owned(),
            Step::Load { key } => {
                let card = cards(&self.bus).load(format!("c-{key}")).await.expect("whole");
                let told = format!("{card:?}");
                self.cards.insert(key, card);
                told
            }
        }
    }

    /// Two events, on two subjects.
    async fn append(&mut self, number: u64, key: u64, right: bool) -> String {
        let (cards, id) = (cards(&self.bus).one_by_one(), format!("c-{key}"));
        let mut card = match self.cards.remove(&key).filter(|_| !right) {
            Some(card) => card,
            None => cards.load(&id).await.expect("whole"),
        };
        let events = [charged(&id, number + 1), spent(&id, 1)];
        let told = match cards.append(&mut card, events).await {
            Ok(words) => format!("{:?}", words.last().map(|word| word.sequence)),
            Err(error) => error.to_string(),
        };
        let told = format!("{told}, {card:?}");
        self.cards.insert(key, card);
        told
    }

    fn published(&mut self, outcome: Result<tidings::Published, PublishError>) -> String {
        if let Ok(published) = &outcome
            && let Some(sequence) = published.sequence
        {
            self.last = sequence;
        }
        told(outcome)
    }

    fn written(&mut self, key: u64, outcome: Result<u64, KvError>) -> String {
        match outcome {
            Ok(revision) => {
                self.revisions.insert(key, revision);
                format!("revision {revision}")
            }
            Err(KvError::Conflict { revision, .. }) => format!("conflict with {revision}"),
            Err(error) => panic!("{error:?}"),
        }
    }

    async fn terminate_and_sweep(&self) -> String {
        let spec = tracking::journey::Subscription::SPEC;
        let letters = async || self.bus.dead_letters(&CATALOG).all().await.expect("readable").len();
        let before = letters().await;
        let waiting = self.bus.lag(spec).await.expect("a consumer").pending;
        let waiting = usize::try_from(waiting).expect("few");
        match &self.somebody {
            Somebody::AtServer(_) if waiting == 0 => {}
            Somebody::AtServer(client) => {
                terminate(client, spec.stream, spec.durable, waiting).await;
            }
            Somebody::AtEmbedded(faults) => {
                (0..waiting).for_each(|_| faults.inject(Fault::DeliveryTerminated));
                let (tracker, _sightings) = Tracker::content();
                let run = Running::start(self.bus.run(tracking::Journey::subscriber(tracker)));
                self.bus.idle(spec).await.expect("a consumer");
                assert_eq!(run.stop().await.handled, 0);
            }
        }
        let sweeping = Sweeping::start(&self.bus);
        until("all is swept", async || letters().await == before + waiting).await;
        format!("{waiting} swept of {}", sweeping.stop().await)
    }

    /// Runs a subscriber until nothing is left, which answers by the event alone.
    async fn handle(&self) -> String {
        let (tracker, mut sightings) = Tracker::new(async |seen: Seen| match seen.sequence % 6 {
            0 => Err(Reject::because("no"))?,
            1 => Err(std::io::Error::other("never"))?,
            2 if seen.attempt == 1 => panic!("once"),
            3 if seen.attempt < 3 => Err(std::io::Error::other("twice"))?,
            _ => Ok(()),
        });
        let run = Running::start(self.bus.run(tracking::Journey::subscriber(tracker)));
        self.bus.idle(tracking::journey::Subscription::SPEC).await.expect("a consumer");
        let report = run.stop().await;
        let mut seen = Vec::new();
        while let Ok(sighting) = sightings.try_recv() {
            seen.push((sighting.sequence, sighting.attempt, sighting.what, sighting.parcel));
        }
        seen.sort();
        format!("{seen:?} {report:?}")
    }
}

fn told(outcome: Result<tidings::Published, PublishError>) -> String {
    match outcome {
        Ok(published) => format!("{:?}, duplicate: {}", published.sequence, published.duplicate),
        Err(PublishError::Conflict { last, .. }) => format!("conflict with {last}"),
        Err(error) => panic!("{error:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn both_brokers_do_the_same() {
    for seed in 0..2 {
        let server = NatsServer::start().await.expect("a server");
        let real = Tidings::connect(tidings::Config::new(server.url())).await;
        let client = Somebody::AtServer(Box::new(foreign(&server).await));
        let mut real = Side::new(real.expect("a connection"), client).await;
        let (bus, faults) = testing::embedded();
        let mut embedded = Side::new(bus, Somebody::AtEmbedded(faults)).await;
        let appends = !nobody_can_append(&real.bus).await;
        (real.appends, embedded.appends) = (appends, appends);
        let mut rng = fastrand::Rng::with_seed(seed);
        let mut story = String::new();
        for number in 0..STEPS {
            let step = Step::random(&mut rng);
            let (ours, theirs) = (embedded.take(number, step).await, real.take(number, step).await);
            let _ = writeln!(story, "{number} {step:?}: {theirs}");
            assert_eq!(ours, theirs, "seed {seed}, after this on the server:\n{story}");
        }
    }
}
