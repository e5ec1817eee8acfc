//! Reads regular expressions, as far as it matters in how many ways they match.

use std::iter::Peekable;
use std::ops::Range;
use std::str::CharIndices;

/// A part of a regular expression.
#[derive(Debug)]
pub(super) enum Part {
    /// Something that matches one character, as it is written.
    One(Range<usize>),
    /// The end of the text.
    End,
    /// Matches no character and may fail: `\b`, a reference back.
    Assertion,
    /// What stands ahead or behind; it is looked at by itself.
    Around(Box<Self>),
    /// One after the other; the beginning of the text is nothing.
    Sequence(Vec<Self>),
    Alternatives(Vec<Self>),
    Repeated {
        part: Box<Self>,
        least: u32,
        most: Option<u32>,
        /// With what it repeats.
        source: Range<usize>,
    },
}

/// Groups in each other that are followed.
const MAX_DEPTH: usize = 100;

/// Reads an expression that is known to be one; none where it is not, or nested too deeply.
pub(super) fn parse(pattern: &str) -> Option<Part> {
    let mut parser = Parser { pattern, chars: pattern.char_indices().peekable(), depth: 0 };
    let part = parser.alternatives()?;
    parser.chars.next().is_none().then_some(part)
}

struct Parser<'p> {
    pattern: &'p str,
    chars: Peekable<CharIndices<'p>>,
    depth: usize,
}

impl Parser<'_> {
    fn at(&mut self) -> usize {
        self.chars.peek().map_or(self.pattern.len(), |(at, _)| *at)
    }

    fn next(&mut self) -> Option<char> {
        self.chars.next().map(|(_, c)| c)
    }

    fn take(&mut self, wanted: char) -> bool {
        self.chars.next_if(|(_, c)| *c == wanted).is_some()
    }

    /// Skips to behind a character.
    fn skip_behind(&mut self, wanted: char) -> Option<()> {
        while self.next()? != wanted {}
        Some(())
    }

    fn alternatives(&mut self) -> Option<Part> {
        let mut all = Vec::new();
        loop {
            let mut terms = Vec::new();
            while self.chars.peek().is_some_and(|(_, c)| !matches!(c, '|' | ')')) {
                terms.push(self.term()?);
            }
            all.push(Part::Sequence(terms));
            if !self.take('|') {
                return Some(if all.len() == 1 { all.remove(0) } else { Part::Alternatives(all) });
            }
        }
    }

    fn term(&mut self) -> Option<Part> {
        let start = self.at();
        let part = match self.next()? {
            '^' => Part::Sequence(Vec::new()),
            '$' => Part::End,
            '(' => self.group()?,
            '[' => {
                while let Some(c) = self.next()
                    && c != ']'
                {
                    if c == '\\' {
                        self.next()?;
                    }
                }
                Part::One(start..self.at())
            }
            '\\' => self.escape(start)?,
            _ => Part::One(start..self.at()),
        };
        let Some((least, most)) = self.quantifier()? else { return Some(part) };
        self.take('?');
        let source = start..self.at();
        Some(Part::Repeated { part: Box::new(part), least, most, source })
    }

    /// What stands in parentheses, of which the first is read.
    fn group(&mut self) -> Option<Part> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return None;
        }
        let mut is_around = false;
        if self.take('?') {
            match self.next()? {
                ':' => {}
                '=' | '!' => is_around = true,
                '<' if self.take('=') || self.take('!') => is_around = true,
                '<' => self.skip_behind('>')?,
                // Flags.
                _ => self.skip_behind(':')?,
            }
        }
        let inner = self.alternatives()?;
        self.depth -= 1;
        self.take(')').then_some(if is_around { Part::Around(Box::new(inner)) } else { inner })
    }

    /// What stands behind a backslash, which is read.
    fn escape(&mut self, start: usize) -> Option<Part> {
        match self.next()? {
            'b' | 'B' => return Some(Part::Assertion),
            'k' => {
                self.skip_behind('>')?;
                return Some(Part::Assertion);
            }
            '1'..='9' => {
                while self.chars.next_if(|(_, c)| c.is_ascii_digit()).is_some() {}
                return Some(Part::Assertion);
            }
            'c' => drop(self.next()?),
            'x' => self.skip(2)?,
            'p' | 'P' => self.skip_behind('}')?,
            'u' if self.chars.peek().is_some_and(|(_, c)| *c == '{') => self.skip_behind('}')?,
            'u' => {
                self.skip(4)?;
                // Two halves of a character are one.
                let unit = u32::from_str_radix(self.pattern.get(start + 2..start + 6)?, 16).ok()?;
                let low = self.pattern.get(start + 6..start + 8) == Some("\\u");
                if (0xd800..0xdc00).contains(&unit) && low {
                    self.skip(6)?;
                }
            }
            _ => {}
        }
        Some(Part::One(start..self.at()))
    }

    fn skip(&mut self, count: usize) -> Option<()> {
        (0..count).try_for_each(|_| self.next().map(drop))
    }

    /// How often the term before is repeated; none inside where nothing says so.
    fn quantifier(&mut self) -> Option<Option<(u32, Option<u32>)>> {
        let times = match self.chars.peek().map(|(_, c)| *c) {
            Some('*') => (0, None),
            Some('+') => (1, None),
            Some('?') => (0, Some(1)),
            Some('{') => {
                let start = self.at() + 1;
                self.skip_behind('}')?;
                let end = self.at() - 1;
                let (least, most) = match self.pattern.get(start..end)?.split_once(',') {
                    None => {
                        let times = number(self.pattern.get(start..end)?)?;
                        (times, Some(times))
                    }
                    Some((least, "")) => (number(least)?, None),
                    Some((least, most)) => (number(least)?, Some(number(most)?)),
                };
                return Some(Some((least, most)));
            }
            _ => return Some(None),
        };
        self.next();
        Some(Some(times))
    }
}

/// A number of times; more than can be counted are as many as can.
fn number(digits: &str) -> Option<u32> {
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| digits.parse().unwrap_or(u32::MAX))
}
