/// What a [`Replay`](crate::Replay) came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Replayed {
    /// Events that were handled or written.
    pub events: u64,
    /// Events that the handler does not take, or has handled before, as its [inbox](crate::Replay::inbox) knows.
    pub passed_over: u64,
    /// Events that failed and were [skipped](crate::Replay::skip_failures).
    pub failed: u64,
    /// How far it has come in the stream, or in the file, whose lines are counted from 1. What comes after it was not
    /// looked at.
    pub sequence: u64,
}

/// How far a [`Replay`](crate::Replay) has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReplayProgress {
    /// Its place in the stream, or the line of the file.
    pub sequence: u64,
    /// Where it will end, where that is fixed.
    pub end: Option<u64>,
    /// What was done so far.
    pub replayed: Replayed,
}
