//! The slips that make a file unreadable, each of which says whether it is the one.

use super::Stumble;
use super::lines::{Line, is_key};
use crate::diagnostic::Diagnostic;

/// From the most certain to the least.
pub(super) const ALL: [fn(&Stumble<'_>) -> Option<Diagnostic>; 14] = [
    tab_in_indentation,
    invisible_character,
    comment_in_brackets,
    bracket_left_open,
    brackets,
    escape,
    text_behind_quotes,
    text_behind_brackets,
    space_behind_colon,
    colon_behind_key,
    too_deep,
    block_of_text,
    asterisk,
    typographic_quotes,
];

/// A tab before the first word of the line, or of the line before or after it.
fn tab_in_indentation(it: &Stumble<'_>) -> Option<Diagnostic> {
    if it.bracket.is_some() {
        // Between brackets the indentation means nothing.
        return None;
    }
    let lines = [Some(it.line), it.line.below(it.text), it.line.above(it.text)];
    let tab = lines.into_iter().flatten().find_map(|line| {
        let words = line.text.trim_start_matches([' ', '\t']);
        let tab = line.text[..line.text.len() - words.len()].find('\t')?;
        Some(line.start + tab)
    })?;
    let finding = it.found(tab, 1, "a tab indents this line");
    Some(finding.help("indent with spaces: YAML does not allow tabs there"))
}

/// A space that is none to YAML, in the indentation or behind a colon of the line or the one before it.
fn invisible_character(it: &Stumble<'_>) -> Option<Diagnostic> {
    let lines = [Some(it.line), it.line.above(it.text)];
    let (at, c) = lines.into_iter().flatten().find_map(|line| {
        let mut before = None;
        line.text.char_indices().find_map(|(at, c)| {
            let matters = before.is_none_or(|before| matches!(before, ' ' | ':' | '-'));
            before = Some(c);
            (matters && is_invisible(c)).then_some((line.start + at, c))
        })
    })?;
    let message = format!("an invisible character (U+{:04X}) stands here", u32::from(c));
    Some(it.found(at, c.len_utf8(), message).help("type a space instead, or nothing"))
}

fn is_invisible(c: char) -> bool {
    let blank = c.is_whitespace() && !matches!(c, ' ' | '\t' | '\r' | '\n');
    blank || matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}')
}

/// A ` #` that hides the end of a bracket.
fn comment_in_brackets(it: &Stumble<'_>) -> Option<Diagnostic> {
    let bracket = it.bracket?;
    let line = Line::of(it.text, bracket);
    let comment = line.start + line.text.find(" #")? + 1;
    let hides = it.text[comment..line.start + line.text.len()].contains(['}', ']']);
    let open = &it.text[bracket..=bracket];
    (comment > bracket && hides).then(|| {
        it.found(comment, 1, "`#` begins a comment here")
            .and(it.span(bracket, 1), format!("so this `{open}` is never closed"))
            .help("put a text that holds ` #`, or begins with `#`, in quotes")
    })
}

/// A bracket that is still open where the text returns to the lines around it.
fn bracket_left_open(it: &Stumble<'_>) -> Option<Diagnostic> {
    let bracket = it.bracket?;
    let opened = Line::of(it.text, bracket);
    let ended = it.text[it.at..].trim_end().chars().nth(1).is_none() && it.says("expected");
    let returned = it.line.start > opened.start && it.line.indent() <= opened.indent();
    let closes = it.line.text.trim_start().starts_with(['}', ']']);
    (ended || (returned && !closes)).then(|| {
        let open = &it.text[bracket..=bracket];
        it.found(bracket, 1, format!("this `{open}` is not closed"))
            .help("write lists as `[a, b]` and mappings as `{ key: value, key: value }`")
    })
}

/// Something between brackets that cannot stand there.
fn brackets(it: &Stumble<'_>) -> Option<Diagnostic> {
    let Some(bracket) = it.bracket else {
        let closes = it.character().filter(|c| "}]".contains(*c))?;
        let finding = it.here(format!("this `{closes}` closes nothing"));
        return Some(finding.help("remove it, or put the text in quotes"));
    };
    let open = &it.text[bracket..=bracket];
    let finding = match it.character()? {
        ':' if it.says("mapping values") || it.says("flow") || it.says("',' or") => {
            let entry = it.text[bracket + 1..it.at].rsplit(',').next().unwrap_or_default();
            let help = match entry.contains(';') {
                true => "separate entries with a comma, not with `;`",
                false => "put a comma between two entries; quote a text that has a colon in it",
            };
            it.here("`:` cannot stand here").help(help)
        }
        c @ ('}' | ']') if matches!((open, c), ("{", ']') | ("[", '}')) => {
            let close = if open == "{" { '}' } else { ']' };
            it.here(format!("`{open}` is closed with `{close}`, not with `{c}`"))
        }
        ',' => it.here("an entry is missing before this comma"),
        '{' | '}' | '[' | ']' => return None,
        _ if it.says("',' or") => it.here("a comma is missing before this"),
        _ => return None,
    };
    Some(finding.and(it.span(bracket, 1), "opened here"))
}

/// What may follow a backslash in double quotes, apart from the numbers of characters.
const ESCAPES: &str = "0abtnvfre\"/\\N_LP \t\n";

