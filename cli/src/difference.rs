//! How two texts differ.

use std::fmt::Write;

use anstyle::{AnsiColor, Style};
use similar::{ChangeTag, TextDiff};

const ADDED: Style = AnsiColor::Green.on_default();
const REMOVED: Style = AnsiColor::Red.on_default();
const HUNK: Style = AnsiColor::Cyan.on_default();

/// Lines around a change that are shown with it.
const CONTEXT: usize = 2;

/// How one text becomes another.
#[derive(Debug)]
pub(crate) struct Difference {
    /// The first line of the old text that is not in the new one so, from 1.
    pub(crate) line: usize,
    /// A unified diff in color; each line ends with a line break.
    pub(crate) shown: String,
}

impl Difference {
    /// None where the texts are equal.
    pub(crate) fn between(old: &str, new: &str) -> Option<Self> {
        if old == new {
            return None;
        }
        let diff = TextDiff::from_lines(old, new);
        let mut line = None;
        let mut shown = String::new();
        for hunk in diff.unified_diff().context_radius(CONTEXT).iter_hunks() {
            let _ = writeln!(shown, "{HUNK}{}{HUNK:#}", hunk.header());
            let mut at = 0;
            for change in hunk.iter_changes() {
                let (sign, style) = match change.tag() {
                    ChangeTag::Delete => ("-", REMOVED),
                    ChangeTag::Insert => ("+", ADDED),
                    ChangeTag::Equal => (" ", Style::new()),
                };
                at = change.old_index().map_or(at, |index| index + 1);
                if change.tag() != ChangeTag::Equal {
                    line.get_or_insert(at.max(1));
                }
                let text = change.value();
                let bare = text.trim_end_matches(['\r', '\n']);
                // Otherwise a change of line breaks would look like none.
                let carriage = if text.ends_with("\r\n") { "␍" } else { "" };
                let _ = writeln!(shown, "{style}{sign}{bare}{carriage}{style:#}");
                if !text.ends_with('\n') {
                    let _ = writeln!(shown, "\\ no line break at the end of the file");
                }
            }
        }
        Some(Self { line: line.unwrap_or(1), shown })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(old: &str, new: &str) -> (usize, String) {
        let difference = Difference::between(old, new).expect("a difference");
        (difference.line, anstream::adapter::strip_str(&difference.shown).to_string())
    }

    #[test]
    fn changes_are_shown_with_the_lines_around_them() {
        assert!(Difference::between("a\n", "a\n").is_none());
        let (line, shown) = plain("a\nb\nc\nd\n", "a\nb\nx\nd\n");
        assert_eq!((line, shown.as_str()), (3, "@@ -1,4 +1,4 @@\n a\n b\n-c\n+x\n d\n"));
    }

    #[test]
    fn line_breaks_are_seen() {
        let (line, shown) = plain("a\r\n", "a\n");
        assert_eq!((line, shown.as_str()), (1, "@@ -1 +1 @@\n-a␍\n+a\n"));
        let (_, shown) = plain("a", "a\n");
        assert!(shown.contains("-a\n\\ no line break"), "{shown}");
    }
}
