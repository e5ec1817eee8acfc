use serde::{Deserialize, Serialize};

/// The middle of some values, and the quarters below and above which the outer ones lie.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, Serialize)]
pub struct Spread {
    /// As many are below as above.
    pub median: f64,
    /// A quarter is below.
    pub lower_quartile: f64,
    /// A quarter is above.
    pub upper_quartile: f64,
}

impl Spread {
    /// Not a number where there are no values.
    #[must_use]
    pub fn of(mut values: Vec<f64>) -> Self {
        values.sort_by(f64::total_cmp);
        let at = |quarters: usize| {
            let place = values.len().saturating_sub(1) * quarters;
            let (below, part) = (place / 4, (place % 4) as f64 / 4.0);
            let low = values.get(below).copied().unwrap_or(f64::NAN);
            let high = values.get(below + 1).copied().unwrap_or(low);
            low + (high - low) * part
        };
        Self { median: at(2), lower_quartile: at(1), upper_quartile: at(3) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quartiles_lie_between_the_values_where_there_is_none() {
        for (values, [lower_quartile, median, upper_quartile]) in [
            (vec![3.0], [3.0, 3.0, 3.0]),
            (vec![2.0, 1.0], [1.25, 1.5, 1.75]),
            (vec![5.0, 1.0, 4.0, 2.0, 3.0], [2.0, 3.0, 4.0]),
        ] {
            let expected = Spread { median, lower_quartile, upper_quartile };
            assert_eq!(Spread::of(values), expected);
        }
    }
}
