//! Real databases for tests: each starts its own, on a socket in a folder of its own, and it ends with the test.
//!
//! `cargo xtask tools` installs the programs.

mod postgres;
mod redis;
mod server;
mod wire;

pub use postgres::Postgres;
pub use redis::Redis;
pub use wire::Wire;
