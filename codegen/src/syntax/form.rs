/// How a scalar is written, as far as an editor can tell before the catalog is compiled.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(not(feature = "editor"), allow(dead_code, reason = "only editors ask"))]
pub(crate) enum Form {
    /// Any text, also one that YAML takes for a number.
    Text,
    /// `true` or `false`.
    Boolean,
    /// A whole number.
    Whole {
        /// The smallest.
        from: u32,
        /// The largest.
        to: u32,
    },
    /// A number from 0 to 1.
    Share,
    /// One of these words.
    Words(&'static [&'static str]),
    /// The code or the name of a rule whose severity a catalog may set.
    Rule,
    /// A text of this pattern, ECMA-262.
    Pattern {
        /// From its beginning to its end.
        pattern: &'static str,
        /// What an editor proposes.
        examples: &'static [&'static str],
    },
    /// `major.minor`, which YAML takes for a number.
    Version,
    /// A word, or something else.
    Or {
        /// The word.
        word: &'static str,
        /// What stands there otherwise.
        other: &'static Form,
    },
}
