//! Slips between braces that leave a file valid YAML: what stands there is not what is meant.

use std::collections::BTreeSet;

use super::{Key, Kind, Node};
use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::source::Span;

/// Whether no colon stands behind a key.
pub(super) fn lacks_colon(text: &str, key: &Node) -> bool {
    let behind = text.get(key.span.end as usize..).unwrap_or_default();
    !behind.trim_start().starts_with(':')
}

/// Reads `key:value` and `key = value` as they are meant, with what is to be said about them.
pub(super) fn glued(text: &str, key: &Node) -> Option<(Node, Node, Diagnostic)> {
    let Kind::Scalar { text: entry, plain: true } = &key.kind else { return None };
    let (at, sign) = entry.char_indices().find(|(_, c)| matches!(c, ':' | '='))?;
    let (name, value) = (entry[..at].trim_end(), entry[at + 1..].trim_start());
    let is_word = !name.is_empty() && !name.contains(char::is_whitespace);
    let as_written = text.get(key.span.range()).is_some_and(|written| written == entry);
    if !is_word || !as_written || value.is_empty() || value.starts_with('/') {
        return None;
    }
    let place = |start: usize, length: usize| {
        let offset = |at: usize| key.span.start + u32::try_from(at).unwrap_or_default();
        Span { start: offset(start), end: offset(start + length), ..key.span }
    };
    let part = |text: &str, start: usize| Node {
        span: place(start, text.len()),
        kind: Kind::Scalar { text: text.to_owned(), plain: true },
    };
    let message = match sign {
        ':' => "a space is missing after this colon",
        _ => "a colon stands between a key and its value",
    };
    let finding =
        codes::NO_VALUE.at(place(at, 1), message).help(format!("write `{name}: {value}`"));
    Some((part(name, 0), part(value, entry.len() - value.len()), finding))
}

/// Reports the keys that stand alone beside others that have a value, and leaves them out: mostly they are the rest of a
/// text that a comma has cut in two. `cut` holds their places.
pub(super) fn drop_cut(
    entries: &mut Vec<(Key, Node)>,
    cut: &BTreeSet<Span>,
    found: &mut Vec<Diagnostic>,
) {
    if cut.len() >= entries.len() {
        // A set: it is no mapping at all, which whoever reads it will say.
        return;
    }
    let mut before: Option<&(Key, Node)> = None;
    for entry in entries.iter() {
        let alone = cut.contains(&entry.0.span);
        let goes_on = before.is_some_and(|(key, _)| cut.contains(&key.span));
        // What follows a second comma of the same text is reported with the first.
        if alone && !goes_on {
            let finding = codes::NO_VALUE.at(entry.0.span, "this has no value");
            found.push(match before {
                Some((key, Node { kind: Kind::Scalar { plain: true, .. }, span })) => {
                    finding.and(*span, "this text ends at the comma").help(format!(
                        "put the text of `{}` in quotes, or write `key: value`",
                        key.text
                    ))
                }
                _ => finding.help("write `key: value`, or remove it"),
            });
        }
        before = Some(entry);
    }
    entries.retain(|(key, _)| !cut.contains(&key.span));
}
