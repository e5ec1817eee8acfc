//! Several servers that store streams together.

use std::io;
use std::time::Duration;

use futures_util::future::try_join_all;
use serde_json::Value;

use super::config::ServerConfig;
use super::nats_server::{Membership, NatsServer};
use super::port::Port;
use super::process::poll;

/// How long an election may take, on a machine that is busy with other tests.
const PATIENCE: Duration = Duration::from_secs(30);

/// How often a cluster is begun before its failure to form is an error. Servers before 2.12 fail one time in fifty.
const ATTEMPTS: usize = 5;

/// A cluster of `nats-server`s, of one test.
///
/// ```no_run
/// use tidings::testing::Cluster;
/// use tidings::{Config, Tidings};
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let mut cluster = Cluster::start(3).await?; // or `start_with(3, config)`
/// let bus = Tidings::connect(Config::new(cluster.urls().join(","))).await?;
/// bus.ensure(&event_catalog::CATALOG).await?;
///
/// let leader = cluster.leader_of("ORDERS_EVENTS").await?;
/// cluster.node_mut(leader).kill()?; // whoever takes over has what was acknowledged
/// cluster.node_mut(leader).restart().await?;
/// cluster.ready().await?;
/// println!("{}", cluster.nodes()[leader].log()?);
///
/// cluster.kill_all()?;
/// cluster.restart_all().await?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Cluster {
    nodes: Vec<NatsServer>,
    // Kept from others for as long as a server may come back.
    _routes: Vec<Port>,
}

impl Cluster {
    /// Starts `size` servers (3, for streams with three replicas) that let everyone do everything, and waits until
    /// replicated streams can be created.
    ///
    /// # Errors
    /// When a server does not start, or the cluster is not ready within 30 s.
    pub async fn start(size: usize) -> io::Result<Self> {
        Self::start_with(size, ServerConfig::default()).await
    }

    /// Starts `size` servers of one configuration.
    ///
    /// ```no_run
    /// use tidings::testing::{Cluster, ServerConfig};
    ///
    /// # async fn example() -> std::io::Result<()> {
    /// let careful = ServerConfig::default().jetstream("sync_interval: always");
    /// let cluster = Cluster::start_with(3, careful).await?;
    /// # drop(cluster);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`start`](Self::start).
    pub async fn start_with(size: usize, config: ServerConfig) -> io::Result<Self> {
        let mut attempt = 1;
        loop {
            let cluster = Self::launch(size, &config).await?;
            match cluster.formed(PATIENCE / 3).await {
                Err(_) if attempt < ATTEMPTS => attempt += 1,
                formed => return formed.map(|()| cluster),
            }
        }
    }

    async fn launch(size: usize, config: &ServerConfig) -> io::Result<Self> {
        let routes = (0..size).map(|_| Port::reserve()).collect::<io::Result<Vec<_>>>()?;
        let start = |member| NatsServer::launch(config.clone(), Some(member));
        let nodes = try_join_all(members(&routes).map(start)).await?;
        Ok(Self { nodes, _routes: routes })
    }

    /// The servers' addresses, as a client takes them.
    #[must_use]
    pub fn urls(&self) -> Vec<String> {
        self.nodes.iter().map(NatsServer::url).collect()
    }

    /// The servers; a server's place in here is its index elsewhere.
    #[must_use]
    pub fn nodes(&self) -> &[NatsServer] {
        &self.nodes
    }

    /// One of the servers, to be stopped or started. What comes back alone is not yet in sync: see [`ready`](Self::ready).
    ///
    /// # Panics
    /// When there is no such server.
    pub fn node_mut(&mut self, index: usize) -> &mut NatsServer {
        &mut self.nodes[index]
    }

    /// Kills every server at once.
    ///
    /// # Errors
    /// When the system does not let us.
    pub fn kill_all(&mut self) -> io::Result<()> {
        self.nodes.iter_mut().try_for_each(NatsServer::kill)
    }

    /// Starts every server again, killed first if it runs, and waits until they are [`ready`](Self::ready).
    ///
    /// # Errors
    /// When a server does not start, or the cluster is not ready within 30 s.
    pub async fn restart_all(&mut self) -> io::Result<()> {
        self.kill_all()?;
        try_join_all(self.nodes.iter_mut().map(NatsServer::restart)).await?;
        self.ready().await
    }

