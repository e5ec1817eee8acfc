//! Lines of a file that may not be YAML.

/// A line: where it begins, and what is written in it.
#[derive(Clone, Copy)]
pub(super) struct Line<'t> {
    pub(super) start: usize,
    pub(super) text: &'t str,
}

impl<'t> Line<'t> {
    /// The line that a byte stands in.
    pub(super) fn of(text: &'t str, at: usize) -> Self {
        let start = text[..at].rfind('\n').map_or(0, |end| end + 1);
        let line = text[start..].split('\n').next().unwrap_or_default();
        Self { start, text: line.trim_end_matches('\r') }
    }

    /// The nearest line above that is neither empty nor a comment.
    pub(super) fn above(self, text: &'t str) -> Option<Self> {
        let mut start = self.start;
        while start > 0 {
            let line = Self::of(text, start - 1);
            if !line.is_idle() {
                return Some(line);
            }
            start = line.start;
        }
        None
    }

    /// The nearest line below that is neither empty nor a comment.
    pub(super) fn below(self, text: &'t str) -> Option<Self> {
        let mut line = self;
        loop {
            let end = text[line.start..].find('\n')?;
            line = Self::of(text, line.start + end + 1);
            if !line.is_idle() {
                return Some(line);
            }
            if line.start >= text.len() {
                return None;
            }
        }
    }

    fn is_idle(self) -> bool {
        let text = self.text.trim();
        text.is_empty() || text.starts_with('#')
    }

    /// How many spaces, and tabs between brackets, it begins with.
    pub(super) fn indent(self) -> usize {
        self.text.len() - self.text.trim_start_matches([' ', '\t']).len()
    }

    /// Where its first word begins, the `- ` of a list's entry left out, and the text from there.
    pub(super) fn words(self) -> (usize, &'t str) {
        let mut words = self.text.trim_start();
        while let Some(entry) = words.strip_prefix("- ") {
            words = entry.trim_start();
        }
        (self.start + self.text.len() - words.len(), words)
    }

    /// The key that it begins with.
    pub(super) fn key(self) -> Option<&'t str> {
        let (_, words) = self.words();
        let key = words.split(": ").next()?.trim_end();
        let key = key.strip_suffix(':').or_else(|| words.contains(": ").then_some(key))?;
        is_key(key).then_some(key)
    }

    /// Where the value behind its key begins, and the value.
    pub(super) fn value(self) -> Option<(usize, &'t str)> {
        let key = self.key()?;
        let (start, words) = self.words();
        let value = words[key.len()..].trim_start().strip_prefix(':')?.trim();
        let at = words.rfind(value)?;
        (!value.is_empty()).then_some((start + at, value))
    }
}

/// Whether a text looks like the name of something.
pub(super) fn is_key(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || "_$.-/".contains(c))
}
