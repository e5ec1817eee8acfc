use serde::Serialize;

use crate::BreakerState;

/// Whether a process can do its work, and what is wrong where it cannot. As JSON, the body of `/readyz`.
///
/// ```
/// use tidings::health::HealthStatus;
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let bus = tidings::Tidings::embedded();
/// # bus.ensure(&event_catalog::CATALOG).await?;
/// let report = bus.health(&event_catalog::CATALOG).check().await;
/// let status = if report.is_ok() { 200 } else { 503 };
/// println!("{status} {}", serde_json::to_string(&report)?);
/// if report.broker.status == HealthStatus::Failing {
///     println!("{:?}", report.problems().collect::<Vec<_>>());
/// }
/// # assert_eq!(status, 200);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct HealthReport {
    /// Whether all of it is well.
    pub status: HealthStatus,
    /// Whether the broker answers.
    pub broker: Check,
    /// Whether streams and consumers are as the catalog says.
    pub topology: Check,
    /// Whether events may be published: the breaker around publishing is closed.
    pub publishing: Check,
    /// Each subscription that runs here, or has.
    pub subscriptions: Vec<SubscriptionHealth>,
}

/// How something fares.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum HealthStatus {
    /// As it should.
    Ok,
    /// It could not be found out, which is nothing against it: the broker does not allow to ask, or does not answer.
    Unknown,
    /// Not as it should.
    Failing,
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Check {
    /// How it fares.
    pub status: HealthStatus,
    /// What is wrong with it, for people.
    pub problems: Vec<String>,
}

/// How a subscription fares.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct SubscriptionHealth {
    /// The service: `billing`.
    pub service: &'static str,
    /// Its name within the service: `invoicing`.
    pub subscription: &'static str,
    /// How it fares.
    pub status: HealthStatus,
    /// What is wrong with it, for people.
    pub problems: Vec<String>,
    /// Events that it was not handed yet, where that is known.
    pub lag: Option<u64>,
    /// Events that it was handed and has not settled, where that is known.
    pub in_flight: Option<u64>,
    /// Whether it has paused because everything fails; none where the catalog has switched its breaker off, or it has ended.
    pub breaker: Option<&'static str>,
}

impl HealthReport {
    /// Whether all of it is well, as far as could be found out.
    pub fn is_ok(&self) -> bool {
        self.status == HealthStatus::Ok
    }

    /// Everything that is wrong, a line each.
    pub fn problems(&self) -> impl Iterator<Item = &str> {
        let own = [&self.broker, &self.topology, &self.publishing];
        let own = own.into_iter().flat_map(|check| &check.problems);
        own.chain(self.subscriptions.iter().flat_map(|one| &one.problems)).map(String::as_str)
    }
}

impl Check {
    pub(super) const fn ok() -> Self {
        Self { status: HealthStatus::Ok, problems: Vec::new() }
    }

    pub(super) fn failing(problem: impl Into<String>) -> Self {
        Self { status: HealthStatus::Failing, problems: vec![problem.into()] }
    }

    pub(super) fn unknown(why: impl Into<String>) -> Self {
        Self { status: HealthStatus::Unknown, problems: vec![why.into()] }
    }
}

impl SubscriptionHealth {
    pub(super) fn failing(mut self, problem: String) -> Self {
        self.status = HealthStatus::Failing;
        self.problems.push(problem);
        self
    }
}

/// A breaker's state in a word.
pub(crate) fn word(state: BreakerState) -> &'static str {
    match state {
        BreakerState::Closed { .. } => "closed",
        BreakerState::HalfOpen => "half_open",
        BreakerState::Open { .. } => "open",
    }
}
