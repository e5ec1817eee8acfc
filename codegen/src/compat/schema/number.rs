use serde_json::{Number, Value};

use super::bounds::{Bound, Side, of_value, order};
use super::view::View;
use super::walk::Walk;
use crate::compat::rules;

impl Walk<'_> {
    /// Compares what is said about numbers.
    pub(super) fn numbers(
        &mut self,
        before: &View<'_>,
        after: &View<'_>,
        is_whole: bool,
        at: &str,
    ) {
        for (side, keyword) in [(Side::Lower, "minimum"), (Side::Upper, "maximum")] {
            let [old, new] = [before, after].map(|view| {
                let bound = of_value(view, side);
                if is_whole { bound.map(|bound| inclusive(bound, side)) } else { bound }
            });
            if side == Side::Lower
                && is_whole
                && is_unsigned(old.as_ref())
                && !is_unsigned(new.as_ref())
            {
                let text = "negative numbers are allowed, which `u64` cannot hold";
                self.breaks(&rules::negative_allowed::RULE, at, text);
            } else {
                self.bound(old, new, keyword, side, at);
            }
        }
        let [old, new] = [before, after].map(|view| {
            view.keyword("multipleOf").filter_map(Value::as_number).cloned().collect::<Vec<_>>()
        });
        let is_kept = |by: &Number, others: &[Number]| others.iter().any(|one| divides(by, one));
        if let Some(lost) = old.iter().find(|step| !is_kept(step, &new)) {
            let text = format!("values need not be multiples of {lost} any more");
            self.breaks(&rules::bound_loosened::RULE, at, text);
        }
        if let Some(gained) = new.iter().find(|step| !is_kept(step, &old)) {
            self.breaks(
                &rules::bound_tightened::RULE,
                at,
                format!("values are multiples of {gained}"),
            );
        }
    }
}

/// Whether the type of the values in Rust is `u64`.
fn is_unsigned(lower: Option<&Bound>) -> bool {
    lower.is_some_and(|bound| order(&bound.number, &Number::from(0)).is_ge())
}

/// The same bound of whole numbers without its own number being left out.
fn inclusive(bound: Bound, side: Side) -> Bound {
    let Some(number) = bound.number.as_i64().filter(|_| bound.is_exclusive) else { return bound };
    let inside = match side {
        Side::Lower => number.saturating_add(1),
        Side::Upper => number.saturating_sub(1),
    };
    Bound { number: Number::from(inside), is_exclusive: false }
}

/// Whether every multiple of `by` is one of `step`… which is so where `step` divides `by`.
fn divides(step: &Number, by: &Number) -> bool {
    match (step.as_i128(), by.as_i128()) {
        (Some(step), Some(by)) => step != 0 && by % step == 0,
        _ => {
            let (Some(step), Some(by)) = (step.as_f64(), by.as_f64()) else { return false };
            let times = by / step;
            (times - times.round()).abs() < 1e-9
        }
    }
}
