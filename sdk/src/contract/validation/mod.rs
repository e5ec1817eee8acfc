//! What the catalog demands of a payload beyond its type: bounds, lengths, patterns, formats, unique items.
//!
//! Generated code walks the parts of a payload that have constraints, from [`At`] to `At`; the checks are here. A payload
//! that keeps them costs no allocation: pointers and words are made for what breaks them.

mod at;
mod items;
mod map;
mod number;
mod pattern;
mod text;
mod unique;

use std::fmt;

pub use at::At;
pub use items::Items;
pub use map::{Entries, Properties};
pub use number::{Number, Numeric};
pub use pattern::Pattern;
pub use text::Text;

use crate::Event;
use at::Findings;

/// A generated type with constraints in it.
#[diagnostic::on_unimplemented(message = "`{Self}` has no constraints to check")]
pub trait Constrained {
    /// Reports what breaks a constraint, here and further down.
    fn check(&self, at: At<'_>);
}

impl<T: Constrained> Constrained for Box<T> {
    fn check(&self, at: At<'_>) {
        T::check(self, at);
    }
}

/// Checks a whole payload.
///
/// # Errors
/// It breaks constraints.
pub fn validate<E: Event + Constrained>(event: &E) -> Result<(), Invalid> {
    check(event, E::SPEC.event_type)
}

/// The same for all types, so that rustc compiles it once.
fn check(event: &dyn Constrained, event_type: &'static str) -> Result<(), Invalid> {
    let findings = Findings::default();
    event.check(At::root(&findings));
    findings.into_result(event_type)
}

/// A payload breaks constraints of the catalog.
///
/// ```
/// use event_catalog::types::Money;
/// use event_catalog::payments::PaymentProcessed;
/// use tidings::Event as _;
///
/// # let example = PaymentProcessed::SPEC.examples[0];
/// let mut payment: PaymentProcessed = serde_json::from_str(example)?;
/// payment.amount.currency = "euro".to_owned();
///
/// let invalid = payment.validate().unwrap_err();
/// assert_eq!(invalid.violations()[0].pointer, "/amount/currency");
/// assert_eq!(invalid.violations()[0].keyword, "pattern");
/// # Ok::<(), serde_json::Error>(())
/// ```
///
/// All of them, for whoever has sent it:
///
/// ```
/// use tidings::Invalid;
///
/// fn answer(invalid: &Invalid) -> String {
///     let mut text = format!("this is no {}:", invalid.event_type());
///     for violation in invalid.violations() {
///         text += &format!("\n{} must keep {} {}", violation.pointer, violation.keyword, violation.demand);
///     }
///     if invalid.has_more() {
///         text += "\nand more";
///     }
///     text
/// }
/// # let _ = answer;
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invalid {
    event_type: &'static str,
    violations: Vec<Violation>,
    more: bool,
}

impl Invalid {
    /// The most violations that are listed.
    pub const LISTED: usize = 16;

    /// Of an event whose payload the catalog's type does not even read.
    pub(crate) fn unread(event_type: &'static str) -> Self {
        let violation = Violation {
            pointer: String::new(),
            keyword: "type",
            demand: "what the catalog's type reads".to_owned(),
            found: "another payload".to_owned(),
        };
        Self { event_type, violations: vec![violation], more: false }
    }

    /// The event's type: `orders.order.created`.
    pub fn event_type(&self) -> &'static str {
        self.event_type
    }

    /// What breaks a constraint, in the order of the schema; never empty, and at most [`Invalid::LISTED`].
    pub fn violations(&self) -> &[Violation] {
        &self.violations
    }

    /// Whether there are more violations than are listed.
    pub fn has_more(&self) -> bool {
        self.more
    }
}

impl std::error::Error for Invalid {}

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` breaks its schema: ", self.event_type)?;
        for (place, violation) in self.violations.iter().enumerate() {
            let separator = if place == 0 { "" } else { "; " };
            write!(f, "{separator}{violation}")?;
        }
        if self.more { f.write_str("; and more") } else { Ok(()) }
    }
}

/// One value that breaks one constraint.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Violation {
    /// JSON pointer to the value: `/lines/0/quantity`, empty for the whole payload. A key that is personal data is `*`.
    pub pointer: String,
    /// The keyword of JSON Schema that it breaks: `minimum`.
    pub keyword: &'static str,
    /// What the keyword demands: `1`.
    pub demand: String,
    /// What was found instead: `0`, `3 characters`. A value that the catalog marks with `x-pii` is not told.
    pub found: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { pointer, keyword, demand, found } = self;
        match pointer.as_str() {
            "" => f.write_str("the payload")?,
            pointer => write!(f, "`{pointer}`")?,
        }
        write!(f, ": found {found}, where `{keyword}` is {demand}")
    }
}

/// What a check of one value finds, in words.
#[cfg(test)]
fn found(check: impl Fn(At<'_>)) -> Vec<String> {
    let findings = Findings::default();
    check(At::root(&findings));
    let invalid = findings.into_result("test");
    invalid
        .err()
        .into_iter()
        .flat_map(|invalid| invalid.violations)
        .map(|one| one.to_string())
        .collect()
}
