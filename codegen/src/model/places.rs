use std::collections::BTreeMap;

use crate::source::Span;

/// Where the parts of something are written, by name. For diagnostics alone.
#[derive(Clone, Debug, Default)]
pub struct Places(BTreeMap<String, Span>);

impl Places {
    /// Where a part is written, if it is.
    pub fn get(&self, part: &str) -> Option<Span> {
        self.0.get(part).copied()
    }

    /// Remembers where a part is written.
    pub(crate) fn set(&mut self, part: impl Into<String>, span: Span) {
        self.0.insert(part.into(), span);
    }
}
