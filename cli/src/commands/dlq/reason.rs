//! Reasons as options, and what to do about each.

use clap::ValueEnum;
use clap::builder::PossibleValue;
use tidings::Reason;

/// A reason that can be written behind `--reason`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Why(pub(super) Reason);

impl ValueEnum for Why {
    fn value_variants<'a>() -> &'a [Self] {
        static ALL: std::sync::OnceLock<Vec<Why>> = std::sync::OnceLock::new();
        ALL.get_or_init(|| Reason::ALL.iter().copied().map(Why).collect())
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.0.as_str()))
    }
}

/// What the reason means, and what to do.
pub(super) fn advice(reason: Option<Reason>) -> &'static str {
    match reason {
        Some(Reason::Failed) => {
            "its handler failed in every attempt: mend what the error names, then replay it"
        }
        Some(Reason::Rejected) => {
            "its handler refused it: correct what it refuses or the handler, then replay it; or purge it"
        }
        Some(Reason::Panicked) => "its handler panicked: mend it and deploy, then replay it",
        Some(Reason::TimedOut) => {
            "its handler took longer than its `handler_timeout`: mend what it waits for, then replay it"
        }
        Some(Reason::Abandoned) => {
            "it ended or blocked the processes that had it: look into their logs, deploy, then replay it"
        }
        Some(Reason::Undecodable) => {
            "it is no event that the catalog knows: mend its publisher; it can be handled once a handler can read it"
        }
        Some(Reason::Invalid) => {
            "its payload breaks its schema: mend its publisher; to have it handled all the same, lift the constraint"
        }
        Some(Reason::UnknownEvent | Reason::OtherVersion) => {
            "no handler takes it as it is: deploy a build of the service that does, then replay it"
        }
        Some(Reason::OtherOrganization) => {
            "its subject and its envelope tell different organizations: mend its publisher; purge it once its data is right"
        }
        Some(Reason::PayloadUnavailable) => {
            "its payload lies in the Object Store and could not be had: see that it is there, then replay it"
        }
        Some(Reason::UpcastFailed) => {
            "it could not be brought to the version of its handler: mend the upcast and deploy, then replay it"
        }
        Some(Reason::Terminated | Reason::MaxDeliveries) => {
            "the server gave it up, and no handler has said why: look for who ended it, then replay it"
        }
        _ => "the reason is not known to this version of `tidings`",
    }
}
