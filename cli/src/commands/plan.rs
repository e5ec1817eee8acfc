//! `tidings plan`

use clap::Args;

use super::Outcome;
use crate::answer::{Answer, require_answer_format};
use crate::online::connection::Connection;
use crate::session::Session;
use crate::topology::{Consents, data, planned, read, shown, verdict};

/// Show what `tidings apply` would do to the server.
///
/// Compares its streams and consumers with the catalog's, and changes nothing. Exits with 0 where the server is as the catalog says, with 1 where it is not.
#[derive(Debug, Args)]
pub(crate) struct Plan {
    #[command(flatten)]
    consents: Consents,

    #[command(flatten)]
    connection: Connection,
}

impl Plan {
    pub(crate) fn run(&self, session: &Session) -> Outcome {
        require_answer_format(session, "plan")?;
        let catalog = read(session)?;
        let plan = planned(&self.connection, catalog, self.consents.consent())?;
        let mut text = shown::planned(&plan);
        if !session.is_quiet() {
            for name in plan.pointless_consents() {
                text.push_str(&format!("nothing that `{name}` would allow is to be done\n"));
            }
            text.push_str(&format!("{}\n", shown::summary(&plan)));
        }
        Answer::new("plan", text, data::plan(&plan)).write(session)?;
        Ok(verdict(&plan))
    }
}
