//! What is kept beside events: keys and values, objects; and files, as far as there are any.

pub(crate) mod bucket;
pub(crate) mod file;
pub mod kv;
pub mod objects;
