use std::fmt::{self, Display};

use tidings_payload::{Encoding, Format};

use super::at::{At, Count};
use super::pattern::Pattern;
use crate::encryption::ERASED;

/// The most characters of a text that are told.
const SHOWN: usize = 60;

/// A string that is being checked: a value, or the name of a property.
#[derive(Debug)]
pub struct Text<'a> {
    at: At<'a>,
    text: &'a str,
    is_name: bool,
    /// It stands for a personal value that was erased: what held of that cannot hold of it.
    is_erased: bool,
}

impl<'a> Text<'a> {
    pub(super) fn of_value(at: At<'a>, text: &'a str) -> Self {
        let is_erased = at.is_personal() && text == ERASED;
        Self { at, text, is_name: false, is_erased }
    }

    pub(super) fn of_name(at: At<'a>, text: &'a str) -> Self {
        Self { at, text, is_name: true, is_erased: false }
    }

    /// `minLength`, in characters.
    pub fn min_length(self, least: usize) -> Self {
        // A character has up to four bytes: most texts need not be counted.
        if self.text.len() < least.saturating_mul(4) {
            self.length("minLength", least, |length| length >= least);
        }
        self
    }

    /// `maxLength`, in characters.
    pub fn max_length(self, most: usize) -> Self {
        if self.text.len() > most {
            self.length("maxLength", most, |length| length <= most);
        }
        self
    }

    fn length(&self, keyword: &'static str, limit: usize, fits: impl Fn(usize) -> bool) {
        let length = self.text.chars().count();
        if !fits(length) {
            self.report(keyword, &limit, &Count(length, "character", "characters"));
        }
    }

    /// `pattern`.
    pub fn pattern(self, pattern: &Pattern) -> Self {
        if !pattern.matches(self.text) {
            self.report_text("pattern", &format_args!("`{}`", pattern.source()));
        }
        self
    }

    /// `format`.
    pub fn format(self, format: Format) -> Self {
        if !format.fits(self.text) {
            self.report_text("format", &format_args!("`{}`", format.name()));
        }
        self
    }

    /// `contentEncoding`.
    pub fn encoding(self, encoding: Encoding) -> Self {
        if !encoding.fits(self.text) {
            self.report_text("contentEncoding", &format_args!("`{}`", encoding.name()));
        }
        self
    }

    /// `enum`, of a name: a value has a type of its own then.
    pub fn one_of(self, values: &[&str]) -> Self {
        if !values.contains(&self.text) {
            let values: Vec<String> = values.iter().map(|value| format!("{value:?}")).collect();
            self.report_text("enum", &values.join(", "));
        }
        self
    }

    #[cold]
    fn report_text(&self, keyword: &'static str, demand: &dyn Display) {
        if self.is_erased {
            return;
        }
        let (keyword, named) = self.keyword(keyword, demand);
        self.at.report_value(keyword, &named, &Shown(self.text));
    }

    #[cold]
    fn report(&self, keyword: &'static str, demand: &dyn Display, found: &dyn Display) {
        if self.is_erased {
            return;
        }
        let (keyword, named) = self.keyword(keyword, demand);
        self.at.report(keyword, &named, found);
    }

    /// What a name breaks is `propertyNames`, whatever stands in that.
    fn keyword<'d>(
        &self,
        keyword: &'static str,
        demand: &'d dyn Display,
    ) -> (&'static str, Demand<'d>) {
        match self.is_name {
            true => ("propertyNames", Demand { keyword: Some(keyword), demand }),
            false => (keyword, Demand { keyword: None, demand }),
        }
    }
}

/// What a keyword demands, behind the keyword where that stands in another.
struct Demand<'d> {
    keyword: Option<&'static str>,
    demand: &'d dyn Display,
}

impl Display for Demand<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.keyword {
            Some(keyword) => write!(f, "`{keyword}` {}", self.demand),
            None => self.demand.fmt(f),
        }
    }
}

/// A text in quotes, on one line, and not too long.
struct Shown<'t>(&'t str);

impl Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.char_indices().nth(SHOWN) {
            Some((end, _)) => write!(f, "{:?}…", &self.0[..end]),
            None => write!(f, "{:?}", self.0),
        }
    }
}

#[cfg(test)]
#[expect(clippy::drop_non_drop, reason = "calls of a chain whose end has no value")]
mod tests {
    use super::*;
    use crate::contract::validation::found;

    #[test]
    fn lengths_count_characters() {
        // Two letters, one of which is a letter and an accent: three characters, as JSON Schema counts.
        let accented = "ae\u{301}";
        for text in ["abc", "äöü", "日本語", "😀😀😀", accented] {
            assert!(
                found(|at| drop(at.text(text).min_length(3).max_length(3))).is_empty(),
                "{text}"
            );
            assert_eq!(
                found(|at| drop(at.text(text).min_length(4))),
                ["the payload: found 3 characters, where `minLength` is 4"]
            );
            assert_eq!(
                found(|at| drop(at.text(text).max_length(2))),
                ["the payload: found 3 characters, where `maxLength` is 2"]
            );
        }
        assert!(found(|at| drop(at.text("").min_length(0).max_length(0))).is_empty());
        assert_eq!(
            found(|at| drop(at.text("a").max_length(0))),
            ["the payload: found 1 character, where `maxLength` is 0"]
        );
    }

    #[test]
    fn a_pattern_may_match_anywhere() {
        let matches = |source, text: &str| {
            let pattern = Pattern::new(source);
            found(|at| drop(at.text(text).pattern(&pattern))).is_empty()
        };
        assert!(matches("b", "abc"));
        assert!(matches("^.$", "😀"), "a character is one, however many units it has");
        assert!(matches(r"^\p{Lu}\d+$", "Ä1"));
        assert!(matches("^(?=.*[a-z])(?=.*[0-9]).+$", "a1"), "as in ECMA-262");
        assert!(!matches("^b", "abc"));
        assert!(!matches("(", "("), "what cannot be read matches nothing");
    }

    #[test]
    fn formats_and_encodings_are_checked() {
        assert!(found(|at| drop(at.text("ada@example.com").format(Format::Email))).is_empty());
        assert_eq!(
            found(|at| drop(at.text("ada").format(Format::Email))),
            ["the payload: found \"ada\", where `format` is `email`"]
        );
        assert_eq!(
            found(|at| drop(at.text("a").encoding(Encoding::Base64))),
            ["the payload: found \"a\", where `contentEncoding` is `base64`"]
        );
    }

    #[test]
    fn what_is_told_of_a_text_is_short_and_on_one_line() {
        let long = "ä\n".repeat(1000);
        let words = found(|at| drop(at.text(&long).format(Format::Email)));
        let start = r"ä\n".repeat(SHOWN / 2);
        assert_eq!(words, [format!("the payload: found \"{start}\"…, where `format` is `email`")]);
    }

    #[test]
    fn personal_data_is_not_told() {
        let pattern = Pattern::new("^x$");
        let words = found(|at| {
            at.personal().text("ada").format(Format::Email).pattern(&pattern).min_length(9);
        });
        assert_eq!(words.len(), 3);
        assert!(words.iter().all(|words| !words.contains("ada")), "{words:?}");
    }
}
