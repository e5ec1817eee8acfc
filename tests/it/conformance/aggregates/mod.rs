mod appending;
pub(crate) mod card;
mod loading;
mod snapshots;
pub(crate) mod writers;
