//! What was measured, as far as the model computes with it.

use serde::{Deserialize, Serialize};
use tidings_benches::baseline::Spread;

use crate::Outcome;
use crate::failover::Pauses;
use crate::figures::{Growth, Order};
use crate::ground::Sample;
use crate::servers::Traffic;

/// Of events in so many copies.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Costs {
    pub(crate) copies: u8,
    pub(crate) publish: Cost,
    /// For each subscription.
    pub(crate) handle: Cost,
    /// The most that one stream has taken: with servers and clients on one machine, less than it can.
    pub(crate) published_by_stream: f64,
    /// The most that one durable has handed out, with the same.
    pub(crate) handled_by_durable: f64,
    /// The most that one partition has handed out, one event on its way at a time.
    pub(crate) handled_by_partition: f64,
    /// Bytes of an event, in each copy.
    pub(crate) stored: f64,
    /// For how long, in seconds, nothing is published and handled where a leader dies: median and worst.
    pub(crate) pause: f64,
    pub(crate) worst_pause: f64,
}

/// Of one event.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Cost {
    /// CPU time of all servers, in microseconds.
    pub(crate) servers: f64,
    /// Of the client.
    pub(crate) client: f64,
    /// Bytes to the disks of all servers.
    pub(crate) written: f64,
    /// Of all servers.
    pub(crate) traffic: Traffic,
}

impl Costs {
    /// By the number of copies: one on one server, three on three.
    pub(crate) fn of(growth: &[Growth], order: &[Order], pauses: &Pauses) -> Outcome<Vec<Self>> {
        [1, 3].map(|copies| Self::of_copies(copies, growth, order, pauses)).into_iter().collect()
    }

    fn of_copies(copies: u8, growth: &[Growth], order: &[Order], pauses: &Pauses) -> Outcome<Self> {
        let own =
            |growth: &&Growth| growth.copies == copies && growth.servers == usize::from(copies);
        let growth: Vec<_> = growth.iter().filter(own).collect();
        // The widest is the most like what the model is about.
        let widest = growth.iter().max_by_key(|growth| growth.shape.streams);
        let widest = widest.ok_or("nothing was measured")?;
        let most = |rates: &mut dyn Iterator<Item = f64>| rates.fold(0.0, f64::max);
        let alone = || growth.iter().filter(|growth| growth.shape.streams == 1);
        let one = order.iter().filter(|order| order.copies == copies && order.partitions == 1);
        // An event is held up by whichever of its leaders died.
        let pauses: Vec<f64> = match copies {
            1 => Vec::new(),
            _ => pauses.published.iter().chain(&pauses.handled).copied().collect(),
        };
        Ok(Self {
            copies,
            publish: Cost::of(&widest.publish),
            handle: Cost::of(&widest.handle),
            published_by_stream: most(&mut alone().map(|growth| growth.publish.rate)),
            handled_by_durable: most(&mut alone().map(|growth| growth.handle.rate)),
            handled_by_partition: most(&mut one.map(|order| order.handle.rate)),
            stored: widest.publish.stored,
            worst_pause: most(&mut pauses.iter().copied()),
            pause: if pauses.is_empty() { 0.0 } else { Spread::of(pauses).median },
        })
    }
}

impl Cost {
    fn of(sample: &Sample) -> Self {
        let servers = sample.servers;
        Self {
            servers: servers.cpu,
            client: sample.client,
            written: servers.written,
            traffic: servers.traffic,
        }
    }
}
