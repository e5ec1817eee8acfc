//! How long nothing goes on when a leader dies: where it led, and elsewhere.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use tidings::Tidings;
use tidings::testing::{Cluster, NatsServer};
use tidings_tests::busy::Busy;
use tidings_tests::catalog::courier;
use tidings_tests::catalog::parcels::ParcelSent;
use tokio::sync::{oneshot, watch};
use tokio::task::JoinHandle;
use tokio::time::{MissedTickBehavior, interval, timeout};

use crate::role::Place;
use crate::{Outcome, topology};

/// Between two events of a stream, each awaited.
const PACE: Duration = Duration::from_millis(2);
/// How long a stream may take to go on.
const PATIENCE: Duration = Duration::from_secs(90);

/// The longest silences about the deaths of servers, in seconds: from one acknowledged publish to the next, and from one handled
/// event to the next. A stream has a leader, and so has each durable of it, often another one.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Pauses {
    /// Where the stream's leader died.
    pub(crate) published: Vec<f64>,
    pub(crate) published_elsewhere: Vec<f64>,
    /// Where the durable's leader died.
    pub(crate) handled: Vec<f64>,
    /// Where only the stream's did, and there was nothing to hand out.
    pub(crate) handled_behind: Vec<f64>,
    pub(crate) handled_elsewhere: Vec<f64>,
}

/// Kills the leaders of streams in turn, each after the one before it is back.
pub(crate) async fn measure(
    cluster: &mut Cluster,
    places: &[(Place, Tidings)],
    kills: usize,
) -> Outcome<Pauses> {
    let mut lines = Vec::new();
    for (place, _) in places {
        let bus = place.connect().await?;
        let prefix: tidings::Prefix = place.prefix.parse()?;
        lines.push(Line::open(prefix.stream(topology::PARCELS.stream), bus));
    }
    let mut pauses = Pauses::default();
    for turn in 0..kills {
        let mut leaders = Vec::new();
        for line in &mut lines {
            line.goes_on().await?;
            let durable = durable_leader(cluster, &line.stream).await?;
            leaders.push((cluster.leader_of(&line.stream).await?, durable));
        }
        let (dead, _) = leaders[turn % lines.len()];
        let killed = Instant::now();
        cluster.node_mut(dead).kill()?;
        for (line, (stream, durable)) in lines.iter_mut().zip(leaders) {
            cluster.leader_of(&line.stream).await?;
            line.goes_on().await?;
            let published = match stream == dead {
                true => &mut pauses.published,
                false => &mut pauses.published_elsewhere,
            };
            published.push(longest_gap(&line.published.moments(), killed));
            let handled = match (durable == dead, stream == dead) {
                (true, _) => &mut pauses.handled,
                (false, true) => &mut pauses.handled_behind,
                (false, false) => &mut pauses.handled_elsewhere,
            };
            handled.push(longest_gap(&line.handled.moments(), killed));
        }
        cluster.node_mut(dead).restart().await?;
        cluster.ready().await?;
    }
    for line in lines {
        line.close().await?;
    }
    Ok(pauses)
}

