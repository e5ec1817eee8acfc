use std::io;
use std::path::Path;
use std::process::Command;

use rustix::process::Signal;
use tempfile::TempDir;

use super::server::{self, Server};

/// A Redis server of one test, empty, whose data outlives a [kill](Self::kill).
#[derive(Debug)]
pub struct Redis {
    // Declared before the folder: the process ends before its files go.
    server: Server,
    folder: TempDir,
}

impl Redis {
    /// Starts a server.
    ///
    /// # Errors
    /// There is none to start, or it does not answer.
    pub async fn start() -> io::Result<Self> {
        let folder = tempfile::Builder::new().prefix("redis-").tempdir()?;
        let server = spawn(folder.path())?;
        let mut redis = Self { server, folder };
        redis.ready().await?;
        Ok(redis)
    }

    /// Where to connect: `redis+unix://…`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("redis+unix://{}/socket", self.folder.path().display())
    }

    /// Ends it as `kill -9` does.
    ///
    /// # Errors
    /// The system does not let us.
    pub fn kill(&mut self) -> io::Result<()> {
        self.server.end(Signal::KILL)
    }

    /// Starts it again, where it was.
    ///
    /// # Errors
    /// As [`start`](Self::start).
    pub async fn restart(&mut self) -> io::Result<()> {
        self.kill()?;
        self.server = spawn(self.folder.path())?;
        self.ready().await
    }

    async fn ready(&mut self) -> io::Result<()> {
        let client = ::redis::Client::open(self.url()).map_err(io::Error::other)?;
        let answers = async || {
            let Ok(mut connection) = client.get_multiplexed_async_connection().await else {
                return false;
            };
            ::redis::cmd("PING").query_async::<()>(&mut connection).await.is_ok()
        };
        self.server.answers(answers).await
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        let _ = self.kill();
    }
}

fn spawn(folder: &Path) -> io::Result<Server> {
    let mut redis = Command::new(server::program("redis-server", []));
    redis.args(["--port", "0", "--unixsocket", "socket", "--dir", "."]);
    redis.args(["--save", "", "--appendonly", "yes", "--appendfsync", "everysec"]);
    Server::spawn(&mut redis, folder)
}
