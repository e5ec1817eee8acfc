use super::scalar;
use super::value::{Mapping, Node, Value};

/// Columns of a line before brackets are opened out.
const WIDTH: usize = 100;

/// Keys of catalog files whose mappings are always opened out.
const ALWAYS_BLOCK: [&str; 7] =
    ["versions", "payload", "properties", "$defs", "subscriptions", "defaults", "environments"];

/// How a document is laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Layout {
    /// As the catalog's files: what fits on a line stands in brackets.
    Catalog,
    /// One key a line; only lists of short values stand in brackets.
    Block,
}

/// A document, ending with a line break.
pub(crate) fn write(document: &Node, layout: Layout) -> String {
    let mut writer = Writer { layout, out: String::new() };
    writer.comments(&document.comments, 0);
    match &document.value {
        Value::Map(entries) if !entries.is_empty() => writer.map(entries, 0),
        Value::List(items) if !items.is_empty() => writer.list(items, 0),
        value => {
            writer.out.push_str(&flow(value).unwrap_or_default());
            writer.out.push('\n');
        }
    }
    writer.out
}

struct Writer {
    layout: Layout,
    out: String,
}

impl Writer {
    fn comments(&mut self, lines: &[String], indent: usize) {
        for line in lines.iter().flat_map(|comment| comment.lines()) {
            self.indent(indent);
            self.out.push_str(format!("# {line}").trim_end());
            self.out.push('\n');
        }
    }

    fn indent(&mut self, columns: usize) {
        self.out.extend(std::iter::repeat_n(' ', columns));
    }

    fn map(&mut self, entries: &Mapping, indent: usize) {
        for (key, node) in entries.iter() {
            self.comments(&node.comments, indent);
            self.indent(indent);
            self.entry(key, node, indent);
        }
    }

    /// An entry whose indentation is written.
    fn entry(&mut self, key: &str, node: &Node, indent: usize) {
        let written = scalar::key(key);
        self.out.push_str(&written);
        self.out.push(':');
        let column = indent + written.chars().count() + 2;
        let opened = self.layout == Layout::Catalog && ALWAYS_BLOCK.contains(&key);
        if let Some(line) = self.on_one_line(&node.value, column, opened) {
            self.out.push(' ');
            self.out.push_str(&line);
            self.out.push('\n');
            return;
        }
        match &node.value {
            Value::Map(entries) => {
                self.out.push('\n');
                self.map(entries, indent + 2);
            }
            Value::List(items) => {
                self.out.push('\n');
                self.list(items, indent + 2);
            }
            Value::Text(text) => self.literal(text, indent + 2),
            value => {
                self.out.push(' ');
                self.out.push_str(&flow(value).unwrap_or_default());
                self.out.push('\n');
            }
        }
    }

    fn list(&mut self, items: &[Node], indent: usize) {
        for item in items {
            self.comments(&item.comments, indent);
            self.indent(indent);
            self.item(item, indent);
        }
    }

    /// An item whose indentation is written.
    fn item(&mut self, item: &Node, indent: usize) {
        self.out.push_str("- ");
        if let Some(line) = self.on_one_line(&item.value, indent + 2, false) {
            self.out.push_str(&line);
            self.out.push('\n');
            return;
        }
        match &item.value {
            Value::Map(entries) => {
                // The first entry stands behind the dash; what is said about it stands above.
                let mut entries = entries.iter();
                if let Some((key, node)) = entries.next() {
                    self.entry(key, node, indent + 2);
                }
                for (key, node) in entries {
                    self.comments(&node.comments, indent + 2);
                    self.indent(indent + 2);
                    self.entry(key, node, indent + 2);
                }
            }
            Value::List(items) => {
                let mut items = items.iter();
                if let Some(first) = items.next() {
                    self.item(first, indent + 2);
                }
                self.list(items.as_slice(), indent + 2);
            }
            Value::Text(text) => {
                self.out.pop();
                self.literal(text, indent + 2);
            }
            value => {
                self.out.push_str(&flow(value).unwrap_or_default());
                self.out.push('\n');
            }
        }
    }

    /// A text of several lines, as a block.
    fn literal(&mut self, text: &str, indent: usize) {
        let (body, mark) = match text.strip_suffix('\n') {
            Some(body) => (body, " |"),
            None => (text, " |-"),
        };
        self.out.push_str(mark);
        self.out.push('\n');
        for line in body.split('\n') {
            if !line.is_empty() {
                self.indent(indent);
                self.out.push_str(line);
            }
            self.out.push('\n');
        }
    }

    /// The value where it fits on the rest of the line.
    fn on_one_line(&self, value: &Value, column: usize, opened: bool) -> Option<String> {
        match value {
            Value::Map(entries) if entries.is_empty() => Some("{}".to_owned()),
            Value::List(items) if items.is_empty() => Some("[]".to_owned()),
            Value::Map(_) if opened || self.layout == Layout::Block => None,
            Value::List(items) if !items.iter().all(is_scalar) => None,
            Value::Map(_) | Value::List(_) => {
                flow(value).filter(|line| column + line.chars().count() <= WIDTH)
            }
            Value::Text(text) if is_literal(text) => None,
            Value::Text(text) => Some(scalar::text(text, false).into_owned()),
            value => flow(value),
        }
    }
}

