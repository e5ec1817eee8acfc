//! The values that labels take: closed sets, so that the number of series is known beforehand.

/// What became of a delivery, or of an attempt that is followed by another one in its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    Handled,
    Retried,
    DeadLettered,
    Skipped,
    Duplicate,
}

/// How an attempt failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Failing {
    Failed,
    Rejected,
    Panicked,
    TimedOut,
    Undecodable,
}

impl Status {
    #[cfg(feature = "metrics")]
    pub(super) const ALL: [Self; 5] =
        [Self::Handled, Self::Retried, Self::DeadLettered, Self::Skipped, Self::Duplicate];

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Handled => "handled",
            Self::Retried => "retried",
            Self::DeadLettered => "dead_lettered",
            Self::Skipped => "skipped",
            Self::Duplicate => "duplicate",
        }
    }
}

impl Failing {
    #[cfg(feature = "metrics")]
    pub(super) const ALL: [Self; 5] =
        [Self::Failed, Self::Rejected, Self::Panicked, Self::TimedOut, Self::Undecodable];

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Failed => "failed",
            Self::Rejected => "rejected",
            Self::Panicked => "panicked",
            Self::TimedOut => "timed_out",
            Self::Undecodable => "undecodable",
        }
    }
}
