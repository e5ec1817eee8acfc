//! The Rust of each page, in its context: see the build script.
#![allow(
    unused,
    non_local_definitions,
    clippy::items_after_statements,
    clippy::needless_pass_by_value,
    reason = "pages show what is there to be used, beside what is done with it"
)]

include!(concat!(env!("OUT_DIR"), "/contexts.rs"));

type Outcome<T = ()> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// A broker inside of the test, with what the catalog of the pages asks for.
async fn bus() -> tidings::Tidings {
    let bus = tidings::Tidings::embedded();
    bus.ensure(&crate::shop::CATALOG).await.expect("the catalog fits");
    bus
}

/// The same with that of the samples, and the keys that it takes.
async fn samples() -> tidings::Tidings {
    let bus = tidings::Tidings::embedded();
    bus.ensure(&event_catalog::CATALOG).await.expect("the catalog fits");
    bus.set_keys(tidings::encryption::MemoryKeys::new());
    bus
}
