//! `tidings drift`

use clap::Args;
use tidings::topology::Consent;

use super::Outcome;
use crate::answer::{Answer, require_answer_format};
use crate::online::connection::Connection;
use crate::report::Verdict;
use crate::session::Session;
use crate::topology::{data, planned, read, shown, verdict};

/// List what the server has otherwise than the catalog says.
///
/// Also what stands beside it: consumers of somebody else's, and settings about which the catalog says nothing. Changes nothing. Exits with 0 where the server is as the catalog says, with 1 where it is not.
#[derive(Debug, Args)]
pub(crate) struct Drift {
    #[command(flatten)]
    connection: Connection,
}

impl Drift {
    pub(crate) fn run(&self, session: &Session) -> Outcome {
        require_answer_format(session, "drift")?;
        let catalog = read(session)?;
        let plan = planned(&self.connection, catalog, Consent::new())?;
        let mut text = shown::drifted(&plan);
        if !session.is_quiet() {
            let summary = match verdict(&plan) {
                Verdict::Passed => shown::summary(&plan),
                Verdict::Failed => shown::count(&plan),
            };
            text.push_str(&format!("{summary}\n"));
        }
        Answer::new("drift", text, data::plan(&plan)).write(session)?;
        Ok(verdict(&plan))
    }
}
