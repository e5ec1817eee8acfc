use crate::model::Break;
use crate::syntax::{BreakEntry, Spanned};

/// The breaks that a file, or a part of it, acknowledges.
pub(super) fn read(entries: Option<&Spanned<Vec<BreakEntry>>>) -> Vec<Break> {
    let entries = entries.into_iter().flat_map(|entries| &entries.value);
    entries
        .map(|entry| Break {
            span: entry.rule.span,
            rule: entry.rule.value.0.clone(),
            at: entry.at.as_ref().map(|at| at.value.0.clone()),
            because: entry.because.value.0.clone(),
            until: entry.until.value.0.clone(),
        })
        .collect()
}
