//! What readers ask of a catalog, answered once: for the page in Markdown, and for the site.
//!
//! Answers are rows and sentences. Their texts are Markdown of one line, in which links lead to parts of the catalog by
//! anchors that never change: `#event-orders-order-created`.

pub(super) mod changes;
pub(super) mod conversion;
pub(super) mod core;
pub(super) mod failure;
pub(super) mod fields;
pub(super) mod flows;
#[cfg(feature = "site")]
pub(super) mod impact;
mod json;
pub(super) mod people;
pub(super) mod personal;
pub(super) mod snippets;
pub(super) mod wire;
