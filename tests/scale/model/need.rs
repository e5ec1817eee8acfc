//! What a rate needs.

use super::costs::Cost;
use super::{Assumptions, Costs};
use crate::Outcome;

/// A catalog divides a stream into so many partitions at most.
const PARTITIONS_OF_A_STREAM: f64 = 256.0;

/// Of so many events a second. The formulae stand in the report, beside the figures.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Need {
    pub(crate) rate: f64,
    /// Cores of all servers at work.
    pub(crate) cores: f64,
    /// Bytes a second at all servers, the busier way.
    pub(crate) network: f64,
    /// Bytes a second to all disks.
    pub(crate) written: f64,
    pub(crate) servers: f64,
    pub(crate) streams: f64,
    /// Of one subscription, where it keeps the order of keys over all instances.
    pub(crate) partitions: f64,
    /// Then.
    pub(crate) ordered_streams: f64,
    /// Durables that are read, without order and with it.
    pub(crate) durables: f64,
    pub(crate) ordered_durables: f64,
    /// Cores of clients, with what they have to spare.
    pub(crate) publishers: f64,
    pub(crate) subscribers: f64,
    /// Bytes a day in all copies.
    pub(crate) kept_a_day: f64,
    /// Bytes of memory for ids, in each server.
    pub(crate) ids: f64,
    pub(crate) failover: Failover,
}

/// When the server of an average number of leaders dies.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Failover {
    /// Streams without a leader.
    pub(crate) streams: f64,
    /// Events that wait in the processes that publish, at the end of a median pause and of the worst.
    pub(crate) waiting: f64,
    pub(crate) worst_waiting: f64,
    /// Seconds from the pause's end until they are stored, beside what comes meanwhile.
    pub(crate) caught_up: f64,
}

