//! The servers of a run, one or a cluster.

use std::io;
use std::path::Path;
use std::time::Duration;

use tidings::testing::{Cluster, NatsServer, ServerConfig};

use crate::Outcome;
use crate::schedule::Denied;
use crate::topology::STREAMS;

/// How often a start is tried on a machine that is busy with everything else.
const STARTS: usize = 4;

#[derive(Debug)]
pub(crate) enum Servers {
    One(Box<NatsServer>),
    Several(Cluster),
}

impl Servers {
    pub(crate) async fn start(count: usize) -> Outcome<Self> {
        Ok(match count {
            1 => Self::One(Box::new(NatsServer::start_with(config(None)).await?)),
            several => Self::Several(Cluster::start_with(several, config(None)).await?),
        })
    }

    pub(crate) fn urls(&self) -> Vec<String> {
        match self {
            Self::One(server) => vec![server.url()],
            Self::Several(cluster) => cluster.urls(),
        }
    }

    pub(crate) fn count(&self) -> usize {
        match self {
            Self::One(_) => 1,
            Self::Several(cluster) => cluster.nodes().len(),
        }
    }

    pub(crate) fn get(&mut self, index: usize) -> &mut NatsServer {
        match self {
            Self::One(server) => server,
            Self::Several(cluster) => cluster.node_mut(index),
        }
    }

    /// The server that leads the stream of the parcels.
    pub(crate) async fn leader(&self) -> io::Result<usize> {
        match self {
            Self::One(_) => Ok(0),
            Self::Several(cluster) => cluster.leader_of(STREAMS[0]).await,
        }
    }

    /// Starts a server again, killed first if it runs.
    pub(crate) async fn restart(&mut self, index: usize) -> io::Result<()> {
        let mut tries = 1;
        loop {
            match self.get(index).restart().await {
                Err(_) if tries < STARTS => tries += 1,
                restarted => return restarted,
            }
        }
    }

    /// Starts a server again without what it has stored.
    pub(crate) async fn restart_empty(&mut self, index: usize) -> io::Result<()> {
        match self.get(index).restart_empty().await {
            Err(_) => self.restart(index).await,
            restarted => restarted,
        }
    }

    /// Waits until the servers that run are of one mind again.
    pub(crate) async fn ready(&self) -> io::Result<()> {
        match self {
            Self::One(_) => Ok(()),
            Self::Several(cluster) => cluster.ready().await,
        }
    }

    /// Whether JetStream lives on when permissions are reloaded: before 2.12 it answers nobody afterwards.
    pub(crate) fn can_reload(&mut self) -> bool {
        let version = self.get(0).version();
        !["2.10.", "2.11."].iter().any(|old| version.starts_with(old))
    }

    /// Takes a permission away, or gives all back.
    pub(crate) async fn deny(&mut self, denied: Option<Denied>) -> io::Result<()> {
        for index in 0..self.count() {
            self.get(index).reload(config(denied)).await?;
        }
        Ok(())
    }

    /// Brings everything back that a fault has left behind.
    pub(crate) async fn heal(&mut self) -> Outcome {
        for index in 0..self.count() {
            // It fails where the server is down.
            let _ = self.get(index).thaw();
            if self.get(index).monitor("/varz").await.is_err() {
                self.restart(index).await?;
            }
        }
        let mut tries = 0;
        while let Err(error) = self.ready().await {
            tries += 1;
            if tries == STARTS {
                return Err(error.into());
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        Ok(())
    }

    /// Ends the servers and copies their files.
    pub(crate) fn keep(&mut self, folder: &Path) -> Outcome {
        for index in 0..self.count() {
            let server = self.get(index);
            server.kill()?;
            copy(server.folder(), &folder.join(format!("server-{index}")))?;
        }
        Ok(())
    }
}

/// Clients without credentials are the user `app`, who may lose a permission. Whoever looks on is `root`.
fn config(denied: Option<Denied>) -> ServerConfig {
    let permissions = denied.map_or_else(String::new, |denied| {
        format!(", permissions: {{ publish: {{ deny: [\"{}\"] }} }}", denied.subjects())
    });
    ServerConfig::default().lame_duck(Duration::from_millis(200), Duration::from_secs(30)).text(
        &format!(
            "authorization {{ users: [ {{ user: app, password: app{permissions} }}, {{ user: root, password: root }} ] }}\n\
             no_auth_user: app"
        ),
    )
}

fn copy(from: &Path, to: &Path) -> io::Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            std::fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}
