use std::fmt::Display;

use super::at::At;

/// The Rust types of numbers.
pub trait Numeric: Copy + PartialOrd + Display {
    /// Whether JSON can hold it.
    fn is_finite(self) -> bool;

    /// Whether it is a multiple of another; `divisor` is not 0.
    fn is_multiple_of(self, divisor: Self) -> bool;
}

impl Numeric for i64 {
    fn is_finite(self) -> bool {
        true
    }

    fn is_multiple_of(self, divisor: Self) -> bool {
        self.checked_rem(divisor).is_none_or(|rest| rest == 0)
    }
}

impl Numeric for u64 {
    fn is_finite(self) -> bool {
        true
    }

    fn is_multiple_of(self, divisor: Self) -> bool {
        self.checked_rem(divisor).is_none_or(|rest| rest == 0)
    }
}

impl Numeric for f64 {
    fn is_finite(self) -> bool {
        self.is_finite()
    }

    fn is_multiple_of(self, divisor: Self) -> bool {
        tidings_constraints::is_multiple(self, divisor)
    }
}

/// A number that is being checked.
#[derive(Clone, Copy, Debug)]
pub struct Number<'a, N> {
    at: At<'a>,
    number: N,
    /// It is no number of JSON: that is reported, and nothing else of it.
    finite: bool,
}

impl<'a, N: Numeric> Number<'a, N> {
    pub(super) fn new(at: At<'a>, number: N) -> Self {
        let finite = number.is_finite();
        let new = Self { at, number, finite };
        if !finite {
            at.report_value("type", &"a finite number", &number);
        }
        new
    }

    /// `minimum`.
    pub fn minimum(self, bound: N) -> Self {
        self.expect(self.number >= bound, "minimum", bound)
    }

    /// `exclusiveMinimum`.
    pub fn exclusive_minimum(self, bound: N) -> Self {
        self.expect(self.number > bound, "exclusiveMinimum", bound)
    }

    /// `maximum`.
    pub fn maximum(self, bound: N) -> Self {
        self.expect(self.number <= bound, "maximum", bound)
    }

    /// `exclusiveMaximum`.
    pub fn exclusive_maximum(self, bound: N) -> Self {
        self.expect(self.number < bound, "exclusiveMaximum", bound)
    }

    /// `multipleOf`.
    pub fn multiple_of(self, divisor: N) -> Self {
        self.expect(!self.finite || self.number.is_multiple_of(divisor), "multipleOf", divisor)
    }

    /// `enum`, or `const` where there is one.
    pub fn one_of(self, values: &[N]) -> Self {
        if self.finite && !values.contains(&self.number) {
            let words: Vec<String> = values.iter().map(ToString::to_string).collect();
            match words.as_slice() {
                [only] => self.at.report_value("const", only, &self.number),
                words => self.at.report_value("enum", &words.join(", "), &self.number),
            }
        }
        self
    }

    fn expect(self, fits: bool, keyword: &'static str, demand: N) -> Self {
        if self.finite && !fits {
            self.at.report_value(keyword, &demand, &self.number);
        }
        self
    }
}
