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

    /// The JSON pointer of a property of what `parent` points to.
    pub(crate) fn pointer(parent: &str, property: &str) -> String {
        format!("{parent}/{}", property.replace('~', "~0").replace('/', "~1"))
    }

    /// Takes over the places of another, each as `name/part`.
    pub(crate) fn extend(&mut self, name: &str, others: Self) {
        let others = others.0.into_iter();
        self.0.extend(others.map(|(part, span)| (Self::pointer(name, &part), span)));
    }

    /// Remembers where a part is written.
    pub(crate) fn set(&mut self, part: impl Into<String>, span: Span) {
        self.0.insert(part.into(), span);
    }
}
