//! The server while it runs.

use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use tokio::process::{Child, Command};

use super::home::Home;
use crate::failure::Failure;

/// How long the server may take to stop by itself.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long a server that was killed may take to be gone.
const GONE_WITHIN: Duration = Duration::from_secs(1);

/// Where it is found.
#[derive(Clone, Debug)]
pub(super) struct At {
    pub(super) url: String,
    pub(super) pid: Option<u32>,
}

/// A server that this process has started. It ends with it.
pub(super) struct Server<'h> {
    child: Child,
    port: u16,
    home: &'h Home,
}

impl<'h> Server<'h> {
    pub(super) fn start(program: &Path, home: &'h Home, port: u16) -> Result<Self, Failure> {
        let port = free(port)?;
        let mut command = Command::new(program);
        command
            .args(["--addr", "127.0.0.1", "--port", &port.to_string(), "--jetstream"])
            .arg("--store_dir")
            .arg(home.store())
            .arg("--log")
            .arg(home.log_path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        // A Ctrl-C at the terminal is for this process, which then stops the server in good order.
        #[cfg(unix)]
        command.process_group(0);
        let child = command.spawn();
        let child = child.map_err(|error| Failure::io("cannot run", program, &error))?;
        Ok(Self { child, port, home })
    }

    pub(super) fn at(&self) -> At {
        At { url: format!("nats://127.0.0.1:{}", self.port), pid: self.child.id() }
    }

    /// Returns once it has ended by itself, which it should not.
    pub(super) async fn ended(&mut self) -> Failure {
        let status = self.child.wait().await;
        let status = status.map_or_else(|error| error.to_string(), |status| status.to_string());
        let log = self.home.end_of_log();
        let mut failure = Failure::new(format!("nats-server has ended ({status})"));
        if !log.is_empty() {
            failure = failure.help(format!("its log ends with\n    {log}"));
        }
        failure.help(format!("all of it is in `{}`", self.home.log()))
    }

    /// Stops it in good order, or by force when it takes too long.
    pub(super) async fn stop(&mut self) -> Result<(), Failure> {
        self.ask_to_end();
        if tokio::time::timeout(PATIENCE, self.child.wait()).await.is_ok() {
            return Ok(());
        }
        let killed = self.child.kill().await;
        killed.map_err(|error| Failure::new(format!("nats-server cannot be stopped: {error}")))
    }

    #[cfg(unix)]
    fn ask_to_end(&self) {
        use rustix::process::{Pid, Signal, kill_process};
        let pid = self.child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
        if let Some(pid) = pid {
            // It fails where it has ended already, which is what is wanted.
            let _ = kill_process(pid, Signal::TERM);
        }
    }

    #[cfg(not(unix))]
    fn ask_to_end(&mut self) {
        let _ = self.child.start_kill();
    }
}

impl Drop for Server<'_> {
    fn drop(&mut self) {
        // It is waited for where it may be killed: its folder may be removed next, and not under a process that still writes.
        if self.child.start_kill().is_err() {
            return;
        }
        let killed = Instant::now();
        while matches!(self.child.try_wait(), Ok(None)) && killed.elapsed() < GONE_WITHIN {
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}

/// The port, if nobody listens on it; for 0, one that is free.
fn free(port: u16) -> Result<u16, Failure> {
    let bound = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).and_then(|it| it.local_addr());
    bound.map(|address| address.port()).map_err(|error| {
        Failure::new(format!("the port {port} cannot be listened on: {error}"))
            .help("`--port <PORT>` names another one, `--port 0` takes any that is free")
    })
}
