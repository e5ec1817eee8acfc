mod appending;
pub(crate) mod card;
mod loading;
pub(crate) mod locker;
mod sealed;
mod snapshots;
pub(crate) mod writers;
