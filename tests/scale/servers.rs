//! The servers of a run, one or a cluster of three, and what they have used.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use tidings::testing::{Cluster, NatsServer, ServerConfig};
use tidings_tests::process::Process;

use crate::Outcome;
use crate::role::Place;

pub(crate) enum Servers {
    One(Box<NatsServer>),
    Three(Cluster),
}

/// What all servers have used until a moment.
pub(crate) struct Used {
    /// Of each server.
    cpu: Vec<Duration>,
    written: u64,
    traffic: Traffic,
}

/// What came to the servers and what they sent, other servers included: messages with headers, without the lines of the
/// protocol.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Traffic {
    pub(crate) messages_in: f64,
    pub(crate) messages_out: f64,
    pub(crate) bytes_in: f64,
    pub(crate) bytes_out: f64,
}

/// What servers use for an event.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Spent {
    /// CPU time of all servers, in microseconds.
    pub(crate) cpu: f64,
    /// Of the one that used most.
    pub(crate) cpu_of_busiest: f64,
    /// Bytes that go to the disks of all servers.
    pub(crate) written: f64,
    pub(crate) traffic: Traffic,
}

impl Servers {
    pub(crate) async fn one(sync_always: bool) -> Outcome<Self> {
        Ok(Self::One(Box::new(NatsServer::start_with(config(sync_always)).await?)))
    }

    pub(crate) async fn three(sync_always: bool) -> Outcome<Self> {
        Ok(Self::Three(Cluster::start_with(3, config(sync_always)).await?))
    }

    pub(crate) fn nodes(&self) -> &[NatsServer] {
        match self {
            Self::One(server) => std::slice::from_ref(server),
            Self::Three(cluster) => cluster.nodes(),
        }
    }

    pub(crate) fn version(&self) -> &str {
        self.nodes().first().map_or("", NatsServer::version)
    }

    /// The stream under a prefix. Clients connect to any of the servers.
    pub(crate) fn place(&self, prefix: String) -> Place {
        let urls: Vec<_> = self.nodes().iter().map(NatsServer::url).collect();
        Place { urls: urls.join(","), prefix }
    }

    pub(crate) async fn used(&self) -> Outcome<Used> {
        let mut used = Used { cpu: Vec::new(), written: 0, traffic: Traffic::default() };
        for node in self.nodes() {
            let process =
                Process::child_in(node.folder()).ok_or("a server's process is not found")?;
            used.cpu.push(process.used().ok_or("the system does not tell CPU times in /proc")?);
            used.written +=
                process.written().ok_or("the system does not tell of disks in /proc")?;
            let told = node.monitor("/varz").await?;
            let figure = |name: &str| told[name].as_f64().unwrap_or_default();
            used.traffic.messages_in += figure("in_msgs");
            used.traffic.messages_out += figure("out_msgs");
            used.traffic.bytes_in += figure("in_bytes");
            used.traffic.bytes_out += figure("out_bytes");
        }
        Ok(used)
    }

    /// What they have used for so many events, since a moment.
    pub(crate) async fn spent_since(&self, before: &Used, events: u64) -> Outcome<Spent> {
        let now = self.used().await?;
        let each = |whole: f64| whole / events as f64;
        let cpu: Vec<f64> = before
            .cpu
            .iter()
            .zip(&now.cpu)
            .map(|(before, now)| each(now.saturating_sub(*before).as_secs_f64() * 1e6))
            .collect();
        let (then, now_there) = (before.traffic, now.traffic);
        Ok(Spent {
            cpu: cpu.iter().sum(),
            cpu_of_busiest: cpu.iter().copied().fold(0.0, f64::max),
            written: each(now.written.saturating_sub(before.written) as f64),
            traffic: Traffic {
                messages_in: each(now_there.messages_in - then.messages_in),
                messages_out: each(now_there.messages_out - then.messages_out),
                bytes_in: each(now_there.bytes_in - then.bytes_in),
                bytes_out: each(now_there.bytes_out - then.bytes_out),
            },
        })
    }
}

fn config(sync_always: bool) -> ServerConfig {
    let config = ServerConfig::default();
    if sync_always { config.jetstream("sync_interval: always") } else { config }
}
