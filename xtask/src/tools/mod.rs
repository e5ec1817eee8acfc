//! `tools`: what tests run against and read, one file each: servers and other programs in `target/tools`, schemas in
//! `target/corpora`. Databases are the system's.

pub(crate) mod asyncapi;
mod corpora;
mod databases;
pub(crate) mod nats_server;

use std::path::PathBuf;

use crate::Outcome;
use crate::command::root;

/// Fetches what is missing; quick when nothing is.
pub(crate) fn fetch_all() -> Outcome {
    nats_server::fetch()?;
    databases::fetch()?;
    asyncapi::fetch()?;
    corpora::fetch()
}

fn folder() -> PathBuf {
    root().join("target/tools")
}
