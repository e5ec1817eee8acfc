/// What a relay came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct RelayReport {
    /// Events that it knows to be in their streams.
    pub relayed: u64,
    /// Those of them that had been there before it came: sent by another relay, or before an answer was lost.
    pub known: u64,
    /// Events that the broker refused for good.
    pub dead: u64,
    /// Events that are left in the outbox; none where the database did not say.
    pub left: Option<u64>,
}
