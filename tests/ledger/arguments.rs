//! What the program is told to do.

use std::path::PathBuf;

use super::Outcome;

pub(crate) const HELP: &str = "\
A service with an outbox, killed at steps that seeds determine, and judged afterwards.

ledger [--seeds N] [--first N] [--at-once N] [--postgres]
    Kills N services (default 100), whose seeds are those from --first on (default 0), some at once (default 4), with
    their databases in SQLite files or in PostgreSQL. Beside each, a second process relays from the same database, and
    is killed or frozen too.
ledger --outage N
    Stores N events while the broker is down for the middle third, and tells how long everything took.
";

pub(crate) enum Command {
    Direct(Plan),
    Outage { events: u64 },
    Live(Life),
    Help,
}

pub(crate) struct Plan {
    pub(crate) seeds: u64,
    pub(crate) first: u64,
    pub(crate) at_once: usize,
    pub(crate) postgres: bool,
}

/// One life of a service.
pub(crate) struct Life {
    pub(crate) seed: u64,
    /// None for the last, which is not killed.
    pub(crate) number: Option<u64>,
    pub(crate) database: String,
    pub(crate) broker: String,
    /// Where it is written down at which step it has ended.
    pub(crate) note: PathBuf,
    /// It only relays what the service puts into its outbox.
    pub(crate) only_relays: bool,
}

impl Command {
    pub(crate) fn parse(mut arguments: impl Iterator<Item = String>) -> Outcome<Self> {
        let mut plan = Plan { seeds: 100, first: 0, at_once: 4, postgres: false };
        while let Some(argument) = arguments.next() {
            let mut value = || arguments.next().ok_or(format!("`{argument}` takes a value"));
            match argument.as_str() {
                "--seeds" => plan.seeds = value()?.parse()?,
                "--first" => plan.first = value()?.parse()?,
                "--at-once" => plan.at_once = value()?.parse()?,
                "--postgres" => plan.postgres = true,
                "--outage" => return Ok(Self::Outage { events: value()?.parse()? }),
                role @ ("live" | "relay") => {
                    let only_relays = role == "relay";
                    let (seed, number) = (value()?.parse()?, value()?);
                    let number = if number == "last" { None } else { Some(number.parse()?) };
                    let (database, broker, note) = (value()?, value()?, value()?.into());
                    let life = Life { seed, number, database, broker, note, only_relays };
                    return Ok(Self::Live(life));
                }
                "--help" => return Ok(Self::Help),
                other => return Err(format!("`{other}` is unknown; see --help").into()),
            }
        }
        Ok(Self::Direct(plan))
    }
}
