//! Tables, anchors and escapes of GitHub's Markdown.

use std::fmt::Write as _;

/// A table that grows by rows; nothing is written of one without rows.
pub(in crate::emit) struct Table {
    head: Vec<&'static str>,
    rows: Vec<Vec<String>>,
}

impl Table {
    pub(in crate::emit) fn new(head: &[&'static str]) -> Self {
        Self { head: head.to_vec(), rows: Vec::new() }
    }

    pub(in crate::emit) fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().collect());
    }

    pub(in crate::emit) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Leaves out columns in which no row says anything.
    pub(in crate::emit) fn write(&self, out: &mut String) {
        if self.rows.is_empty() {
            return;
        }
        let used: Vec<usize> = (0..self.head.len())
            .filter(|&column| self.rows.iter().any(|row| !row[column].is_empty()))
            .collect();
        let head: Vec<String> = used.iter().map(|&column| self.head[column].to_owned()).collect();
        line(out, &head);
        line(out, &vec!["---".to_owned(); used.len()]);
        for row in &self.rows {
            let cells: Vec<String> = used.iter().map(|&column| cell(&row[column])).collect();
            line(out, &cells);
        }
        out.push('\n');
    }
}

fn line(out: &mut String, cells: &[String]) {
    let _ = writeln!(out, "| {} |", cells.join(" | "));
}

/// Text as it may stand between two bars.
fn cell(text: &str) -> String {
    let text = text.trim().replace("\r\n", "\n");
    let paragraphs: Vec<String> = text
        .split("\n\n")
        .map(|paragraph| paragraph.split_whitespace().collect::<Vec<_>>().join(" "))
        .filter(|paragraph| !paragraph.is_empty())
        .collect();
    escape_bars(&paragraphs.join("<br>"))
}

fn escape_bars(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut previous = ' ';
    for letter in text.chars() {
        if letter == '|' && previous != '\\' {
            out.push('\\');
        }
        out.push(letter);
        previous = letter;
    }
    out
}

/// Text as code; with more backticks around it than it holds.
pub(in crate::emit) fn code(text: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or_default();
    let fence = "`".repeat(longest + 1);
    let pad = if longest > 0 { " " } else { "" };
    format!("{fence}{pad}{text}{pad}{fence}")
}

/// The anchor of a part: `event-orders-order-created`.
pub(in crate::emit) fn anchor(kind: &str, name: &str) -> String {
    let name: String =
        name.chars().map(|c| if c.is_alphanumeric() || c == '_' { c } else { '-' }).collect();
    format!("{kind}-{name}")
}

/// A link to a part of this page.
pub(in crate::emit) fn link(kind: &str, name: &str) -> String {
    format!("[{}](#{})", code(name), anchor(kind, name))
}

/// A heading with an anchor that stays the same when its words change.
pub(in crate::emit) fn heading(out: &mut String, level: usize, anchor: &str, text: &str) {
    let _ = write!(out, "<a id=\"{anchor}\"></a>\n\n{} {text}\n\n", "#".repeat(level));
}

/// A paragraph, if there is anything to say.
pub(in crate::emit) fn paragraph(out: &mut String, text: Option<&str>) {
    if let Some(text) = text.map(str::trim).filter(|text| !text.is_empty()) {
        let _ = write!(out, "{text}\n\n");
    }
}

/// `a`, `b` and `c` after another.
pub(in crate::emit) fn list(items: impl IntoIterator<Item = String>) -> String {
    items.into_iter().collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_stay_in_their_row() {
        for (text, expected) in
            [("a|b", r"a\|b"), (r"a\|b", r"a\|b"), ("a\nb\n\nc\n", "a b<br>c"), ("  ", "")]
        {
            assert_eq!(cell(text), expected);
        }
    }

    #[test]
    fn columns_that_say_nothing_are_left_out() {
        let mut table = Table::new(&["name", "nothing"]);
        table.row(["a".to_owned(), String::new()]);
        let mut out = String::new();
        table.write(&mut out);
        assert_eq!(out, "| name |\n| --- |\n| a |\n\n");
    }

    #[test]
    fn code_survives_backticks() {
        assert_eq!(code("a"), "`a`");
        assert_eq!(code("a`b"), "`` a`b ``");
    }
}
