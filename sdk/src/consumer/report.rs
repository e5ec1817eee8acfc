use std::ops::AddAssign;
use std::process::{ExitCode, Termination};

use crate::operations::metrics::Status;

/// What a run came to.
///
/// ```no_run
/// # async fn example(bus: tidings::Tidings, subscriber: tidings::Subscriber) -> Result<(), Box<dyn std::error::Error>> {
/// let report = bus.run(subscriber).await?;
/// println!("{} handled, {} failed and tried again, {} buried", report.handled, report.retried, report.dead_lettered);
/// if !report.is_clean() {
///     eprintln!("{} may come again, as nobody has confirmed them", report.unconfirmed);
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Report {
    /// Deliveries that were handled and acknowledged.
    pub handled: u64,
    /// Copies of an event in versions that the subscription does not take, let go because it takes the same fact in another.
    pub skipped: u64,
    /// Deliveries of events that had been handled before, as the [`Inbox`](crate::Inbox) knew: acknowledged without a call.
    pub repeated: u64,
    /// Attempts that failed and were followed, or will be, by another one.
    pub retried: u64,
    /// Deliveries that went to the dead letters.
    pub dead_lettered: u64,
    /// Deliveries that were given back at the end, to be handled by another instance or later. Each has spent one of the
    /// event's [attempts](crate::Context::attempt).
    pub handed_back: u64,
    /// Deliveries whose settlement the broker did not confirm: it delivers them again.
    pub unconfirmed: u64,
}

/// What became of one delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    Handled,
    Skipped,
    Repeated,
    Retried,
    DeadLettered,
    HandedBack,
    Unconfirmed,
}

impl Outcome {
    /// What is counted of it; nothing of what comes again without anything having become of it.
    pub(super) fn status(self) -> Option<Status> {
        match self {
            Self::Handled => Some(Status::Handled),
            Self::Skipped => Some(Status::Skipped),
            Self::Repeated => Some(Status::Duplicate),
            Self::Retried => Some(Status::Retried),
            Self::DeadLettered => Some(Status::DeadLettered),
            Self::HandedBack | Self::Unconfirmed => None,
        }
    }

    /// Whether the event does not come again.
    pub(super) fn is_final(self) -> bool {
        match self {
            Self::Handled | Self::Skipped | Self::Repeated | Self::DeadLettered => true,
            Self::Retried | Self::HandedBack | Self::Unconfirmed => false,
        }
    }

    /// A word for traces.
    pub(super) fn as_str(self) -> &'static str {
        match (self.status(), self) {
            (Some(status), _) => status.as_str(),
            (None, Self::HandedBack) => "handed_back",
            (None, _) => "unconfirmed",
        }
    }

    /// What the broker is told.
    pub(super) fn operation(self) -> &'static str {
        match self {
            Self::Handled | Self::Skipped | Self::Repeated => "ack",
            Self::Retried | Self::HandedBack => "nak",
            Self::DeadLettered | Self::Unconfirmed => "term",
        }
    }
}

impl Report {
    /// Whether the run ended with every delivery settled.
    pub fn is_clean(&self) -> bool {
        self.unconfirmed == 0
    }

    pub(super) fn count(&mut self, outcome: Outcome) {
        let counter = match outcome {
            Outcome::Handled => &mut self.handled,
            Outcome::Skipped => &mut self.skipped,
            Outcome::Repeated => &mut self.repeated,
            Outcome::Retried => &mut self.retried,
            Outcome::DeadLettered => &mut self.dead_lettered,
            Outcome::HandedBack => &mut self.handed_back,
            Outcome::Unconfirmed => &mut self.unconfirmed,
        };
        *counter += 1;
    }
}

/// What several runs have done together.
impl AddAssign for Report {
    fn add_assign(&mut self, other: Self) {
        self.handled += other.handled;
        self.skipped += other.skipped;
        self.repeated += other.repeated;
        self.retried += other.retried;
        self.dead_lettered += other.dead_lettered;
        self.handed_back += other.handed_back;
        self.unconfirmed += other.unconfirmed;
    }
}

/// Success where the run was clean; else a failure, with the figures on stderr.
impl Termination for Report {
    fn report(self) -> ExitCode {
        if self.is_clean() {
            return ExitCode::SUCCESS;
        }
        eprintln!("error: not every delivery was settled: {self:?}");
        ExitCode::FAILURE
    }
}
