//! Which dead letters are meant.

use serde::Deserialize;

use super::Shared;
use super::problem::Problem;
use crate::{DeadLetters, Reason, Timestamp};

/// The filters that listing, replaying and removing have in common.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Selection {
    pub(super) service: Option<String>,
    pub(super) subscription: Option<String>,
    pub(super) event_type: Option<String>,
    pub(super) reason: Option<String>,
    pub(super) since: Option<Timestamp>,
    pub(super) before: Option<Timestamp>,
    /// Of a list: how many, and from where on.
    pub(super) limit: Option<u64>,
    pub(super) cursor: Option<u64>,
    /// Of a removal: that all are meant, where nothing chooses.
    pub(super) all: Option<bool>,
    /// Of a replay.
    pub(super) per_second: Option<u32>,
    pub(super) dry_run: Option<bool>,
}

/// Fields that only some requests know.
pub(super) const OF_LIST: &[&str] = &["limit", "cursor"];
pub(super) const OF_REPLAY: &[&str] = &["limit", "per_second", "dry_run"];
pub(super) const OF_REMOVAL: &[&str] = &["all"];

impl Selection {
    /// Refuses what the request does not know: a filter that is passed over would choose more than was meant.
    pub(super) fn only(&self, known: &[&str]) -> Result<(), Problem> {
        let given = [
            ("limit", self.limit.is_some()),
            ("cursor", self.cursor.is_some()),
            ("all", self.all.is_some()),
            ("per_second", self.per_second.is_some()),
            ("dry_run", self.dry_run.is_some()),
        ];
        match given.into_iter().find(|(name, given)| *given && !known.contains(name)) {
            Some((name, _)) => Err(Problem::unmeant(format!("`{name}` says nothing here"))),
            None => Ok(()),
        }
    }

    /// Whether anything chooses among the dead letters.
    pub(super) fn chooses(&self) -> bool {
        [&self.service, &self.subscription, &self.event_type, &self.reason]
            .into_iter()
            .any(Option::is_some)
            || self.since.is_some()
            || self.before.is_some()
    }

    /// The dead letters that it chooses.
    pub(super) fn of(&self, shared: &Shared) -> Result<DeadLetters, Problem> {
        let mut letters = shared.letters();
        let subscriptions = shared.catalog.subscriptions;
        match (self.service.as_deref(), self.subscription.as_deref()) {
            (None, None) => {}
            (None, Some(_)) => {
                let words = "`subscription` needs `service`: their names are those of the catalog";
                return Err(Problem::unmeant(words));
            }
            (Some(service), None) => {
                if !subscriptions.iter().any(|spec| spec.service == service) {
                    let words = format!("the catalog has no service `{service}` that subscribes");
                    return Err(Problem::unmeant(words));
                }
                letters = letters.of_service(service);
            }
            (Some(service), Some(name)) => {
                let found =
                    subscriptions.iter().find(|spec| spec.service == service && spec.name == name);
                let Some(spec) = found else {
                    let words = format!("the service `{service}` has no subscription `{name}`");
                    return Err(Problem::unmeant(words));
                };
                letters = letters.of(spec);
            }
        }
        if let Some(event_type) = &self.event_type {
            letters = letters.of_type(event_type);
        }
        if let Some(word) = &self.reason {
            let Some(reason) = Reason::parse(word) else {
                let words = Reason::words().collect::<Vec<_>>().join(", ");
                return Err(Problem::unmeant(format!("no reason is called `{word}`: {words}")));
            };
            letters = letters.with_reason(reason);
        }
        if let Some(since) = self.since {
            letters = letters.since(since);
        }
        if let Some(before) = self.before {
            letters = letters.before(before);
        }
        Ok(letters)
    }
}
