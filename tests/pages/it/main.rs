//! What README and the pages of `docs/` show is true: their Rust is compiled and most of it run, their catalogs are compiled, their
//! commands are run or held to what they name. A block that nothing here covers fails `coverage`.

mod catalogs;
mod commands;
mod contexts;
mod coverage;
mod defaults;
mod links;
#[path = "../markdown.rs"]
mod markdown;
mod reference;
mod texts;

/// The catalog that the pages are about, where they are not about that of the samples.
pub mod shop {
    include!(concat!(env!("OUT_DIR"), "/event_catalog.rs"));
}
