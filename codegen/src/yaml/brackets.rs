//! Which brackets are open somewhere in a text, whether or not the text is YAML as a whole.

/// The brackets that are opened in a text and not closed in it: their places, outermost first.
pub(super) fn open(text: &str) -> Vec<usize> {
    let mut open = Vec::new();
    let mut rest = Rest { text, at: 0 };
    // Whether a value may begin here: in the middle of a text, a quote or a bracket is a part of it.
    let mut begins = true;
    while let Some(c) = rest.peek() {
        let at = rest.at;
        match c {
            '"' | '\'' if begins => rest.skip_quoted(c),
            '|' | '>' if begins && open.is_empty() => rest.skip_block(),
            '#' if at == 0 || text[..at].ends_with([' ', '\t', '\n']) => rest.skip_line(),
            _ => rest.at += c.len_utf8(),
        }
        match c {
            '{' | '[' if begins || !open.is_empty() => open.push(at),
            '}' | ']' => drop(open.pop()),
            _ => {}
        }
        begins = match c {
            ' ' | '\t' => begins,
            '\n' | '\r' | '{' | '[' | ',' => true,
            ':' | '-' | '?' => rest.peek().is_none_or(char::is_whitespace),
            _ => false,
        };
    }
    open
}

/// A text, and how far it is read.
struct Rest<'t> {
    text: &'t str,
    at: usize,
}

impl Rest<'_> {
    fn peek(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }

    /// To the end of the line.
    fn skip_line(&mut self) {
        self.at = self.text[self.at..].find('\n').map_or(self.text.len(), |end| self.at + end);
    }

    /// Behind the closing quote; to the end of the text where there is none.
    fn skip_quoted(&mut self, quote: char) {
        let mut chars = self.text[self.at + 1..].char_indices().peekable();
        while let Some((end, c)) = chars.next() {
            if c == '\\' && quote == '"' {
                chars.next();
            } else if c == quote {
                if quote == '\'' && chars.peek().is_some_and(|(_, next)| *next == quote) {
                    chars.next();
                    continue;
                }
                self.at += 1 + end + 1;
                return;
            }
        }
        self.at = self.text.len();
    }

    /// Behind the indented lines of a block of text.
    fn skip_block(&mut self) {
        let line = self.text[..self.at].rfind('\n').map_or(0, |end| end + 1);
        let indent = |line: &str| line.len() - line.trim_start_matches(' ').len();
        let outer = indent(&self.text[line..]);
        self.skip_line();
        while self.at < self.text.len() {
            let next = &self.text[self.at + 1..];
            let line = next.lines().next().unwrap_or_default();
            if !line.trim().is_empty() && indent(line) <= outer {
                return;
            }
            self.at += 1;
            self.skip_line();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::open;

    #[test]
    fn brackets_in_texts_quotes_and_comments_are_none() {
        for (text, expected) in [
            ("a: { b: [c, { d: e", &[3, 8, 12][..]),
            ("a: { b: [c] }", &[]),
            ("a: b {", &[]),
            ("a: '{' # {\nb: \"[\\\"[\"\n", &[]),
            ("a: 'it''s {'\nb: {", &[16]),
            ("a: |\n  {\n\n  [\nb: [", &[17]),
            ("a: {region}.x", &[]),
            ("- [", &[2]),
            ("a: \"never closed [", &[]),
            ("é: {ü", &[4]),
        ] {
            assert_eq!(open(text), expected, "{text}");
        }
    }
}
