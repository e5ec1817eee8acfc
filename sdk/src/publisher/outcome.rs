use std::fmt;

/// What became of an event that was published.
///
/// ```
/// use tidings::Outcome;
///
/// assert_eq!(Outcome::Stored.as_str(), "stored"); // as in the label `status` of `events_published_total`
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// It is in the stream.
    Stored,
    /// It had been in the stream already, under the same id.
    Duplicate,
    /// It is not in the stream: the last event on its subject is another than expected.
    Conflict,
    /// It is not in the stream: it cannot be sent, was refused, or the broker could not be reached.
    Rejected,
    /// It may be in the stream: no answer came.
    Unknown,
}

impl Outcome {
    #[cfg(feature = "metrics")]
    pub(crate) const ALL: [Self; 5] =
        [Self::Stored, Self::Duplicate, Self::Conflict, Self::Rejected, Self::Unknown];

    /// One word in lower case, for logs and metrics.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Stored => "stored",
            Self::Duplicate => "duplicate",
            Self::Conflict => "conflict",
            Self::Rejected => "rejected",
            Self::Unknown => "unknown",
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
