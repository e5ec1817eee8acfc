//! What a program writes to a terminal, without the terminal.

/// A line: pieces of one look.
#[derive(Debug, PartialEq)]
pub(super) struct Line(pub(super) Vec<(Look, String)>);

/// How a piece looks: the classes of its style, by the names of [`picture`](super::picture).
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Look {
    bold: bool,
    dim: bool,
    color: Option<&'static str>,
}

impl Look {
    /// The names of its classes; none for a plain one.
    pub(super) fn classes(&self) -> Vec<&'static str> {
        let bold = self.bold.then_some("bold");
        let dim = self.dim.then_some("dim");
        [bold, dim, self.color].into_iter().flatten().collect()
    }

    /// Takes a parameter of ECMA-48's "select graphic rendition".
    fn select(&mut self, parameter: &str) {
        match parameter {
            "" | "0" => *self = Self::default(),
            "1" => self.bold = true,
            "2" => self.dim = true,
            "31" => self.color = Some("red"),
            "32" => self.color = Some("green"),
            "33" => self.color = Some("yellow"),
            "34" => self.color = Some("blue"),
            "35" => self.color = Some("magenta"),
            "36" => self.color = Some("cyan"),
            _ => {}
        }
    }
}

impl Line {
    /// Reads a line with its escape sequences.
    pub(super) fn read(text: &str) -> Self {
        let (mut look, mut pieces) = (Look::default(), Vec::<(Look, String)>::new());
        let mut parts = text.split("\x1b[");
        let mut add = |look: &Look, text: &str| match pieces.last_mut() {
            Some((last, piece)) if last == look => piece.push_str(text),
            _ if text.is_empty() => {}
            _ => pieces.push((look.clone(), text.to_owned())),
        };
        add(&look, parts.next().unwrap_or_default());
        for part in parts {
            let Some((parameters, rest)) = part.split_once('m') else { continue };
            parameters.split(';').for_each(|parameter| look.select(parameter));
            add(&look, rest);
        }
        Self(pieces)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escape_sequences_become_looks() {
        let Line(pieces) =
            Line::read("  1 s  \x1b[36morders\x1b[0m  \x1b[33m\x1b[1mpaused\x1b[0m!");
        let shown: Vec<(Vec<&str>, &str)> =
            pieces.iter().map(|(look, text)| (look.classes(), text.as_str())).collect();
        let expected: [(Vec<&str>, &str); 5] = [
            (vec![], "  1 s  "),
            (vec!["cyan"], "orders"),
            (vec![], "  "),
            (vec!["bold", "yellow"], "paused"),
            (vec![], "!"),
        ];
        assert_eq!(shown, expected);
        assert_eq!(Line::read(""), Line(Vec::new()));
    }
}
