//! Real servers for tests of this workspace, of the examples as well: each is of one test, and ends with it.

pub mod database;
mod permitted;

pub use permitted::Permitted;