    /// Waits until the servers that run have a leader, know each other and are up to date. Servers before 2.12 may even
    /// then leave a first request unanswered.
    ///
    /// # Errors
    /// When they are not within 30 s.
    pub async fn ready(&self) -> io::Result<()> {
        self.formed(PATIENCE).await
    }

    /// Waits until a running server leads the stream, and tells which.
    ///
    /// # Errors
    /// When none does within 30 s.
    pub async fn leader_of(&self, stream: &str) -> io::Result<usize> {
        let leader = poll(PATIENCE, async || {
            for (index, node) in self.running() {
                if leads(node, stream).await {
                    return Ok(Some(index));
                }
            }
            Ok(None)
        });
        leader.await.map_err(|error| {
            io::Error::new(error.kind(), format!("no server leads the stream {stream}: {error}"))
        })
    }

    fn running(&self) -> impl Iterator<Item = (usize, &NatsServer)> {
        self.nodes.iter().enumerate().filter(|(_, node)| node.is_running())
    }

    async fn formed(&self, patience: Duration) -> io::Result<()> {
        let mut obstacle = String::new();
        let formed = poll(patience, async || {
            obstacle = match self.obstacle().await {
                Ok(None) => return Ok(Some(())),
                Ok(Some(passing)) => passing,
                Err(lasting) => return Err(lasting),
            };
            Ok(None)
        });
        let formed = formed.await;
        formed.map_err(|error| match error.kind() {
            io::ErrorKind::TimedOut => {
                let message = format!("the cluster is not ready within {patience:?}: {obstacle}");
                io::Error::new(error.kind(), message)
            }
            _ => error,
        })
    }

    /// What the cluster is still waiting for, if anything; as an error, what waiting does not mend.
    async fn obstacle(&self) -> io::Result<Option<String>> {
        let mut views = Vec::new();
        for (_, node) in self.running() {
            let view = match node.monitor("/healthz").await {
                Ok(_) => node.monitor("/jsz").await,
                Err(error) => Err(error),
            };
            match view {
                Ok(mut jsz) => views.push((node.name(), jsz["meta_cluster"].take())),
                Err(error) => return Ok(Some(format!("{}: {error}", node.name()))),
            }
        }
        let Some((_, view)) = views.iter().find(|(name, view)| view["leader"] == *name) else {
            return Ok(Some("no server leads".to_owned()));
        };
        // Elected before all had met, a leader counts only those it knew; servers before 2.12 leave it at that.
        if view["cluster_size"].as_u64().is_some_and(|size| size < self.nodes.len() as u64) {
            return Err(io::Error::other(format!("the cluster lacks a server: {view}")));
        }
        // That they are up to date they say themselves; the leader learns it with the next change only.
        let online = |peer: &&Value| peer["offline"] != true;
        let followers = view["replicas"].as_array().into_iter().flatten().filter(online).count();
        let all = followers + 1 >= views.len();
        Ok((!all).then(|| format!("not all servers follow the leader: {view}")))
    }
}

/// Whether the server itself says that it leads the stream: others may be speaking of the past.
async fn leads(node: &NatsServer, stream: &str) -> bool {
    let Ok(jsz) = node.monitor("/jsz?streams=true").await else { return false };
    let accounts = jsz["account_details"].as_array().into_iter().flatten();
    let mut streams = accounts.filter_map(|account| account["stream_detail"].as_array()).flatten();
    streams.any(|detail| detail["name"] == stream && detail["cluster"]["leader"] == node.name())
}

/// What makes each server a member: its name, and the ports at which they find each other.
fn members(routes: &[Port]) -> impl Iterator<Item = Membership> {
    let address = |port: &Port| format!("nats://127.0.0.1:{}", port.number());
    let all = routes.iter().map(address).collect::<Vec<_>>().join(", ");
    routes.iter().enumerate().map(move |(index, route)| {
        let name = format!("n{}", index + 1);
        let listen = format!("127.0.0.1:{}", route.number());
        let config = format!(
            "server_name: {name}\ncluster {{ name: test, listen: \"{listen}\", routes: [{all}] }}\n"
        );
        Membership { name, config }
    })
}
