//! `oneOf` and `anyOf`: which alternative became which.

use super::types::Types;
use super::view::View;
use super::walk::Walk;
use crate::compat::rules;

impl<'a> Walk<'a> {
    /// Compares alternatives, if one of the two schemas has any; returns whether that was so.
    pub(super) fn unions(&mut self, before: &View<'a>, after: &View<'a>, at: &str) -> bool {
        let (old, new) = (before.alternatives(), after.alternatives());
        if old.is_none() && new.is_none() {
            return false;
        }
        let keyword = new.as_ref().or(old.as_ref()).map_or("oneOf", |(keyword, _)| *keyword);
        let (old, new) =
            (spread(old.map(|(_, all)| all), before), spread(new.map(|(_, all)| all), after));
        let pairs = pair(&old, &new);
        let place = |index: Option<usize>| match index {
            Some(index) => format!("{at}/{keyword}/{index}"),
            None => at.to_owned(),
        };

        for (index, alternative) in old.iter().enumerate() {
            let is_paired = pairs.iter().any(|(paired, _)| *paired == index);
            if !is_paired
                && !new.iter().any(|other| !self.hurts(&alternative.view, &other.view).history)
            {
                if alternative.view.types() == Types::NULL {
                    self.breaks(&rules::null_forbidden::RULE, at, "`null` is not allowed any more");
                } else {
                    let text = format!("the alternative {} is gone", alternative.name());
                    self.breaks(&rules::alternative_removed::RULE, &place(alternative.index), text);
                }
            }
        }
        for (index, alternative) in new.iter().enumerate() {
            match pairs.iter().find(|(_, paired)| *paired == index) {
                Some((held, _)) => {
                    self.schema(&old[*held].view, &alternative.view, &place(alternative.index));
                }
                None if old
                    .iter()
                    .any(|other| !self.hurts(&other.view, &alternative.view).readers) => {}
                None if alternative.view.types() == Types::NULL => {
                    self.breaks(&rules::null_allowed::RULE, at, "`null` is allowed");
                }
                None => {
                    let text = format!("the alternative {} is new", alternative.name());
                    self.breaks(&rules::alternative_added::RULE, &place(alternative.index), text);
                }
            }
        }
        true
    }
}

/// An alternative and where it stands in its union; one of a schema without a union stands nowhere.
struct Alternative<'a> {
    index: Option<usize>,
    view: View<'a>,
    label: Option<String>,
}

impl Alternative<'_> {
    fn name(&self) -> String {
        self.label
            .as_ref()
            .map_or_else(|| self.view.types().to_string(), |label| format!("`{label}`"))
    }
}

/// The alternatives of a union, those without a union of their own; of a schema without one, its types.
fn spread<'a>(union: Option<Vec<View<'a>>>, view: &View<'a>) -> Vec<Alternative<'a>> {
    let alternative = |index: Option<usize>, view: View<'a>| {
        let label = view.label().filter(|_| index.is_some());
        Alternative { index, label, view }
    };
    let Some(alternatives) = union else {
        let types = view.types();
        let types: Vec<Types> =
            if types == Types::ALL { vec![types] } else { types.each().collect() };
        return types.into_iter().map(|one| alternative(None, view.limited_to(one))).collect();
    };
    let alternatives = alternatives.into_iter().enumerate();
    alternatives
        .filter(|(_, view)| !view.is_never())
        .map(|(index, view)| alternative(Some(index), view))
        .collect()
}

/// Which alternative became which: by label, then by type, where that is beyond doubt.
fn pair(old: &[Alternative<'_>], new: &[Alternative<'_>]) -> Vec<(usize, usize)> {
    let mut pairs: Vec<(usize, usize)> = Vec::new();
    for (at, one) in old.iter().enumerate().filter(|(_, one)| one.label.is_some()) {
        let same = |other: &&usize| new[**other].label == one.label;
        let taken = |other: &usize| pairs.iter().any(|(_, paired)| paired == other);
        let free: Vec<usize> = (0..new.len()).filter(|other| !taken(other)).collect();
        if let Some(other) = free.iter().find(same) {
            pairs.push((at, *other));
        }
    }
    let is_left = |side: &[Alternative<'_>], at: usize, is_paired: bool, types: Types| {
        !is_paired && side[at].view.types() == types
    };
    let kinds: Vec<Types> = old.iter().map(|one| one.view.types()).collect();
    for types in kinds {
        let is_paired =
            |at: usize, side: usize| pairs.iter().any(|pair| [pair.0, pair.1][side] == at);
        let left = |side: &[Alternative<'_>], which: usize| -> Vec<usize> {
            (0..side.len()).filter(|at| is_left(side, *at, is_paired(*at, which), types)).collect()
        };
        if let ([one], [other]) = (left(old, 0).as_slice(), left(new, 1).as_slice())
            && (old[*one].label.is_none() || new[*other].label.is_none())
        {
            pairs.push((*one, *other));
        }
    }
    pairs
}
