//! Moves the lines of keys, each with the comments above it.

use std::ops::Range;

use tidings_codegen::yaml::{Kind, Node};

use super::order::{Record, Value};

/// The text with the keys of its records in order. It is laid out already: each key of a block is indented like its
/// neighbours. A record in braces is left as it is written.
pub(super) fn reorder(text: &str, root: &Node, record: &'static Record) -> String {
    let lines = Lines::of(text);
    let whole = 0..lines.text.len();
    lines.record(root, record, whole, Comments::OfTheFile)
}

/// Whose the comments above the first key are.
#[derive(Clone, Copy, PartialEq)]
enum Comments {
    /// The file's, up to the last empty line and modeline.
    OfTheFile,
    /// The key's.
    OfTheKey,
}

struct Lines<'t> {
    text: Vec<&'t str>,
    /// The byte at which each begins.
    starts: Vec<usize>,
}

/// The lines of a key and its value.
struct Entry<'n> {
    key: &'n str,
    value: &'n Node,
    /// Comments above, from here …
    above: usize,
    /// … to the line of the key, …
    line: usize,
    /// … and the value to here.
    end: usize,
}

impl<'t> Lines<'t> {
    fn of(text: &'t str) -> Self {
        let mut start = 0;
        let mut starts = Vec::new();
        let lines: Vec<&str> = text.split_inclusive('\n').collect();
        for line in &lines {
            starts.push(start);
            start += line.len();
        }
        Self { text: lines, starts }
    }

    /// The line of a byte.
    fn line(&self, byte: u32) -> usize {
        self.starts.partition_point(|start| *start <= byte as usize).saturating_sub(1)
    }

    fn written(&self, lines: Range<usize>) -> String {
        self.text[lines].concat()
    }

    /// What a key holds, which has these lines.
    fn value(&self, node: &Node, value: Value, lines: Range<usize>) -> String {
        match value {
            Value::Any => self.written(lines),
            Value::One(record) => self.record(node, record, lines, Comments::OfTheKey),
            Value::Each(record) => self.each(node, Value::One(record), lines),
            Value::List(record) => self.list(node, record, lines),
            Value::EachList(record) => self.each(node, Value::List(record), lines),
        }
    }

    /// A mapping of names to values.
    fn each(&self, node: &Node, value: Value, lines: Range<usize>) -> String {
        let Some(entries) = self.entries(node, &lines, Comments::OfTheKey) else {
            return self.written(lines);
        };
        let mut text = self.written(lines.start..entries[0].above);
        for entry in &entries {
            text.push_str(&self.written(entry.above..entry.line + 1));
            text.push_str(&self.value(entry.value, value, entry.line + 1..entry.end));
        }
        let end = entries.last().map_or(lines.start, |entry| entry.end);
        text + &self.written(end..lines.end)
    }

    /// A list whose items may be records.
    fn list(&self, node: &Node, record: &'static Record, lines: Range<usize>) -> String {
        let Kind::Sequence(items) = &node.kind else { return self.written(lines) };
        let starts: Vec<usize> = items.iter().map(|item| self.line(item.span.start)).collect();
        let ascend = starts.windows(2).all(|two| two[0] < two[1]);
        let within = starts.iter().all(|start| lines.contains(start));
        let Some(first) = starts.first().filter(|_| ascend && within) else {
            return self.written(lines);
        };
        let mut text = self.written(lines.start..*first);
        let ends = starts.iter().skip(1).copied().chain([lines.end]);
        for ((item, start), end) in items.iter().zip(&starts).zip(ends) {
            let ordered = self.item(item, record, *start..end);
            text.push_str(&ordered.unwrap_or_else(|| self.written(*start..end)));
        }
        text
    }

    /// An item of a list, without its dash while its keys are moved; none where it is to be left as it is.
    fn item(&self, node: &Node, record: &'static Record, lines: Range<usize>) -> Option<String> {
        let first = *self.text.get(lines.start)?;
        let dash = first.len() - first.trim_start().len();
        let rest = first.get(dash..)?.strip_prefix("- ")?;
        let bare = format!("{}{rest}", &" ".repeat(dash + 2));
        let mut text = self.text[lines.clone()].to_vec();
        text[0] = &bare;
        let alone = Lines { text, starts: self.starts[lines].to_vec() };
        let whole = 0..alone.text.len();
        let mut ordered = alone.record(node, record, whole, Comments::OfTheKey);
        // A comment cannot begin an item.
        let begins =
            ordered.get(dash..)?.starts_with("  ") && !ordered.trim_start().starts_with('#');
        begins.then(|| {
            ordered.replace_range(dash..=dash, "-");
            ordered
        })
    }

    fn record(
        &self,
        node: &Node,
        record: &'static Record,
        lines: Range<usize>,
        comments: Comments,
    ) -> String {
        let Some(mut entries) = self.entries(node, &lines, comments) else {
            return self.written(lines);
        };
        let start = entries[0].above;
        let end = entries.last().map_or(start, |entry| entry.end);
        entries.sort_by_key(|entry| record.position(entry.key));
        let mut text = self.written(lines.start..start);
        for entry in &entries {
            let below = entry.line + 1..entry.end;
            text.push_str(&self.written(entry.above..entry.line + 1));
            text.push_str(&self.value(entry.value, record.value(entry.key), below));
        }
        text + &self.written(end..lines.end)
    }

    /// The entries of a block mapping that has these lines to itself; none where it is something else.
    fn entries<'n>(
        &self,
        node: &'n Node,
        lines: &Range<usize>,
        comments: Comments,
    ) -> Option<Vec<Entry<'n>>> {
        let Kind::Mapping(mapping) = &node.kind else { return None };
        let column = self.column(mapping.first()?.0.span.start);
        let mut entries: Vec<Entry<'n>> = Vec::new();
        for (key, value) in mapping {
            let line = self.line(key.span.start);
            let floor = entries.last().map_or(lines.start, |entry| entry.line + 1);
            if line < floor || line >= lines.end || !self.begins_line(key.span.start, column) {
                return None;
            }
            let mut above = line;
            while above > floor && self.is_comment(above - 1, column) {
                above -= 1;
            }
            if let Some(last) = entries.last_mut() {
                last.end = above;
            } else if comments == Comments::OfTheFile {
                let modeline = |at: &usize| self.text[*at].starts_with("# yaml-language-server:");
                above = (above..line).rev().find(modeline).map_or(above, |at| at + 1);
            }
            entries.push(Entry { key: &key.text, value, above, line, end: lines.end });
        }
        // Comments at the end belong to the whole.
        let last = entries.last_mut()?;
        while last.end > last.line + 1 && self.is_comment_or_empty(last.end - 1, column) {
            last.end -= 1;
        }
        Some(entries)
    }

    fn column(&self, byte: u32) -> usize {
        byte as usize - self.starts[self.line(byte)]
    }

    /// Whether nothing but indentation stands before a byte.
    fn begins_line(&self, byte: u32, column: usize) -> bool {
        let line = self.text[self.line(byte)];
        self.column(byte) == column && line[..column].bytes().all(|byte| byte == b' ')
    }

    fn is_comment(&self, line: usize, column: usize) -> bool {
        let text = self.text[line];
        text.len() - text.trim_start().len() == column && text.trim_start().starts_with('#')
    }

    fn is_comment_or_empty(&self, line: usize, column: usize) -> bool {
        self.text[line].trim().is_empty()
            || (0..=column).any(|column| self.is_comment(line, column))
    }
}
