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
        tidings_payload::is_multiple(self, divisor)
    }
}

/// A number that is being checked.
#[derive(Debug)]
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
        let fits = self.number >= bound;
        self.expect(fits, "minimum", bound)
    }

    /// `exclusiveMinimum`.
    pub fn exclusive_minimum(self, bound: N) -> Self {
        let fits = self.number > bound;
        self.expect(fits, "exclusiveMinimum", bound)
    }

    /// `maximum`.
    pub fn maximum(self, bound: N) -> Self {
        let fits = self.number <= bound;
        self.expect(fits, "maximum", bound)
    }

    /// `exclusiveMaximum`.
    pub fn exclusive_maximum(self, bound: N) -> Self {
        let fits = self.number < bound;
        self.expect(fits, "exclusiveMaximum", bound)
    }

    /// `multipleOf`.
    pub fn multiple_of(self, divisor: N) -> Self {
        let fits = !self.finite || self.number.is_multiple_of(divisor);
        self.expect(fits, "multipleOf", divisor)
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

#[cfg(test)]
#[expect(clippy::drop_non_drop, reason = "calls of a chain whose end has no value")]
mod tests {
    use crate::contract::validation::found;

    #[test]
    fn bounds_are_as_inclusive_as_they_say() {
        for number in [1_i64, 5, 10] {
            assert!(found(|at| drop(at.number(&number).minimum(1).maximum(10))).is_empty());
        }
        assert_eq!(
            found(|at| drop(at.number(&0_i64).minimum(1).maximum(10))),
            ["the payload: found 0, where `minimum` is 1"]
        );
        assert_eq!(
            found(|at| drop(at.number(&0.5).exclusive_minimum(0.5).exclusive_maximum(1.0))),
            ["the payload: found 0.5, where `exclusiveMinimum` is 0.5"]
        );
        assert_eq!(
            found(|at| drop(at.number(&1.0).exclusive_minimum(0.5).exclusive_maximum(1.0))),
            ["the payload: found 1, where `exclusiveMaximum` is 1"]
        );
    }

    #[test]
    fn large_numbers_stay_exact() {
        let large = u64::MAX - 1;
        assert!(found(|at| drop(at.number(&large).minimum(1 << 63).maximum(large))).is_empty());
        assert_eq!(found(|at| drop(at.number(&u64::MAX).maximum(large))).len(), 1);
        assert_eq!(found(|at| drop(at.number(&u64::MAX).multiple_of(2))).len(), 1);
        assert!(found(|at| drop(at.number(&i64::MIN).multiple_of(-1))).is_empty());
        assert!(found(|at| drop(at.number(&i64::MIN).minimum(i64::MIN).multiple_of(2))).is_empty());
    }

    #[test]
    fn zero_has_no_sign() {
        assert!(found(|at| drop(at.number(&-0.0).minimum(0.0).multiple_of(0.1))).is_empty());
        assert!(found(|at| drop(at.number(&-0.0).one_of(&[0.0]))).is_empty());
        assert_eq!(found(|at| drop(at.number(&-0.0).exclusive_minimum(0.0))).len(), 1);
    }

    #[test]
    fn what_json_cannot_write_is_refused_once() {
        for number in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            let words = found(|at| {
                at.number(&number).minimum(0.0).maximum(1.0).multiple_of(0.1).one_of(&[0.5]);
            });
            let expected = format!("the payload: found {number}, where `type` is a finite number");
            assert_eq!(words, [expected]);
        }
        assert!(found(|at| drop(at.number(&f64::MAX))).is_empty());
    }

    #[test]
    fn steps_and_constants_are_named() {
        assert!(found(|at| drop(at.number(&0.3).multiple_of(0.1))).is_empty());
        assert_eq!(
            found(|at| drop(at.number(&0.35).multiple_of(0.1))),
            ["the payload: found 0.35, where `multipleOf` is 0.1"]
        );
        assert_eq!(
            found(|at| drop(at.number(&4_u64).one_of(&[1, 2, 3]))),
            ["the payload: found 4, where `enum` is 1, 2, 3"]
        );
        assert_eq!(
            found(|at| drop(at.number(&4_u64).one_of(&[1]))),
            ["the payload: found 4, where `const` is 1"]
        );
        assert_eq!(
            found(|at| at.only(true, false)),
            ["the payload: found true, where `const` is false"]
        );
    }
}
