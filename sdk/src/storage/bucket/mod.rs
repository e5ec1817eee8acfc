//! What buckets of keys and values and buckets of objects have in common: how they are named, what they keep, and how one message is
//! written once, whatever happens to the answers.

mod limits;
mod name;
mod write;

pub(crate) use limits::{for_so_long, unlimited};
pub(crate) use name::stream;
pub(crate) use write::{Judged, Unwritten, write};
