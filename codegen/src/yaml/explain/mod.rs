//! Says in plain words what the parser stumbled over, which is often a slip some words before that place.

mod lines;
mod suspects;

use lines::Line;

use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::source::{FileId, Span};

/// Where the parser could not go on.
struct Stumble<'t> {
    /// The parser's own words.
    info: &'t str,
    file: FileId,
    text: &'t str,
    /// The byte in the text.
    at: usize,
    /// The line that it stands in.
    line: Line<'t>,
    /// Where the innermost bracket that is open there begins.
    bracket: Option<usize>,
}

/// Says what the parser stumbled over at byte `at`, in `info`'s words.
pub(super) fn explain(info: &str, file: FileId, text: &str, at: usize) -> Diagnostic {
    let stopped = text.floor_char_boundary(at);
    let at = visible(text, stopped);
    let bracket = super::brackets::open(&text[..stopped]).last().copied();
    let stumble = Stumble { info, file, text, at, line: Line::of(text, at), bracket };
    let suspect = suspects::ALL.iter().find_map(|suspect| suspect(&stumble));
    suspect.unwrap_or_else(|| {
        let (message, help) = words(info);
        stumble.here(message).help(help)
    })
}

/// The parser's message, and what to do about it.
fn words(info: &str) -> (String, &'static str) {
    let has = |words: &str| info.contains(words);
    let (message, help) = if has("quoted scalar") {
        ("a quote is opened and not closed", "end the text with the quote that begins it")
    } else if has("flow")
        || has("',' or")
        || has("misplaced bracket")
        || has("bracket")
        || has("expected node content")
    {
        (
            "a bracket does not match, or a comma is missing",
            "write lists as `[a, b]` and mappings as `{ key: value, key: value }`",
        )
    } else if has("mapping values") {
        (
            "`:` cannot stand here",
            "quote text that has a colon and a space in it, or move the key to a line of its own",
        )
    } else if has("simple key") || has("expected ':'") {
        ("a `key: value` is expected here", "write a colon and a space after the key")
    } else if has("indentation")
        || has("block mapping")
        || has("block end")
        || has("block collection")
    {
        ("the indentation fits no line above", "begin the keys of one mapping in the same column")
    } else if has("unknown anchor") {
        (
            "no anchor of this name stands above",
            "write `&name` before the value to repeat; quote a text that begins with `*`",
        )
    } else if has("recursion limit") {
        ("nested too deeply", "a catalog needs a handful of levels")
    } else if has("unexpected character")
        || has("reserved")
        || has("cannot start")
        || has("anchor or alias")
        || has("block scalar")
        || has("mapping keys are not allowed")
        || has("directive")
    {
        ("a text cannot begin with this character", "put the text in quotes")
    } else if has("block sequence") || has("'-'") || has("sequence entries") {
        (
            "`-` cannot stand here",
            "begin a list on a line of its own, its entries in one column; quote a text that begins with `-`",
        )
    } else {
        return (format!("this is not valid YAML: {info}"), "see https://yaml.org/spec/1.2.2");
    };
    (message.to_owned(), help)
}

/// The place itself, or, where nothing is to be seen there, the last character before it.
fn visible(text: &str, at: usize) -> usize {
    if text[at..].chars().next().is_some_and(|c| !c.is_whitespace()) {
        return at;
    }
    text[..at].trim_end().char_indices().next_back().map_or(0, |(last, _)| last)
}

impl Stumble<'_> {
    fn says(&self, words: &str) -> bool {
        self.info.contains(words)
    }

    /// The character that the parser stumbled over.
    fn character(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }

    /// A finding about that character.
    fn here(&self, message: impl Into<String>) -> Diagnostic {
        let length = self.character().filter(|c| *c != '\n').map_or(0, char::len_utf8);
        self.found(self.at, length, message)
    }

    /// A finding about other bytes of the file.
    fn found(&self, start: usize, length: usize, message: impl Into<String>) -> Diagnostic {
        codes::YAML_SYNTAX.at(self.span(start, length), message)
    }

    fn span(&self, start: usize, length: usize) -> Span {
        let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        Span { file: self.file, start: offset(start), end: offset(start + length) }
    }
}