/// The server that says that it leads the durable.
async fn durable_leader(cluster: &Cluster, stream: &str) -> Outcome<usize> {
    let led = async {
        loop {
            for (index, node) in cluster.nodes().iter().enumerate() {
                if leads_durable(node, stream).await? {
                    return Ok(index);
                }
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let missing = |_| format!("no server leads the durable of {stream} within {PATIENCE:?}");
    timeout(PATIENCE, led).await.map_err(missing)?
}

async fn leads_durable(node: &NatsServer, stream: &str) -> Outcome<bool> {
    let own = node.monitor("/varz").await?["server_name"].take();
    let told = node.monitor("/jsz?consumers=true").await?;
    let accounts = told["account_details"].as_array().into_iter().flatten();
    let mut streams = accounts.filter_map(|account| account["stream_detail"].as_array()).flatten();
    let stream = streams.find(|detail| detail["name"] == stream);
    let mut durables =
        stream.and_then(|stream| stream["consumer_detail"].as_array()).into_iter().flatten();
    Ok(durables.any(|durable| {
        durable["name"] == topology::PARCELS.durable && durable["cluster"]["leader"] == own
    }))
}

/// Moments at which something was done, and the number of the last event to which it was.
#[derive(Clone)]
struct Track(Arc<(Mutex<Vec<Instant>>, watch::Sender<u64>)>);

impl Track {
    fn new() -> Self {
        Self(Arc::new((Mutex::default(), watch::Sender::new(0))))
    }

    fn note(&self, number: u64) {
        let (moments, last) = &*self.0;
        moments.lock().unwrap_or_else(PoisonError::into_inner).push(Instant::now());
        last.send_modify(|last| *last = number.max(*last));
    }

    fn moments(&self) -> Vec<Instant> {
        self.0.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn reaches(&self, number: u64) -> Outcome {
        let mut last = self.0.1.subscribe();
        let reached = timeout(PATIENCE, last.wait_for(|last| *last >= number)).await;
        let reached = reached.map_err(|_| format!("a stream did not go on within {PATIENCE:?}"))?;
        Ok(reached.map(drop)?)
    }

    fn last(&self) -> u64 {
        *self.0.1.borrow()
    }
}

/// A stream, with someone who publishes to it and someone who handles.
struct Line {
    stream: String,
    published: Track,
    handled: Track,
    publishing: JoinHandle<Outcome>,
    handling: JoinHandle<Outcome>,
    stop: oneshot::Sender<()>,
}

impl Line {
    fn open(stream: String, bus: Tidings) -> Self {
        let (published, handled) = (Track::new(), Track::new());
        let seen = handled.clone();
        let run = bus.run(Busy::subscriber(move |event| seen.note(event.step)));
        let (stop, stopped) = oneshot::channel::<()>();
        let handling = tokio::spawn(async move {
            run.until(stopped).await?;
            Ok(())
        });
        let publishing = tokio::spawn(publish(bus, published.clone()));
        Self { stream, published, handled, publishing, handling, stop }
    }

    /// Waits until an event that is published from now on is acknowledged, and handled.
    async fn goes_on(&mut self) -> Outcome {
        // One may be on its way already.
        let next = self.published.last() + 2;
        let goes_on = async {
            self.published.reaches(next).await?;
            self.handled.reaches(next).await
        };
        tokio::select! {
            reached = goes_on => reached,
            ended = &mut self.publishing => {
                ended??;
                Err("publishing ended before its time".into())
            }
            ended = &mut self.handling => {
                ended??;
                Err("handling ended before its time".into())
            }
        }
    }

    async fn close(self) -> Outcome {
        self.publishing.abort();
        drop(self.stop);
        self.handling.await?
    }
}

/// Publishes one event after the other, for ever.
async fn publish(bus: Tidings, track: Track) -> Outcome {
    let publisher = courier::Publisher::new(&bus).organization("acme");
    let mut clock = interval(PACE);
    clock.set_missed_tick_behavior(MissedTickBehavior::Delay);
    for step in 1.. {
        clock.tick().await;
        match publisher.parcel_sent(ParcelSent { parcel_id: "p-1".to_owned(), step }).await {
            Ok(_) => track.note(step),
            // The election took longer than the runtime tries.
            Err(error) if error.is_unknown() => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// The longest time between two moments of which the later one is after something happened, in seconds.
fn longest_gap(moments: &[Instant], happened: Instant) -> f64 {
    let gaps = moments.windows(2).filter(|pair| pair[1] > happened);
    let gaps = gaps.map(|pair| pair[1].saturating_duration_since(pair[0]));
    gaps.max().unwrap_or_default().as_secs_f64()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gap_counts_when_it_ends_after_the_death() {
        let start = Instant::now();
        let at = |second| start + Duration::from_secs(second);
        let moments = [0, 9, 10, 11, 14, 15].map(at);
        assert_eq!(longest_gap(&moments, at(10)), 3.0);
        assert_eq!(longest_gap(&moments, at(8)), 9.0);
        assert_eq!(longest_gap(&moments[..1], at(0)), 0.0);
    }
}
