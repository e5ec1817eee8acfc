//! What buckets of keys and values and buckets of objects have in common: how they are named, and how one message is
//! written once, whatever happens to the answers.

mod name;
mod write;

pub(crate) use name::stream;
pub(crate) use write::{Judged, Unwritten, write};
