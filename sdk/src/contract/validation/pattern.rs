use std::sync::OnceLock;

use regress::Regex;

/// A regular expression of ECMA-262, compiled when it is first used.
#[derive(Debug)]
pub struct Pattern {
    source: &'static str,
    regex: OnceLock<Option<Regex>>,
}

impl Pattern {
    /// Nothing is compiled yet.
    pub const fn new(source: &'static str) -> Self {
        Self { source, regex: OnceLock::new() }
    }

    pub(super) fn source(&self) -> &'static str {
        self.source
    }

    /// Whether it matches somewhere in a text. The catalog's compiler has read every pattern with the same library; one
    /// that cannot be read nevertheless matches nothing.
    pub(super) fn matches(&self, text: &str) -> bool {
        let regex = self.regex.get_or_init(|| Regex::with_flags(self.source, "u").ok());
        regex.as_ref().is_some_and(|regex| regex.find(text).is_some())
    }
}
