//! What an operator is told of: one alert a file, with the rules that raise it and its entry in the runbook.

mod breaker;
mod dead_letters;
mod forgotten;
mod lagging;
mod outbox_refused;
mod outbox_stuck;
mod publisher_breaker;
mod publishes;
mod slow;
mod stalled;
mod unreported;

pub(super) use breaker::ALERT as BREAKER;
pub(super) use dead_letters::ALERT as DEAD_LETTERS;
pub(super) use forgotten::ALERT as FORGOTTEN;
pub(super) use lagging::ALERT as LAGGING;
pub(super) use outbox_refused::ALERT as OUTBOX_REFUSED;
pub(super) use outbox_stuck::ALERT as OUTBOX_STUCK;
pub(super) use publisher_breaker::ALERT as PUBLISHER_BREAKER;
pub(super) use publishes::ALERT as PUBLISHES;
pub(super) use slow::ALERT as SLOW;
pub(super) use stalled::ALERT as STALLED;
pub(super) use unreported::ALERT as UNREPORTED;

use crate::model::{Catalog, Service};

/// Every alert, in the order of the runbook.
pub(super) const ALERTS: [&Alert; 11] = [
    LAGGING,
    STALLED,
    UNREPORTED,
    SLOW,
    BREAKER,
    DEAD_LETTERS,
    FORGOTTEN,
    PUBLISHES,
    PUBLISHER_BREAKER,
    OUTBOX_STUCK,
    OUTBOX_REFUSED,
];

/// An alert, for people and for Prometheus.
#[derive(Debug)]
pub(super) struct Alert {
    /// What Prometheus calls it.
    pub(super) name: &'static str,
    pub(super) severity: Severity,
    /// It is raised once its expression was true for so long; at once where nothing is said.
    pub(super) lasting: Option<&'static str>,
    /// What it means, in Markdown, as what follows.
    pub(super) meaning: &'static str,
    /// How to see what is behind it.
    pub(super) look: &'static str,
    /// What to do about it.
    pub(super) act: &'static str,
    pub(super) raised: Raised,
}

/// The rules that raise an alert.
#[derive(Debug)]
pub(super) enum Raised {
    /// For a service of the catalog.
    ByService(fn(&Catalog, &Service) -> Vec<Rule>),
    /// For any process that Prometheus knows: its figures do not say which service it is.
    ByProcess(fn() -> Rule),
}

/// How soon somebody has to look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Severity {
    /// Within the day.
    Warning,
    /// Now: work does not get done.
    Critical,
}

impl Severity {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Warning => "warning",
            Self::Critical => "critical",
        }
    }
}

/// When an alert is raised, and what is said then.
#[derive(Debug)]
pub(super) struct Rule {
    /// The subscription that it is about; none where it looks at all of the service's.
    pub(super) subscription: Option<String>,
    /// In PromQL: what it gives is what the alert is about.
    pub(super) expression: String,
    /// One line, in which Prometheus fills in `{{ $labels… }}` and `{{ $value }}`.
    pub(super) summary: String,
}

impl Alert {
    /// Of its entry in the runbook: `subscription-lagging`.
    pub(super) fn anchor(&self) -> String {
        crate::naming::snake(self.name).replace('_', "-")
    }
}

/// The subscription that a rule of a whole service found.
const SUBSCRIPTION: &str = "{{ $labels.service }}/{{ $labels.subscription }}";

/// The process that a rule found.
const PROCESS: &str = "{{ $labels.job }} at {{ $labels.instance }}";

/// The labels by which Prometheus tells processes apart.
pub(super) const OF_PROCESS: &str = "job, instance";

/// The service that a rule found.
const SERVICE: &str = "{{ $labels.service }}";

fn consumes(service: &Service) -> bool {
    !service.subscriptions.is_empty()
}

fn publishes(service: &Service) -> bool {
    !service.publishes.is_empty()
}
