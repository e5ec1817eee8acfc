//! Streams of one kind on some servers, on which samples are taken: events are published, and handled, and gone.

use async_nats::jetstream;
use futures_util::future::try_join_all;
use serde::{Deserialize, Serialize};
use tidings::Tidings;
use tidings::catalog::SubscriptionSpec;
use tidings_benches::baseline::Spread;

use crate::actor::Actor;
use crate::role::{Goods, Part, Place, Role, Work};
use crate::servers::{Servers, Spent};
use crate::{Outcome, topology};

/// Streams of parcels, and of pallets.
pub(crate) const STREAMS: usize = 4;

/// Over how many streams and processes something is spread, each process at one of them.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Shape {
    pub(crate) streams: usize,
    pub(crate) processes: usize,
}

/// What it came to.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Sample {
    /// Events a second.
    pub(crate) rate: f64,
    /// CPU time of the processes for an event, in microseconds.
    pub(crate) client: f64,
    pub(crate) servers: Spent,
    /// Bytes of an event in a stream, in each of its copies.
    pub(crate) stored: f64,
}

pub(crate) struct Ground<'a> {
    pub(crate) servers: &'a Servers,
    pub(crate) copies: u8,
    /// One for each stream of a name.
    pub(crate) places: Vec<(Place, Tidings)>,
    admin: jetstream::Context,
}

impl<'a> Ground<'a> {
    pub(crate) async fn prepare(servers: &'a Servers, copies: u8) -> Outcome<Self> {
        let catalog = topology::catalog(copies);
        let mut places = Vec::new();
        for number in 0..STREAMS {
            let place = servers.place(format!("copies-{copies}-{number}"));
            let bus = place.connect().await?;
            bus.ensure(&catalog).await?;
            places.push((place, bus));
        }
        let urls = servers.place(String::new()).urls;
        let admin = jetstream::new(async_nats::connect(urls.split(',').collect::<Vec<_>>()).await?);
        Ok(Self { servers, copies, places, admin })
    }

    /// Has so many events published.
    pub(crate) async fn publish(&self, goods: Goods, shape: Shape, events: u64) -> Outcome<Sample> {
        let share = events.div_ceil(shape.processes as u64);
        let mut actors = self.actors(goods, shape, Part::Publish(share)).await?;
        let before = self.servers.used().await?;
        for actor in &mut actors {
            actor.tell().await?;
        }
        let works = try_join_all(actors.iter_mut().map(Actor::work)).await?;
        let events = share * shape.processes as u64;
        let servers = self.servers.spent_since(&before, events).await?;
        let (mut messages, mut bytes) = (0, 0);
        for number in 0..shape.streams {
            let stream = self.admin.get_stream(self.stream(goods, number)?).await?;
            let state = &stream.cached_info().state;
            messages += state.messages;
            bytes += state.bytes;
        }
        if messages != events {
            return Err(format!("the streams hold {messages} events instead of {events}").into());
        }
        Ok(Sample { stored: bytes as f64 / events as f64, ..Sample::of(&works, servers) })
    }

    /// Has everything handled that was published, which is so many events, and empties the streams.
    pub(crate) async fn handle(&self, goods: Goods, shape: Shape, events: u64) -> Outcome<Sample> {
        let mut actors = self.actors(goods, shape, Part::Handle).await?;
        let before = self.servers.used().await?;
        for actor in &mut actors {
            actor.tell().await?;
        }
        for (_, bus) in &self.places[..shape.streams] {
            bus.idle(goods.subscription()).await?;
        }
        let servers = self.servers.spent_since(&before, events).await?;
        for actor in &mut actors {
            actor.tell().await?;
        }
        let works = try_join_all(actors.iter_mut().map(Actor::work)).await?;
        let handled: u64 = works.iter().map(|work| work.events).sum();
        if handled < events {
            return Err(format!("{handled} events were handled instead of {events}").into());
        }
        for number in 0..shape.streams {
            self.admin.get_stream(self.stream(goods, number)?).await?.purge().await?;
        }
        Ok(Sample::of(&works, servers))
    }

    async fn actors(&self, goods: Goods, shape: Shape, part: Part) -> Outcome<Vec<Actor>> {
        let roles = (0..shape.processes).map(|number| {
            let (place, _) = &self.places[number % shape.streams];
            Role { place: place.clone(), goods, part }
        });
        let roles: Vec<_> = roles.collect();
        try_join_all(roles.iter().map(Actor::start)).await
    }

    /// What a stream is called on the server.
    pub(crate) fn stream(&self, goods: Goods, number: usize) -> Outcome<String> {
        let prefix: tidings::Prefix = self.places[number].0.prefix.parse()?;
        Ok(prefix.stream(goods.subscription().stream))
    }
}

impl Goods {
    pub(crate) fn subscription(self) -> &'static SubscriptionSpec {
        match self {
            Self::Parcels => topology::PARCELS,
            Self::Pallets { .. } => topology::PALLETS,
        }
    }
}

impl Sample {
    fn of(works: &[Work], servers: Spent) -> Self {
        // One that came too late for any event has begun nothing.
        let works: Vec<&Work> = works.iter().filter(|work| work.events > 0).collect();
        let events = works.iter().map(|work| work.events).sum::<u64>() as f64;
        let began = works.iter().map(|work| work.began).min().unwrap_or_default();
        let ended = works.iter().map(|work| work.ended).max().unwrap_or_default();
        let took = (ended - began).max(1) as f64 / 1e6;
        let client = works.iter().map(|work| work.cpu).sum::<f64>() / events;
        Self { rate: events / took, client, servers, stored: 0.0 }
    }

    /// The middle of several, figure by figure.
    pub(crate) fn median(samples: &[Self]) -> Self {
        let of = |figure: fn(&Self) -> f64| Spread::of(samples.iter().map(figure).collect()).median;
        let mut middle = Self {
            rate: of(|sample| sample.rate),
            client: of(|sample| sample.client),
            stored: of(|sample| sample.stored),
            servers: Spent {
                cpu: of(|sample| sample.servers.cpu),
                cpu_of_busiest: of(|sample| sample.servers.cpu_of_busiest),
                written: of(|sample| sample.servers.written),
                ..Spent::default()
            },
        };
        let traffic = &mut middle.servers.traffic;
        traffic.messages_in = of(|sample| sample.servers.traffic.messages_in);
        traffic.messages_out = of(|sample| sample.servers.traffic.messages_out);
        traffic.bytes_in = of(|sample| sample.servers.traffic.bytes_in);
        traffic.bytes_out = of(|sample| sample.servers.traffic.bytes_out);
        middle
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn work(events: u64, began: i64, ended: i64, cpu: f64) -> Work {
        Work { events, began, ended, cpu }
    }

    #[test]
    fn a_rate_is_from_the_first_event_of_any_to_the_last() {
        let works = [work(30, 1_000_000, 2_000_000, 60.0), work(10, 1_500_000, 3_000_000, 20.0)];
        let sample = Sample::of(&works, Spent::default());
        assert_eq!((sample.rate, sample.client), (20.0, 2.0));
        let idle = [works[0], work(0, 0, 0, 20.0)];
        assert_eq!(Sample::of(&idle, Spent::default()).rate, 30.0);
    }

    #[test]
    fn the_middle_is_that_of_each_figure() {
        let sample = |rate, client| Sample { rate, client, servers: Spent::default(), stored: 1.0 };
        let middle = Sample::median(&[sample(1.0, 9.0), sample(2.0, 7.0), sample(9.0, 8.0)]);
        assert_eq!((middle.rate, middle.client, middle.stored), (2.0, 8.0, 1.0));
    }
}
