use crate::source::Span;

/// A change of what was released that is known to hurt somebody, and made all the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Break {
    /// Where its rule is written.
    pub span: Span,
    /// Name or code of the rule that it breaks, as written.
    pub rule: String,
    /// What it is about, as the finding calls it; none for everything that breaks the rule there.
    pub at: Option<String>,
    /// Why it is worth it.
    pub because: String,
    /// The last day on which it is acknowledged (`2026-12-31`).
    pub until: String,
}
