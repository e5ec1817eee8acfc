//! `tools`: what tests run against, one file each, fetched into `target/tools`.

pub(crate) mod asyncapi;
pub(crate) mod nats_server;

use std::path::PathBuf;

use crate::Outcome;
use crate::command::root;

/// Fetches what is missing; quick when nothing is.
pub(crate) fn fetch_all() -> Outcome {
    nats_server::fetch()?;
    asyncapi::fetch()
}

fn folder() -> PathBuf {
    root().join("target/tools")
}
