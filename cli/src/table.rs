//! Tables for people: columns as wide as what is in them.

use anstyle::Style;

const FAINT: Style = Style::new().dimmed();
/// Between two columns.
const GAP: &str = "  ";

/// What is left of the last column on the narrowest terminal.
const NARROWEST: usize = 20;

/// Where a column's values stand in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    Left,
    Right,
}

/// A value, and how it looks.
#[derive(Clone, Debug)]
pub(crate) struct Cell {
    text: String,
    style: Style,
}

impl Cell {
    pub(crate) fn styled(text: impl Into<String>, style: Style) -> Self {
        Self { text: text.into(), style }
    }
}

impl<T: Into<String>> From<T> for Cell {
    fn from(text: T) -> Self {
        Self::styled(text, Style::new())
    }
}

/// Rows under a head.
#[derive(Debug)]
pub(crate) struct Table {
    head: Vec<(&'static str, Side)>,
    rows: Vec<Vec<Cell>>,
}

impl Table {
    pub(crate) fn new(head: &[(&'static str, Side)]) -> Self {
        Self { head: head.to_vec(), rows: Vec::new() }
    }

    /// One more row, with a value for each column.
    pub(crate) fn row(&mut self, cells: impl IntoIterator<Item = Cell>) {
        self.rows.push(cells.into_iter().collect());
    }

    /// The table as lines for a terminal of this width, if it is one: what is too long in the last column is cut.
    pub(crate) fn within(mut self, width: Option<usize>) -> String {
        let Some(width) = width else { return self.shown() };
        let last = self.head.len().saturating_sub(1);
        let before: usize = (0..last).map(|column| self.width(column) + GAP.len()).sum();
        let room = width.saturating_sub(before).max(NARROWEST);
        for cell in self.rows.iter_mut().filter_map(|row| row.get_mut(last)) {
            if cell.text.chars().count() > room {
                cell.text = cell.text.chars().take(room - 1).chain(['…']).collect();
            }
        }
        self.shown()
    }

    fn width(&self, column: usize) -> usize {
        let head = self.head.get(column).map_or(0, |(name, _)| name.chars().count());
        let cells = self.rows.iter().filter_map(|row| row.get(column));
        cells.map(|cell| cell.text.chars().count()).max().unwrap_or_default().max(head)
    }

    /// The table as lines. No line ends in spaces.
    pub(crate) fn shown(&self) -> String {
        let head: Vec<Cell> =
            self.head.iter().map(|(name, _)| Cell::styled(*name, FAINT)).collect();
        let widths: Vec<usize> = (0..self.head.len()).map(|column| self.width(column)).collect();
        let mut text = String::new();
        for row in std::iter::once(&head).chain(&self.rows) {
            self.line(row, &widths, &mut text);
        }
        text
    }

    fn line(&self, row: &[Cell], widths: &[usize], text: &mut String) {
        let mut blank = 0;
        for (column, ((cell, width), (_, side))) in
            row.iter().zip(widths).zip(&self.head).enumerate()
        {
            let Cell { text: word, style } = cell;
            let room = width - word.chars().count();
            blank += if column == 0 { 0 } else { GAP.len() };
            blank += if *side == Side::Right { room } else { 0 };
            if !word.is_empty() {
                text.push_str(&" ".repeat(blank));
                text.push_str(&format!("{style}{word}{style:#}"));
                blank = 0;
            }
            blank += if *side == Side::Left { room } else { 0 };
        }
        text.push('\n');
    }
}

/// `1,204`.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_what_is_in_them() {
        let mut table = Table::new(&[("name", Side::Left), ("n", Side::Right), ("", Side::Left)]);
        table.row(["größer".into(), "7".into(), "x".into()]);
        table.row(["a".into(), "1,204".into(), "".into()]);
        table.row(["a".into(), "".into(), "y".into()]);
        let shown = anstream::adapter::strip_str(&table.shown()).to_string();
        assert_eq!(shown, "name        n\ngrößer      7  x\na       1,204\na              y\n");
    }

    #[test]
    fn what_is_too_long_for_a_terminal_is_cut_at_its_end() {
        let mut table = Table::new(&[("a", Side::Left), ("error", Side::Left)]);
        table.row(["1".into(), "a reason that goes on and on".into()]);
        let shown = anstream::adapter::strip_str(&table.within(Some(25))).to_string();
        assert_eq!(shown, "a  error\n1  a reason that goes on…\n");
    }

    #[test]
    fn thousands_are_told_apart() {
        let all = [0, 999, 1000, 1_234_567].map(grouped);
        assert_eq!(all, ["0", "999", "1,000", "1,234,567"]);
    }
}
