//! Schemas of any draft as the catalog writes them: spelled as in 2020-12, shared ones in files of their own.

mod lower;
mod payload;
mod types;

pub(super) use payload::Payload;
pub(super) use types::Types;