fn is_scalar(node: &Node) -> bool {
    node.comments.is_empty() && !matches!(node.value, Value::Map(_) | Value::List(_))
}

/// Whether a text is written as a block: its lines, and nothing that a block would lose.
fn is_literal(text: &str) -> bool {
    let lines = text.strip_suffix('\n').unwrap_or(text);
    text.contains('\n')
        && !lines.is_empty()
        && !lines.ends_with('\n')
        && !text.starts_with([' ', '\n', '\t'])
        // Which tools like to take away.
        && !lines.lines().any(|line| line.ends_with([' ', '\t']))
        && !text.chars().any(|c| (c.is_control() && c != '\n' && c != '\t') || c == '\u{feff}')
}

/// The value on one line, in brackets; none where a comment or a block stands in it.
fn flow(value: &Value) -> Option<String> {
    Some(match value {
        Value::Null => "null".to_owned(),
        Value::Bool(flag) => flag.to_string(),
        Value::Number(number) => number.to_string(),
        Value::Word(word) => word.clone(),
        Value::Text(text) => scalar::text(text, true).into_owned(),
        Value::List(items) => format!("[{}]", all(items.iter().map(inner))?.join(", ")),
        Value::Map(entries) if entries.is_empty() => "{}".to_owned(),
        Value::Map(entries) => {
            let entries = entries.iter().map(|(key, node)| {
                let opened = matches!(&node.value, Value::Map(map) if !map.is_empty())
                    && ALWAYS_BLOCK.contains(&key);
                let value = inner(node).filter(|_| !opened)?;
                Some(format!("{}: {value}", scalar::key(key)))
            });
            format!("{{ {} }}", all(entries)?.join(", "))
        }
    })
}

fn inner(node: &Node) -> Option<String> {
    node.comments.is_empty().then(|| flow(&node.value)).flatten()
}

fn all(lines: impl Iterator<Item = Option<String>>) -> Option<Vec<String>> {
    lines.collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn example() -> Node {
        let mut document = Mapping::default();
        document.insert("event", "orders.order.created");
        document.insert("description", "First line.\nSecond: line.\n");
        let mut properties = Mapping::default();
        properties.insert("note", Node::from(json!({ "type": "string", "pattern": "^[a-z]{2}$" })));
        properties.insert(
            "anything",
            Node::from(Mapping::default()).commented("`not` has no place here"),
        );
        properties.insert("long", Node::from(json!({ "description": "word ".repeat(20).trim() })));
        let payload = Mapping::from_iter([
            ("required", Node::from(json!(["note"]))),
            ("properties", properties.into()),
        ]);
        let mut version = Mapping::from_iter([("payload", payload)]);
        version.insert("examples", Node::from(json!([{ "note": "on" }, { "note": "a\nb" }])));
        let versions: Mapping = [("1.0", version)].into_iter().collect();
        document.insert("versions", versions);
        Node::from(document).commented("Written by hand.")
    }

    #[test]
    fn catalogs_are_written_as_people_write_them() {
        let written = write(&example(), Layout::Catalog);
        let expected = "\
# Written by hand.
event: orders.order.created
description: |
  First line.
  Second: line.
versions:
  1.0:
    payload:
      required: [note]
      properties:
        note: { pattern: \"^[a-z]{2}$\", type: string }
        # `not` has no place here
        anything: {}
        long:
          description: word word word word word word word word word word word word word word word word word word word word
    examples:
      - { note: \"on\" }
      - { note: \"a\\nb\" }
";
        assert_eq!(written, expected);
    }

    #[test]
    fn blocks_open_every_mapping() {
        let document = json!({ "a": { "b": [1, 2], "c": [{ "d": [[1], {}] }] }, "e": {} });
        let expected = "a:\n  b: [1, 2]\n  c:\n    - d:\n        - [1]\n        - {}\ne: {}\n";
        assert_eq!(write(&Node::from(document), Layout::Block), expected);
    }

    #[test]
    fn what_is_written_is_read_again() {
        let texts = [
            "",
            " ",
            "a",
            "a\n",
            "a\n\n",
            "\na",
            " a\nb",
            "a\n b\n",
            "a\n\nb",
            "yes",
            "1.0",
            "a: b",
            "\t",
            "a\tb",
            "{",
            "a]",
            "#",
            "- a",
            "'",
            "\"",
            "\\",
            "\u{7f}",
            "\u{2028}",
            "a\r\nb",
            "é",
            "a \n",
            "null",
            "2026-01-15",
            "01",
            "!x",
            "%",
            "|",
            ">-",
            "@",
            "`",
            "?",
            "? a",
            ":",
            "---",
            "...",
        ];
        for layout in [Layout::Catalog, Layout::Block] {
            for text in texts {
                let value =
                    json!({ "k": text, "l": [text, [text]], "m": { text: [{ "n": text }] } });
                let written = write(&Node::from(value.clone()), layout);
                let mut sources = tidings_codegen::source::SourceMap::default();
                let read = tidings_codegen::yaml::parse("x.yaml", &written, &mut sources);
                let read = read.unwrap_or_else(|found| panic!("{found:?}\n{written}"));
                assert_eq!(read.to_value(), value, "{written}");
            }
        }
    }
}
