use serde_json::Value;

use super::bounds::Side;
use super::view::View;
use super::walk::Walk;
use crate::compat::rules;

impl<'a> Walk<'a> {
    /// Compares what is said about lists.
    pub(super) fn arrays(&mut self, before: &View<'a>, after: &View<'a>, at: &str) {
        self.limit(before, after, "minItems", Side::Lower, at);
        self.limit(before, after, "maxItems", Side::Upper, at);
        self.limit(before, after, "minContains", Side::Lower, at);
        self.limit(before, after, "maxContains", Side::Upper, at);
        let unique =
            |view: &View<'a>| view.keyword("uniqueItems").any(|flag| flag == &Value::Bool(true));
        match (unique(before), unique(after)) {
            (false, true) => {
                self.breaks(&rules::unique_required::RULE, at, "items must differ from each other");
            }
            (true, false) => {
                self.breaks(&rules::unique_lifted::RULE, at, "items may be the same");
            }
            _ => {}
        }
        let places = before.places().max(after.places());
        for place in 0..places {
            let at = format!("{at}/prefixItems/{place}");
            self.schema(&before.item(place), &after.item(place), &at);
        }
        let (old, new) = (before.item(places), after.item(places));
        // The end of a tuple, which the places of the other side have told about already.
        if !(old.is_never() && new.is_any() || old.is_any() && new.is_never()) || places == 0 {
            self.schema(&old, &new, &format!("{at}/items"));
        } else if new.is_never() {
            self.breaks(&rules::bound_tightened::RULE, at, format!("no more than {places} items"));
        } else {
            self.breaks(
                &rules::bound_loosened::RULE,
                at,
                format!("more than {places} items are allowed"),
            );
        }
    }
}
