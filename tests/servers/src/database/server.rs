use std::ffi::OsString;
use std::fs::{File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

/// How long a start or a stop may take, on a machine that is short of time.
const PATIENCE: Duration = Duration::from_secs(60);
/// How often something is looked at that nothing can wake us for.
const TICK: Duration = Duration::from_millis(10);

/// A server's process. Dropping it kills it.
#[derive(Debug)]
pub(super) struct Server {
    process: Child,
    log: PathBuf,
}

impl Server {
    /// Starts a server that writes its log into `folder`.
    pub(super) fn spawn(command: &mut Command, folder: &Path) -> io::Result<Self> {
        let log = folder.join("log");
        let output = OpenOptions::new().create(true).append(true).open(&log)?;
        let process = command
            .current_dir(folder)
            .stdin(Stdio::null())
            .stdout(output.try_clone()?)
            .stderr(output)
            .spawn()
            .map_err(|error| missing(command, &error))?;
        Ok(Self { process, log })
    }

    /// Looks until the server answers; an error with the end of its log where it does not.
    pub(super) async fn answers(
        &mut self,
        mut answers: impl AsyncFnMut() -> bool,
    ) -> io::Result<()> {
        let deadline = Instant::now() + PATIENCE;
        while !answers().await {
            if self.process.try_wait()?.is_some() || Instant::now() >= deadline {
                let log = std::fs::read_to_string(&self.log).unwrap_or_default();
                let lines: Vec<&str> = log.lines().rev().take(20).collect();
                let end: Vec<&str> = lines.into_iter().rev().collect();
                return Err(io::Error::other(format!(
                    "no answer; its log ends:\n{}",
                    end.join("\n")
                )));
            }
            tokio::time::sleep(TICK).await;
        }
        Ok(())
    }

    /// Tells it something, and waits until it has ended.
    pub(super) fn end(&mut self, signal: Signal) -> io::Result<()> {
        if self.process.try_wait()?.is_none() {
            kill_process(self.pid()?, signal)?;
            self.process.wait()?;
        }
        Ok(())
    }

    fn pid(&self) -> io::Result<Pid> {
        let pid = i32::try_from(self.process.id()).ok().and_then(Pid::from_raw);
        pid.ok_or_else(|| io::Error::other("the system gave no process id"))
    }
}

/// Runs a program to its end.
pub(super) fn run(command: &mut Command, log: &Path) -> io::Result<()> {
    let output = File::create(log)?;
    let command = command.stdin(Stdio::null()).stdout(output.try_clone()?).stderr(output);
    let status = command.status().map_err(|error| missing(command, &error))?;
    if status.success() {
        return Ok(());
    }
    let said = std::fs::read_to_string(log).unwrap_or_default();
    Err(io::Error::other(format!("{}: {status}\n{said}", command.get_program().display())))
}

/// Where a program is: in one of these folders, or on `PATH`.
pub(super) fn program(name: &str, folders: impl IntoIterator<Item = PathBuf>) -> OsString {
    let beside = folders.into_iter().map(|folder| folder.join(name)).find(|path| path.is_file());
    beside.map_or_else(|| name.into(), OsString::from)
}

fn missing(command: &Command, error: &io::Error) -> io::Error {
    let program = command.get_program().display();
    let message = format!("{program}: {error}. `cargo xtask tools` installs it, or says how to");
    io::Error::new(error.kind(), message)
}
