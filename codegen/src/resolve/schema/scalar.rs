//! Strings and numbers.

use super::reader::Reader;
use crate::codes;
use crate::model::{Bound, Encoding, Format, Integer, Number, Text};
use crate::pattern;
use crate::syntax::{closest, list};
use crate::yaml::{Kind, Node};

impl Reader<'_, '_, '_> {
    /// Reads a string.
    pub(super) fn string(&mut self, node: &Node) -> Text {
        let (min_length, max_length) =
            (self.count(node, "minLength"), self.count(node, "maxLength"));
        self.check_bounds(node, ("minLength", min_length), ("maxLength", max_length));
        let format = node.get("format").and_then(|written| {
            let name = written.text().unwrap_or_default();
            let format = Format::named(name);
            if format.is_none() {
                let finding = codes::SCHEMA_VALUE
                    .at(written.span, format!("there is no format {}", written.describe()));
                let known: Vec<&str> = crate::format::known().collect();
                self.cx.found.push(match closest(name, known.iter().copied()) {
                    Some(meant) => finding.labelled(format!("did you mean `{meant}`?")),
                    None => finding.help(format!("the formats are {}", list(&known))),
                });
            }
            format
        });
        let patterns = self.patterns(node);
        let known = Encoding::ALL.map(Encoding::name);
        let expected = format!("one of {}", list(&known));
        let encoding = self.keyword(node, "contentEncoding", &expected, |written| {
            Encoding::ALL.into_iter().find(|one| Some(one.name()) == written.text())
        });
        Text { format, patterns, min_length, max_length, encoding }
    }

    /// Every `pattern`: several only where schemas were joined.
    fn patterns(&mut self, node: &Node) -> Vec<String> {
        let Kind::Mapping(entries) = &node.kind else { return Vec::new() };
        let written = entries.iter().filter(|(key, _)| key.text == "pattern");
        written.filter_map(|(_, value)| self.pattern(value)).collect()
    }

    pub(super) fn pattern(&mut self, written: &Node) -> Option<String> {
        let Some(pattern) = written.text().filter(|text| !text.is_empty()) else {
            let message = format!("`pattern` takes a text, not {}", written.describe());
            self.cx.found.push(codes::SCHEMA_VALUE.at(written.span, message));
            return None;
        };
        if let Err(words) = pattern::read(pattern) {
            let finding = codes::PATTERN_SYNTAX
                .at(written.span, "`pattern` is not a regular expression")
                .labelled(words);
            // Many a pattern was written for an engine that is less strict.
            let is_lax = regress::Regex::new(pattern).is_ok();
            self.cx.found.push(match is_lax {
                true => finding.help("patterns have the flag `u` of ECMA-262: a backslash stands before syntax and classes only, and `-` at an end of `[…]`"),
                false => finding,
            });
            return None;
        }
        if let Some(part) = pattern::slow_part(pattern) {
            self.cx.found.push(
                codes::SLOW_PATTERN
                    .at(written.span, "`pattern` takes exponential time on texts that it does not match")
                    .labelled(format!("`{part}` matches the same text in many ways"))
                    .help("let what is repeated begin or end with something that only stands there: `(a+)+` is `a+`, and `(\\w+ ?)+` is `\\w+( \\w+)* ?`"),
            );
        }
        Some(pattern.to_owned())
    }

    /// Reads a whole number.
    pub(super) fn integer(&mut self, node: &Node) -> Integer {
        let above = self.whole_bound(node, "exclusiveMinimum").map(|bound| bound + 1);
        let below = self.whole_bound(node, "exclusiveMaximum").map(|bound| bound - 1);
        let minimum = self.whole_bound(node, "minimum").max(above);
        let maximum = self.whole_bound(node, "maximum");
        let maximum = [maximum, below].into_iter().flatten().min();
        let low = if minimum == above && above.is_some() { "exclusiveMinimum" } else { "minimum" };
        let high = if maximum == below && below.is_some() { "exclusiveMaximum" } else { "maximum" };
        self.check_bounds(node, (low, minimum), (high, maximum));
        let expected = "a whole number from 1";
        let multiple_of = self.keyword(node, "multipleOf", expected, |written| {
            written.to_value().as_u64().filter(|step| *step > 0)
        });
        Integer { minimum, maximum, multiple_of, values: Vec::new() }
    }

    /// Reads a number.
    pub(super) fn number_shape(&mut self, node: &Node) -> Number {
        let bound = |exclusive| move |value| Bound { value, exclusive };
        let minimum = self.number_bound(node, "minimum").map(bound(false));
        let above = self.number_bound(node, "exclusiveMinimum").map(bound(true));
        let maximum = self.number_bound(node, "maximum").map(bound(false));
        let below = self.number_bound(node, "exclusiveMaximum").map(bound(true));
        // Of two bounds the one counts that lets less through.
        let minimum = match (minimum, above) {
            (Some(minimum), Some(above)) if minimum.value > above.value => Some(minimum),
            (minimum, above) => above.or(minimum),
        };
        let maximum = match (maximum, below) {
            (Some(maximum), Some(below)) if maximum.value < below.value => Some(maximum),
            (maximum, below) => below.or(maximum),
        };
        let named = |bound: Option<Bound>, inclusive, exclusive| match bound {
            Some(bound) if bound.exclusive => (exclusive, Some(bound.value)),
            bound => (inclusive, bound.map(|bound| bound.value)),
        };
        self.check_bounds(
            node,
            named(minimum, "minimum", "exclusiveMinimum"),
            named(maximum, "maximum", "exclusiveMaximum"),
        );
        let multiple_of = self.keyword(node, "multipleOf", "a number above 0", |written| {
            written.to_value().as_f64().filter(|step| *step > 0.0)
        });
        Number { minimum, maximum, multiple_of, values: Vec::new() }
    }

    fn whole_bound(&mut self, node: &Node, keyword: &str) -> Option<i128> {
        if self.is_flag_of_draft_4(node, keyword) {
            return None;
        }
        self.keyword(node, keyword, "a whole number of 64 bits", |written| {
            let value = written.to_value();
            let float = value.as_f64().filter(|float| float.fract() == 0.0 && float.abs() < 1e15);
            let whole = value.as_i64().map(i128::from).or(value.as_u64().map(i128::from));
            whole.or(float.map(|float| float as i128))
        })
    }

    fn number_bound(&mut self, node: &Node, keyword: &str) -> Option<f64> {
        if self.is_flag_of_draft_4(node, keyword) {
            return None;
        }
        self.keyword(node, keyword, "a number", |written| written.to_value().as_f64())
    }

    /// Reports the form that `exclusiveMinimum` had in draft 4: `true` beside a `minimum`.
    fn is_flag_of_draft_4(&mut self, node: &Node, keyword: &str) -> bool {
        let Some(written) = node.get(keyword).filter(|written| written.boolean().is_some()) else {
            return false;
        };
        let inclusive = if keyword == "exclusiveMinimum" { "minimum" } else { "maximum" };
        let bound = node.get(inclusive).and_then(Node::text).unwrap_or("…");
        let help = match written.boolean() {
            Some(true) => format!("write `{keyword}: {bound}` instead of `{inclusive}: {bound}`"),
            _ => "leave it out".to_owned(),
        };
        self.cx.found.push(
            codes::SCHEMA_VALUE
                .at(written.span, format!("`{keyword}` is the bound itself since draft 6"))
                .help(help),
        );
        true
    }
}