/// A backslash in double quotes that is meant as one.
fn escape(it: &Stumble<'_>) -> Option<Diagnostic> {
    if !(it.says("escape") || it.says("hexadecimal")) {
        return None;
    }
    let quoted = &it.text[it.at..];
    let mut chars = quoted.char_indices();
    let at = loop {
        let (at, c) = chars.next()?;
        if c == '"' && at > 0 {
            return None;
        }
        if c == '\\' && chars.next().is_none_or(|(_, c)| !ESCAPES.contains(c)) {
            break it.at + at;
        }
    };
    let length = it.text[at..].chars().take(2).map(char::len_utf8).sum();
    let what = &it.text[at..at + length];
    Some(
        it.found(at, length, format!("`{what}` is no escape of YAML"))
            .help("write patterns and paths in single quotes, where a backslash is a backslash"),
    )
}

/// A text that begins with a quoted part, or holds the quote that it begins with.
fn text_behind_quotes(it: &Stumble<'_>) -> Option<Diagnostic> {
    if !it.says("trailing content") {
        return None;
    }
    let before = it.text[..it.at].trim_end().chars().next_back();
    let help = match before {
        Some('\'') => "write `''` for an apostrophe in single quotes, or use double quotes",
        _ => "put the whole text in single quotes, or write `\\\"` for a quote in it",
    };
    Some(it.here("the text goes on behind its closing quote").help(help))
}

/// A text that begins with `{` or `[`.
fn text_behind_brackets(it: &Stumble<'_>) -> Option<Diagnostic> {
    let (at, value) = it.line.value()?;
    let kind = match value.chars().next()? {
        '{' => "mapping",
        '[' => "list",
        _ => return None,
    };
    let goes_on = it.bracket.is_none() && at < it.at && !value.ends_with(['}', ']']);
    goes_on.then(|| {
        let message = format!("a text that begins with `{}` is read as a {kind}", &value[..1]);
        it.found(at, value.len(), message).help("put the text in quotes")
    })
}

/// `key:value`, in the line or the one before it.
fn space_behind_colon(it: &Stumble<'_>) -> Option<Diagnostic> {
    let lines = [Some(it.line), it.line.above(it.text)];
    lines.into_iter().flatten().find_map(|line| {
        let (start, words) = line.words();
        let (key, value) = words.split_once(':')?;
        let glued = !value.is_empty() && !value.starts_with([' ', '\t', '/', ':']);
        (glued && is_key(key) && !words.contains(": ") && !words.ends_with(':')).then(|| {
            it.found(start + key.len(), 1, "a space is missing after this colon")
                .help(format!("write `{key}: {value}`"))
        })
    })
}

/// A key that stands alone above what is indented below it.
fn colon_behind_key(it: &Stumble<'_>) -> Option<Diagnostic> {
    let above = it.line.above(it.text)?;
    let (start, word) = above.words();
    let word = word.trim_end();
    let colon = it.says("mapping values") || it.says("simple key") || it.says("expected ':'");
    (colon && is_key(word) && above.indent() < it.line.indent()).then(|| {
        it.found(start, word.len(), format!("a colon is missing after `{word}`"))
            .help(format!("write `{word}:`"))
    })
}

/// A key that stands deeper than the one above it, which has its value already.
fn too_deep(it: &Stumble<'_>) -> Option<Diagnostic> {
    let above = it.line.above(it.text)?;
    let (outer, (_, value)) = (above.key()?, above.value()?);
    let (start, _) = it.line.words();
    let key = it.line.key()?;
    let first = it.at == start + key.len() && it.says("mapping values");
    let open = value.starts_with(['|', '>', '&', '!', '{', '[']);
    (first && !open && above.indent() < it.line.indent()).then(|| {
        it.found(start, key.len(), format!("`{key}` is indented deeper than `{outer}`"))
            .and(it.span(above.start + above.indent(), outer.len()), "has its value already")
            .help("begin the keys of one mapping in the same column")
    })
}

/// `key: |` whose text is not indented.
fn block_of_text(it: &Stumble<'_>) -> Option<Diagnostic> {
    let mut lines = std::iter::successors(Some(it.line), |line| line.above(it.text)).take(4);
    lines.find_map(|line| {
        let (_, value) = line.value()?;
        let style = value.strip_prefix(['|', '>'])?;
        let modifiers = style.chars().all(|c| c.is_ascii_digit() || matches!(c, '+' | '-'));
        let text = line.below(it.text)?;
        (modifiers && text.indent() <= line.indent() && text.key().is_none()).then(|| {
            let key = line.key().unwrap_or_default();
            it.found(
                text.start + text.indent(),
                text.text.trim().len(),
                "this text is not indented",
            )
            .help(format!("indent the lines below `{key}: {value}` deeper than `{key}`"))
        })
    })
}

/// A pattern, or another text, that begins with `*`.
fn asterisk(it: &Stumble<'_>) -> Option<Diagnostic> {
    let pattern = it.text[it.at..].strip_prefix('*')?;
    let named = pattern.starts_with(|c: char| c.is_alphanumeric() || c == '_');
    (!named).then(|| {
        it.here("a text that begins with `*` is read as an alias").help("put the text in quotes")
    })
}

/// A text in the quotes of a word processor, which may hold whatever it likes in the eyes of its author.
fn typographic_quotes(it: &Stumble<'_>) -> Option<Diagnostic> {
    let (at, value) = it.line.value()?;
    let quote = value.chars().next().filter(|c| "“”„‟‘’‚«»".contains(*c))?;
    let finding =
        it.found(at, quote.len_utf8(), format!("`{quote}` is a letter to YAML, and no quote"));
    Some(finding.help("type a plain `\"`, which editors for text turn into another"))
}
