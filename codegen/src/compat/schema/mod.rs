//! Compares JSON Schemas, of draft-07 or 2020-12, the catalog's subset or not.
//!
//! Two schemas are compared as sets of values in both directions, except where practice is wiser than set theory:
//!
//! * Readers are open, and nobody has published a property before it was declared. So an optional property that is
//!   added hurts nobody, although values with anything else under that name were valid before.
//! * A `oneOf` is read as an `anyOf`: alternatives are told apart by their authors.
//! * Where a keyword cannot be compared (`if`, `contains`), any change of it counts as a change in both directions.

mod array;
mod bounds;
mod condition;
mod number;
mod object;
mod text;
mod types;
mod union;
mod values;
mod view;
mod walk;

use serde_json::Value;

use super::rule::{Hurts, Rule};
use view::View;
use walk::Walk;

/// A difference of two schemas.
#[derive(Clone, Debug)]
pub(super) struct Difference {
    pub(super) rule: Option<&'static Rule>,
    pub(super) hurts: Hurts,
    /// Leads through the schemas; references and `allOf` are looked through.
    pub(super) at: String,
    pub(super) text: String,
}

/// The differences of two schemas, by place.
pub(super) fn compare(before: &Value, after: &Value) -> Vec<Difference> {
    if before == after {
        return Vec::new();
    }
    let mut walk = Walk::default();
    walk.run(&View::document(before), &View::document(after));
    walk.found.sort_by(|a, b| a.at.cmp(&b.at));
    walk.found
}
