//! Limits that are one number.

use serde_json::{Number, Value};

use super::view::View;
use super::walk::Walk;
use crate::compat::rules;

/// Whether a bound keeps values from being smaller or greater.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    Lower,
    Upper,
}

/// A limit.
#[derive(Clone, Debug)]
pub(super) struct Bound {
    pub(super) number: Number,
    /// Whether the number itself is not allowed.
    pub(super) is_exclusive: bool,
}

impl Bound {
    fn new(number: &Number, is_exclusive: bool) -> Self {
        Self { number: number.clone(), is_exclusive }
    }

    /// The tighter of two.
    fn tighter(self, other: Self, side: Side) -> Self {
        if self.is_tighter_than(&other, side) { self } else { other }
    }

    pub(super) fn is_tighter_than(&self, other: &Self, side: Side) -> bool {
        let order = order(&self.number, &other.number);
        let beyond = match side {
            Side::Lower => order.is_gt(),
            Side::Upper => order.is_lt(),
        };
        beyond || (order.is_eq() && self.is_exclusive && !other.is_exclusive)
    }

    /// Whether a number keeps to it.
    pub(super) fn allows(&self, number: &Number, side: Side) -> bool {
        let order = order(number, &self.number);
        let within = match side {
            Side::Lower => order.is_gt(),
            Side::Upper => order.is_lt(),
        };
        within || (order.is_eq() && !self.is_exclusive)
    }
}

impl std::fmt::Display for Bound {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let exclusive = if self.is_exclusive { " (exclusive)" } else { "" };
        match self.number.as_f64() {
            // Serde writes a whole `f64` with a point, which nobody does in a catalog.
            Some(number) if number.fract() == 0.0 && self.number.is_f64() => {
                write!(f, "{number}{exclusive}")
            }
            _ => write!(f, "{}{exclusive}", self.number),
        }
    }
}

/// Compares numbers exactly where both are whole.
pub(super) fn order(a: &Number, b: &Number) -> std::cmp::Ordering {
    match (a.as_i128(), b.as_i128()) {
        (Some(a), Some(b)) => a.cmp(&b),
        _ => a.as_f64().unwrap_or(f64::NAN).total_cmp(&b.as_f64().unwrap_or(f64::NAN)),
    }
}

/// The limit that a keyword gives.
pub(super) fn plain(view: &View<'_>, keyword: &str, side: Side) -> Option<Bound> {
    let numbers = view.keyword(keyword).filter_map(Value::as_number);
    numbers.map(|number| Bound::new(number, false)).reduce(|a, b| a.tighter(b, side))
}

/// The limit of a number's value; draft-04's boolean `exclusiveMinimum` too.
pub(super) fn of_value(view: &View<'_>, side: Side) -> Option<Bound> {
    let (inclusive, exclusive) = match side {
        Side::Lower => ("minimum", "exclusiveMinimum"),
        Side::Upper => ("maximum", "exclusiveMaximum"),
    };
    let is_flagged = view.keyword(exclusive).any(|flag| flag == &Value::Bool(true));
    let given = view.keyword(exclusive).filter_map(Value::as_number);
    let mut bounds: Vec<Bound> = given.map(|number| Bound::new(number, true)).collect();
    bounds.extend(
        plain(view, inclusive, side).map(|bound| Bound { is_exclusive: is_flagged, ..bound }),
    );
    bounds.into_iter().reduce(|a, b| a.tighter(b, side))
}

impl Walk<'_> {
    /// Compares the limits that a keyword gives.
    pub(super) fn limit(
        &mut self,
        before: &View<'_>,
        after: &View<'_>,
        keyword: &str,
        side: Side,
        at: &str,
    ) {
        let (old, new) = (plain(before, keyword, side), plain(after, keyword, side));
        // Nothing is shorter than nothing.
        let real = |bound: &Bound| side == Side::Upper || bound.number.as_i128() != Some(0);
        self.bound(old.filter(real), new.filter(real), keyword, side, at);
    }

    pub(super) fn bound(
        &mut self,
        old: Option<Bound>,
        new: Option<Bound>,
        keyword: &str,
        side: Side,
        at: &str,
    ) {
        match (old, new) {
            (None, Some(new)) => {
                let text = format!("`{keyword}: {new}` is new");
                self.breaks(&rules::bound_tightened::RULE, at, text);
            }
            (Some(old), None) => {
                let text = format!("`{keyword}: {old}` is gone");
                self.breaks(&rules::bound_loosened::RULE, at, text);
            }
            (Some(old), Some(new)) => {
                let text = format!("`{keyword}` was {old} and is {new}");
                if new.is_tighter_than(&old, side) {
                    self.breaks(&rules::bound_tightened::RULE, at, text);
                } else if old.is_tighter_than(&new, side) {
                    self.breaks(&rules::bound_loosened::RULE, at, text);
                }
            }
            (None, None) => {}
        }
    }
}
