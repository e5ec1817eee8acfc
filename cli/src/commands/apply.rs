//! `tidings apply`

use clap::Args;

use super::Outcome;
use crate::answer::{Answer, require_answer_format};
use crate::failure::Failure;
use crate::online::connection::Connection;
use crate::online::runtime;
use crate::session::Session;
use crate::topology::{Consents, could_not, data, read, shown, verdict};

/// Bring the server's streams and consumers to what the catalog says.
///
/// Does what is safe, and beyond that what is allowed by name; `tidings plan` with the same arguments shows it before. It
/// can be interrupted and run again, and by several at once. Exits with 0 where the server is as the catalog says
/// afterwards, with 1 where something is left, with 2 where the server refused something.
#[derive(Debug, Args)]
pub(crate) struct Apply {
    #[command(flatten)]
    consents: Consents,

    #[command(flatten)]
    connection: Connection,
}

impl Apply {
    pub(crate) fn run(&self, session: &Session) -> Outcome {
        require_answer_format(session, "apply")?;
        let catalog = read(session)?;
        let applied = runtime::wait(async {
            let bus = self.connection.open().await?;
            let topology = bus.topology(catalog).consent(self.consents.consent());
            topology.apply().await.map_err(|error| could_not(&error))
        })?;
        let mut text = shown::applied(&applied);
        if !session.is_quiet() && applied.left.is_clean() {
            text.push_str(&format!("{}\n", shown::summary(&applied.left)));
        }
        Answer::new("apply", text, data::applied(&applied)).write(session)?;
        match applied.refused.len() {
            0 => Ok(verdict(&applied.left)),
            1 => Err(Failure::new("the server refused a change")),
            count => Err(Failure::new(format!("the server refused {count} changes"))),
        }
    }
}
