//! A process that plays a role, as the director has it.

use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::time::timeout;

use crate::Outcome;
use crate::role::{Role, Work};

/// Longer than the slowest takes for the largest sample.
const PATIENCE: Duration = Duration::from_secs(300);

/// It ends with its value.
pub(crate) struct Actor {
    _process: Child,
    to: ChildStdin,
    from: Lines<BufReader<ChildStdout>>,
}

impl Actor {
    /// Starts it, and returns when it is connected.
    pub(crate) async fn start(role: &Role) -> Outcome<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("--role").arg(serde_json::to_string(role)?);
        let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true);
        let mut process = piped.spawn()?;
        let (to, from) = (process.stdin.take(), process.stdout.take());
        let (to, from) = to.zip(from).ok_or("no pipes")?;
        let mut actor = Self { _process: process, to, from: BufReader::new(from).lines() };
        match actor.answer().await?.as_str() {
            "ready" => Ok(actor),
            other => Err(format!("an actor should have been ready, and said `{other}`").into()),
        }
    }

    /// Tells it to begin, or to end where it would go on for ever.
    pub(crate) async fn tell(&mut self) -> Outcome {
        self.to.write_all(b"\n").await?;
        Ok(self.to.flush().await?)
    }

    /// What it did, when it has done it.
    pub(crate) async fn work(&mut self) -> Outcome<Work> {
        Ok(serde_json::from_str(&self.answer().await?)?)
    }

    async fn answer(&mut self) -> Outcome<String> {
        let line = timeout(PATIENCE, self.from.next_line()).await;
        let line = line.map_err(|_| format!("nothing was heard of an actor for {PATIENCE:?}"))?;
        Ok(line?.ok_or("an actor has ended, and has told why above")?)
    }
}
