//! Which dead letters are meant.

use clap::Args;
use tidings::{DeadLetter, DeadLetters, Tidings};

use super::reason::Why;
use crate::failure::Failure;
use crate::online::explained::because;
use crate::online::known::Known;
use crate::online::moment::Moment;

/// Filters; a dead letter is meant that all of them let through.
#[derive(Debug, Args)]
pub(super) struct Selection {
    /// Only those of this subscription: `billing.invoicing`.
    #[arg(long, value_name = "NAME")]
    subscription: Option<String>,

    /// Only events of this type: `orders.order.created`.
    #[arg(long, value_name = "EVENT")]
    event: Option<String>,

    /// Only those with this reason.
    #[arg(long, value_enum, value_name = "REASON")]
    reason: Option<Why>,

    /// Only those of this organization.
    #[arg(long, value_name = "ID")]
    organization: Option<String>,

    /// Only those that became dead letters since then: how long ago (`15m`, `2h`, `7d`), or a time by RFC 3339.
    #[arg(long, value_name = "WHEN")]
    since: Option<Moment>,

    /// Only those that became dead letters before then.
    #[arg(long, value_name = "WHEN")]
    before: Option<Moment>,
}

impl Selection {
    /// Whether nothing is said.
    pub(super) fn is_empty(&self) -> bool {
        let Self { subscription, event, reason, organization, since, before } = self;
        let named = [subscription, event, organization].into_iter().any(Option::is_some);
        !named && reason.is_none() && since.is_none() && before.is_none()
    }

    /// Says early what is no name of the catalog.
    pub(super) fn check(&self, known: &Known) -> Result<(), Failure> {
        if let Some(name) = &self.subscription {
            known.subscription(name)?;
        }
        if let Some(event) = &self.event {
            known.event(event)?;
        }
        Ok(())
    }

    pub(super) fn letters(&self, bus: &Tidings, known: &Known) -> Result<DeadLetters, Failure> {
        let mut letters = bus.dead_letters(known.runtime);
        if let Some(name) = &self.subscription {
            letters = letters.of(known.subscription(name)?);
        }
        if let Some(event) = &self.event {
            letters = letters.of_type(event);
        }
        if let Some(Why(reason)) = self.reason {
            letters = letters.with_reason(reason);
        }
        if let Some(organization) = &self.organization {
            letters = letters.of_organization(organization);
        }
        if let Some(Moment(since)) = self.since {
            letters = letters.since(since);
        }
        if let Some(Moment(before)) = self.before {
            letters = letters.before(before);
        }
        Ok(letters)
    }
}

/// Which dead letters something is done to: nothing is done to all of them by mistake.
#[derive(Debug, Args)]
pub(super) struct Chosen {
    /// Their sequences, as `tidings dlq list` shows them.
    sequences: Vec<u64>,

    #[command(flatten)]
    selection: Selection,

    /// All that there are.
    #[arg(long, conflicts_with = "sequences")]
    all: bool,
}

impl Chosen {
    pub(super) fn check(&self, known: &Known) -> Result<(), Failure> {
        if self.sequences.is_empty() && self.selection.is_empty() && !self.all {
            return Err(Failure::new("nothing says which dead letters are meant")
                .help("name their sequences, as `tidings dlq list` shows them")
                .help("or filter them by `--subscription`, `--event`, `--reason`, `--organization`, `--since`, `--before`")
                .help("or say `--all`"));
        }
        self.selection.check(known)
    }

    /// Those that are there now; a sequence that is gone is a mistake.
    pub(super) async fn find(
        &self,
        bus: &Tidings,
        known: &Known,
        limit: Option<u64>,
    ) -> Result<Vec<DeadLetter>, Failure> {
        let mut letters = self.selection.letters(bus, known)?;
        if !self.sequences.is_empty() {
            letters = letters.among(self.sequences.iter().copied());
        }
        let mut found = Vec::new();
        while limit.is_none_or(|limit| (found.len() as u64) < limit) {
            match letters.next().await.map_err(|error| because(&error))? {
                Some(letter) => found.push(letter),
                None => break,
            }
        }
        let is_found = |sequence: &&u64| found.iter().any(|letter| letter.sequence == **sequence);
        let gone = self.sequences.iter().find(|sequence| !is_found(sequence));
        match gone.filter(|_| limit.is_none()) {
            Some(sequence) => Err(gone_already(*sequence)),
            None => Ok(found),
        }
    }
}

pub(super) fn gone_already(sequence: u64) -> Failure {
    Failure::new(format!("there is no dead letter {sequence}"))
        .help("it was replayed or removed, is too old, or the filters leave it out")
        .help("`tidings dlq list` shows those that there are")
}