impl Need {
    pub(crate) fn of(rate: f64, costs: &[Costs], assumed: &Assumptions) -> Outcome<Self> {
        let of_copies = |costs: &&Costs| f64::from(costs.copies) == assumed.copies;
        let costs = costs.iter().find(of_copies).ok_or_else(|| {
            format!("of {} copies nothing was measured: assume 1 or 3", assumed.copies)
        })?;
        let (busy, subscriptions) = (assumed.utilisation, assumed.subscriptions);
        if !(busy > 0.0 && busy <= 1.0) {
            return Err(format!("`utilisation` is a share above 0, up to 1, not {busy}").into());
        }
        let (publish, handle) = (&costs.publish, &costs.handle);
        let each = |figure: &dyn Fn(&Cost) -> f64| {
            rate * (figure(publish) + subscriptions * figure(handle))
        };
        let line = assumed.line_bytes;
        let coming = |cost: &Cost| cost.traffic.bytes_in + line * cost.traffic.messages_in;
        let going = |cost: &Cost| cost.traffic.bytes_out + line * cost.traffic.messages_out;

        let cores = each(&|cost| cost.servers) / 1e6;
        let network = each(&coming).max(each(&going));
        let written = each(&|cost| cost.written);
        let by_cores = cores / (busy * assumed.cores_per_server);
        let by_network = network / (busy * assumed.network_per_server);
        let by_disk = written / (busy * assumed.disk_per_server);
        let servers = by_cores.max(by_network).max(by_disk).ceil().max(assumed.copies);

        let by_stream = rate / (busy * costs.published_by_stream);
        let by_durable = rate / (busy * costs.handled_by_durable);
        // Beyond as many servers as a stream has copies, only more streams have more leaders.
        let to_spread = if servers > assumed.copies { servers } else { 1.0 };
        let streams = by_stream.max(by_durable).ceil().max(to_spread);
        let in_order = 1.0 / costs.handled_by_partition + assumed.handler_ms / 1e3;
        let partitions = (rate * in_order / busy).ceil().max(1.0);

        let touched = (streams / servers).ceil();
        let of_stream = rate / streams;
        let waiting = |pause: f64| of_stream * touched * pause;
        let spare = costs.published_by_stream - of_stream;
        Ok(Self {
            rate,
            cores,
            network,
            written,
            servers,
            streams,
            partitions,
            ordered_streams: streams.max((partitions / PARTITIONS_OF_A_STREAM).ceil()),
            durables: subscriptions * streams,
            ordered_durables: subscriptions * partitions.max(streams),
            publishers: rate * publish.client / 1e6 / busy,
            subscribers: rate * subscriptions * handle.client / 1e6 / busy,
            kept_a_day: rate * 86_400.0 * costs.stored * assumed.copies,
            ids: rate * assumed.duplicate_window_s * assumed.id_bytes * assumed.copies / servers,
            failover: Failover {
                streams: touched,
                waiting: waiting(costs.pause),
                worst_waiting: waiting(costs.worst_pause),
                caught_up: costs.pause * of_stream / spare,
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::servers::Traffic;

    /// Round figures, so that each line can be followed in one's head.
    fn costs() -> Costs {
        let traffic = |bytes| Traffic {
            messages_in: 1.0,
            messages_out: 1.0,
            bytes_in: bytes,
            bytes_out: 100.0,
        };
        Costs {
            copies: 3,
            publish: Cost { servers: 20.0, client: 5.0, written: 1_000.0, traffic: traffic(900.0) },
            handle: Cost { servers: 10.0, client: 10.0, written: 0.0, traffic: traffic(0.0) },
            published_by_stream: 20_000.0,
            handled_by_durable: 50_000.0,
            handled_by_partition: 1_000.0,
            stored: 500.0,
            pause: 4.0,
            worst_pause: 8.0,
        }
    }

    fn assumptions() -> Assumptions {
        Assumptions { line_bytes: 100.0, ..Assumptions::default() }
    }

    #[test]
    fn each_line_follows_from_the_figures() {
        let need = Need::of(1e5, &[costs()], &assumptions()).expect("it is measured");
        // 20 µs and twice 10 µs of 100,000 events; half of 16 cores are at work in each of the servers.
        assert_eq!((need.cores, need.servers), (4.0, 3.0));
        // 1,000 to publish, and twice 100.
        assert_eq!(need.network, 1.2e8);
        assert_eq!(need.written, 1e8);
        // Half of 20,000 each.
        assert_eq!((need.streams, need.durables), (10.0, 20.0));
        // 1 ms on the way and 1 ms in the handler, half of the time.
        assert_eq!((need.partitions, need.ordered_durables), (400.0, 800.0));
        assert_eq!(need.ordered_streams, 10.0);
        let slow = Assumptions { handler_ms: 9.0, ..assumptions() };
        let slow = Need::of(1e6, &[costs()], &slow).expect("it is measured");
        assert_eq!((slow.streams, slow.partitions, slow.ordered_streams), (100.0, 20_000.0, 100.0));
        let slow = Assumptions { handler_ms: 19.0, ..assumptions() };
        let slow = Need::of(1e6, &[costs()], &slow).expect("it is measured");
        assert_eq!((slow.partitions, slow.ordered_streams), (40_000.0, 157.0));
        assert_eq!((need.publishers, need.subscribers), (1.0, 4.0));
        assert_eq!(need.kept_a_day, 1e5 * 86_400.0 * 1_500.0);
        assert_eq!(need.ids, 1e5 * 120.0 * 200.0);
        // Four of ten streams, with 10,000 events a second each.
        let failover = need.failover;
        assert_eq!((failover.streams, failover.waiting), (4.0, 160_000.0));
        assert_eq!((failover.worst_waiting, failover.caught_up), (320_000.0, 4.0));
    }

    #[test]
    fn whatever_is_scarcest_says_how_many_servers() {
        let servers = |assumptions: Assumptions| {
            Need::of(1e6, &[costs()], &assumptions).expect("it is measured").servers
        };
        let roomy = Assumptions {
            cores_per_server: 1e6,
            network_per_server: 1e12,
            disk_per_server: 1e12,
            ..assumptions()
        };
        assert_eq!(servers(roomy.clone()), 3.0);
        assert_eq!(servers(Assumptions { cores_per_server: 16.0, ..roomy.clone() }), 5.0);
        assert_eq!(servers(Assumptions { network_per_server: 1.2e8, ..roomy.clone() }), 20.0);
        assert_eq!(servers(Assumptions { disk_per_server: 5e8, ..roomy }), 4.0);
    }

    #[test]
    fn servers_beyond_the_copies_have_streams_to_lead() {
        let quick = Costs { published_by_stream: 1e9, handled_by_durable: 1e9, ..costs() };
        let need = Need::of(1e6, &[quick], &assumptions()).expect("it is measured");
        assert_eq!((need.servers, need.streams), (5.0, 5.0));
    }

    #[test]
    fn what_was_not_measured_is_not_computed() {
        let five = Assumptions { copies: 5.0, ..assumptions() };
        let error = Need::of(1e6, &[costs()], &five).expect_err("not measured").to_string();
        assert!(error.contains("5 copies"), "{error}");
        let idle = Assumptions { utilisation: 0.0, ..assumptions() };
        assert!(Need::of(1e6, &[costs()], &idle).is_err());
    }
}
