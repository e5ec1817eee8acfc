//! Types of golden catalogs as serde's derives read and write them.

pub(super) mod schemas;
pub(super) mod shapes;
pub(super) mod unions;
