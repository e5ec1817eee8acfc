//! What the broker keeps beside events: keys and values, objects.

pub(crate) mod bucket;
pub mod kv;
pub mod objects;
