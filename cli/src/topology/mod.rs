//! A server against the catalog: what the verbs about it share.

pub(crate) mod data;
pub(crate) mod shown;

use clap::Args;
use tidings::catalog::Catalog;
use tidings::topology::{Consent, Plan, TopologyError};

use crate::failure::Failure;
use crate::online::connection::Connection;
use crate::online::known::Known;
use crate::online::runtime;
use crate::report::Verdict;
use crate::session::Session;

/// What may be done beyond what is safe.
#[derive(Debug, Args)]
pub(crate) struct Consents {
    /// Take away what this stream or consumer keeps or takes beyond the catalog; the server may drop events by that.
    #[arg(long, value_name = "NAME")]
    narrow: Vec<String>,

    /// Delete this stream or consumer and make it anew: a stream with all that it holds, a consumer from where it has come to.
    #[arg(long, value_name = "NAME")]
    recreate: Vec<String>,

    /// Delete this stream or consumer, which was made for the catalog and is not in it any more.
    #[arg(long, value_name = "NAME")]
    delete: Vec<String>,
}

impl Consents {
    pub(crate) fn consent(&self) -> Consent {
        let consent = self.narrow.iter().fold(Consent::new(), Consent::narrow);
        let consent = self.recreate.iter().fold(consent, Consent::recreate);
        self.delete.iter().fold(consent, Consent::delete)
    }
}

/// The catalog, if it has no mistakes.
pub(crate) fn read(session: &Session) -> Result<&'static Catalog, Failure> {
    Known::read(session).map(|known| known.runtime)
}

pub(crate) fn planned(
    connection: &Connection,
    catalog: &'static Catalog,
    consent: Consent,
) -> Result<Plan, Failure> {
    runtime::wait(async {
        let bus = connection.open().await?;
        let planned = bus.topology(catalog).consent(consent).plan().await;
        planned.map_err(|error| could_not(&error))
    })
}

pub(crate) fn could_not(error: &TopologyError) -> Failure {
    Failure::new(error.to_string())
}

pub(crate) fn verdict(plan: &Plan) -> Verdict {
    if plan.is_clean() { Verdict::Passed } else { Verdict::Failed }
}
