//! `tools`: what tests run against and read, one file each: servers and other programs in `target/tools`, schemas in
//! `target/corpora`. Databases, promtool and the browser are the system's.

pub(crate) mod asyncapi;
mod corpora;
pub(crate) mod nats_server;
pub(crate) mod npm;
mod operations;
mod packages;

use std::path::PathBuf;

use crate::Outcome;
use crate::command::root;

/// Fetches what is missing; quick when nothing is.
pub(crate) fn fetch_all() -> Outcome {
    nats_server::fetch()?;
    packages::fetch()?;
    asyncapi::fetch()?;
    operations::fetch()?;
    corpora::fetch()
}

fn folder() -> PathBuf {
    root().join("target/tools")
}
