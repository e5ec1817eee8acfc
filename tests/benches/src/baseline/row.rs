use serde::{Deserialize, Serialize};

use super::Spread;

/// So much may always be chance: of what was measured on a clock, and of what was counted.
const MEASURED: f64 = 0.05;
const COUNTED: f64 = 0.02;

/// One figure of a run.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct Row {
    /// What it is of: the same in each run.
    pub name: String,
    /// Which way is up.
    pub better: Better,
    /// The figure.
    pub median: f64,
    /// Where its rounds lie, lower and upper; none for what comes out the same each time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quartiles: Option<[f64; 2]>,
}

/// Whether less of it is better, or more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Better {
    /// As with time.
    Less,
    /// As with speed.
    More,
}

/// What became of a figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Beyond chance.
    Better,
    /// As far as the rounds tell.
    Same,
    /// Beyond chance.
    Worse,
}

/// A figure beside the one that is saved.
#[derive(Clone, Debug, PartialEq)]
pub struct Judged {
    /// Of the row.
    pub name: String,
    /// The figure that is saved.
    pub saved: f64,
    /// The figure that was found.
    pub found: f64,
    /// What was found beyond what is saved, as a part of it.
    pub change: f64,
    /// Which change may be chance, as a part of what is saved.
    pub tolerance: f64,
    /// What that comes to.
    pub verdict: Verdict,
}

impl Row {
    /// A figure that was counted.
    pub fn exact(name: impl Into<String>, better: Better, figure: f64) -> Self {
        Self { name: name.into(), better, median: figure, quartiles: None }
    }

    /// A figure of several rounds.
    pub fn spread(name: impl Into<String>, better: Better, spread: Spread) -> Self {
        let Spread { median, lower_quartile, upper_quartile } = spread;
        let quartiles = Some([lower_quartile, upper_quartile]);
        Self { name: name.into(), better, median, quartiles }
    }

    /// Compares it with what is saved. A change is chance as long as it is no more than the rounds of both runs reach towards
    /// each other (from their medians to the quartiles in between), and some hundredths.
    #[must_use]
    pub fn judge(&self, saved: &Self) -> Judged {
        let change = self.median / saved.median - 1.0;
        let (lower, upper) = if change < 0.0 { (self, saved) } else { (saved, self) };
        let reach = lower.upward() + upper.downward();
        let counted = self.quartiles.is_none() && saved.quartiles.is_none();
        let tolerance = if counted { COUNTED } else { MEASURED + reach / saved.median };
        let gain = match self.better {
            Better::Less => -change,
            Better::More => change,
        };
        let verdict = match gain {
            gain if gain > tolerance => Verdict::Better,
            gain if gain >= -tolerance => Verdict::Same,
            // Not a number is no better.
            _ => Verdict::Worse,
        };
        let (saved, found) = (saved.median, self.median);
        Judged { name: self.name.clone(), saved, found, change, tolerance, verdict }
    }

    fn upward(&self) -> f64 {
        self.quartiles.map_or(0.0, |[_, upper]| upper - self.median)
    }

    fn downward(&self) -> f64 {
        self.quartiles.map_or(0.0, |[lower, _]| self.median - lower)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ratio(median: f64, quartiles: [f64; 2]) -> Row {
        let quartiles = Some(quartiles);
        Row { name: "publish".to_owned(), better: Better::More, median, quartiles }
    }

    #[test]
    fn a_count_may_change_by_two_hundredths() {
        let saved = Row::exact("write", Better::Less, 1000.0);
        for (found, verdict) in [
            (970.0, Verdict::Better),
            (985.0, Verdict::Same),
            (1000.0, Verdict::Same),
            (1019.0, Verdict::Same),
            (1021.0, Verdict::Worse),
        ] {
            let judged = Row::exact("write", Better::Less, found).judge(&saved);
            assert_eq!(judged.verdict, verdict, "{found}");
            assert!((judged.change - (found / 1000.0 - 1.0)).abs() < 1e-9);
        }
    }

    #[test]
    fn a_measure_may_change_as_far_as_the_rounds_reach_and_five_hundredths() {
        let saved = ratio(1.0, [0.97, 1.04]);
        for (found, quartiles, verdict) in [
            // Towards the saved one reach 0.03 of its own rounds, and what the found one's upper quartile is above it.
            (0.90, [0.89, 0.91], Verdict::Worse),
            (0.91, [0.90, 0.95], Verdict::Same),
            (0.93, [0.90, 0.95], Verdict::Same),
            (1.10, [1.02, 1.11], Verdict::Same),
            (1.12, [1.10, 1.13], Verdict::Better),
            (0.50, [0.49, 0.51], Verdict::Worse),
        ] {
            let judged = ratio(found, quartiles).judge(&saved);
            assert_eq!(judged.verdict, verdict, "{found} of {quartiles:?}: {judged:?}");
        }
    }

    #[test]
    fn where_less_is_better_more_is_worse() {
        let saved = Row { better: Better::Less, ..ratio(1.2, [1.1, 1.3]) };
        let found = |median: f64| Row { better: Better::Less, ..ratio(median, [median, median]) };
        assert_eq!(found(1.0).judge(&saved).verdict, Verdict::Better);
        assert_eq!(found(1.3).judge(&saved).verdict, Verdict::Same);
        assert_eq!(found(1.4).judge(&saved).verdict, Verdict::Worse);
    }

    #[test]
    fn what_came_to_nothing_is_worse() {
        let saved = ratio(1.0, [0.9, 1.1]);
        let found = Row::spread("publish", Better::More, Spread::of(Vec::new()));
        assert_eq!(found.judge(&saved).verdict, Verdict::Worse);
    }
}
