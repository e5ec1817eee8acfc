//! The processes that handle, from their start to what their databases say.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use rustix::process::{Pid, Signal, kill_process};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, Row as _};
use tidings_tests::resident::Resident;
use tokio::process::{Child, Command};

use crate::Outcome;

/// The processes, and a folder with their databases.
pub(crate) struct Instances {
    processes: Vec<(Child, PathBuf)>,
}

/// An event that an instance has handled.
pub(crate) struct Arrival {
    pub(crate) step: u64,
    /// From its publishing to the end of its handling, but for the write of it.
    pub(crate) took_us: u64,
    /// Since the epoch.
    pub(crate) at_us: i64,
}

impl Instances {
    pub(crate) fn start(count: usize, url: &str, folder: &Path) -> Outcome<Self> {
        let start = |number| {
            let database = folder.join(format!("instance-{number}.db"));
            let mut command = Command::new(std::env::current_exe()?);
            command.arg("handle").arg(&database).env("NATS_URL", url);
            let process = command.kill_on_drop(true).stdin(Stdio::null()).spawn()?;
            Outcome::Ok((process, database))
        };
        Ok(Self { processes: (0..count).map(start).collect::<Outcome<_>>()? })
    }

    /// A sample of the memory of each.
    pub(crate) fn sample(&self, memory: &mut [Resident]) -> Outcome {
        for ((process, _), memory) in self.processes.iter().zip(memory) {
            let id = process.id().ok_or("an instance has ended before its time")?;
            memory.sample(id)?;
        }
        Ok(())
    }

    /// Has them end in good order, and returns what each has handled.
    pub(crate) async fn end(self) -> Outcome<Vec<Vec<Arrival>>> {
        let mut handled = Vec::new();
        for (mut process, database) in self.processes {
            let id = process.id().and_then(|id| Pid::from_raw(id.cast_signed()));
            kill_process(id.ok_or("an instance has ended before its time")?, Signal::TERM)?;
            let status = process.wait().await?;
            if !status.success() {
                return Err(format!("an instance has ended with {status}").into());
            }
            handled.push(arrivals(&database).await?);
        }
        Ok(handled)
    }
}

async fn arrivals(database: &Path) -> Outcome<Vec<Arrival>> {
    let mut connection = SqliteConnectOptions::new().filename(database).connect().await?;
    let rows = sqlx::query("SELECT step, took_us, at_us FROM arrivals").fetch_all(&mut connection);
    let rows = rows.await?.into_iter().map(|row| {
        Outcome::Ok(Arrival {
            step: row.try_get::<i64, _>(0)?.try_into()?,
            // Clocks may differ where the server named is another machine's; then it took no time.
            took_us: row.try_get::<i64, _>(1)?.try_into().unwrap_or_default(),
            at_us: row.try_get(2)?,
        })
    });
    rows.collect()
}
