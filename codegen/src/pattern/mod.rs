//! Regular expressions of schemas: those of ECMA-262 with the flag `u`.
//!
//! They run by backtracking, here and in the runtime. Some take exponential time on texts that do not match, so what
//! these say of a text is never asked here.

mod automaton;
mod parse;
mod slow;

use regress::Regex;

pub(crate) use slow::slow_part;

/// Reads a regular expression; the error is the parser's own words.
pub(crate) fn read(pattern: &str) -> Result<Regex, String> {
    Regex::with_flags(pattern, "u").map_err(|error| error.text)
}

/// Whether a regular expression matches somewhere in a text; none where it cannot be read, or cannot be asked.
pub(crate) fn matches(pattern: &str, text: &str) -> Option<bool> {
    let regex = read(pattern).ok()?;
    slow_part(pattern).is_none().then(|| regex.find(text).is_some())
}
