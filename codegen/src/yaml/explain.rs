use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::source::{FileId, Span};

/// Says in plain words what the parser stumbled over at byte `at`.
pub(super) fn explain(info: &str, file: FileId, text: &str, at: usize) -> Diagnostic {
    let at = visible(text, at);
    let length = text[at..].chars().next().filter(|c| *c != '\n').map_or(0, char::len_utf8);
    let span = place(file, at, at + length);

    if let Some(tab) = tab_in_indentation(text, at) {
        return codes::YAML_SYNTAX
            .at(place(file, tab, tab + 1), "a tab indents this line")
            .help("indent with spaces: YAML does not allow tabs there");
    }
    let (message, help) = words(info);
    codes::YAML_SYNTAX.at(span, message).help(help)
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
    } else if has("mapping values are not allowed") || has("mapping values") {
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
        ("no anchor of this name stands above", "write `&name` before the value to repeat")
    } else if has("recursion limit") {
        ("nested too deeply", "a catalog needs a handful of levels")
    } else if has("unexpected character") || has("reserved") || has("cannot start any token") {
        ("a plain text cannot begin with this character", "put the text in quotes")
    } else if has("block sequence") || has("'-'") || has("sequence entries") {
        ("`-` cannot stand here", "begin the entries of one list in the same column")
    } else {
        return (format!("this is not valid YAML: {info}"), "see https://yaml.org/spec/1.2.2");
    };
    (message.to_owned(), help)
}

/// The place itself, or, where nothing is to be seen there, the last character before it.
fn visible(text: &str, at: usize) -> usize {
    let at = text.floor_char_boundary(at);
    if text[at..].chars().next().is_some_and(|c| !c.is_whitespace()) {
        return at;
    }
    text[..at].trim_end().char_indices().next_back().map_or(0, |(last, _)| last)
}

/// A tab before the first word of the line, or of the line before it.
fn tab_in_indentation(text: &str, at: usize) -> Option<usize> {
    let line = text[..at].rfind('\n').map_or(0, |end| end + 1);
    let previous = text[..line.saturating_sub(1)].rfind('\n').map_or(0, |end| end + 1);
    let next = text[at..].find('\n').map_or(text.len(), |end| at + end + 1);
    [line, next, previous].into_iter().find_map(|start| {
        let rest = &text[start..];
        let indent = &rest[..rest.len() - rest.trim_start_matches([' ', '\t']).len()];
        indent.find('\t').map(|tab| start + tab)
    })
}

fn place(file: FileId, start: usize, end: usize) -> Span {
    let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    Span { file, start: offset(start), end: offset(end) }
}
