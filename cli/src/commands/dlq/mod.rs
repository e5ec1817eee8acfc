//! `tidings dlq`

mod data;
mod list;
mod purge;
mod reason;
mod replay;
mod selection;
mod show;

use clap::{Args, Subcommand};
use tidings::Tidings;

use super::Outcome;
use crate::answer::require_answer_format;
use crate::failure::Failure;
use crate::online::connection::Connection;
use crate::online::explained::{apply_first, because};
use crate::online::known::Known;
use crate::session::Session;

/// See what could not be handled, why, and replay or remove it.
#[derive(Debug, Args)]
#[command(arg_required_else_help = true)]
pub(crate) struct Dlq {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    List(list::List),
    Show(show::Show),
    Replay(replay::Replay),
    Purge(purge::Purge),
}

impl Dlq {
    pub(crate) fn run(&self, session: &Session) -> Outcome {
        require_answer_format(session, "dlq")?;
        match &self.what {
            What::List(list) => list.run(session),
            What::Show(show) => show.run(session),
            What::Replay(replay) => replay.run(session),
            What::Purge(purge) => purge.run(session),
        }
    }
}

/// Connects to a server that has the stream of dead letters.
async fn open(connection: &Connection, known: &Known) -> Result<Tidings, Failure> {
    let bus = connection.open().await?;
    let stream = bus.stream_name(known.runtime.dead_letters.stream);
    let info = bus.streams().map_err(|error| because(&error))?.info(&stream).await;
    if info.map_err(|error| because(&error))?.is_none() {
        return Err(apply_first(format!("the server has no stream of dead letters, `{stream}`")));
    }
    Ok(bus)
}
