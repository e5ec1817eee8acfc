/// How far a run has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Phase {
    /// Fetching and handling.
    Running,
    /// Handling what was fetched.
    Finishing,
    /// Giving back what is not handled.
    Aborting,
}
