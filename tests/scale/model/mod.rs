//! What a rate takes: arithmetic over what was measured and what is assumed, each line of it printed.

mod assumptions;
mod costs;
mod need;

use crate::Outcome;
use crate::arguments::Question;
use crate::figures::Figures;
use crate::report;

pub(crate) use assumptions::Assumptions;
pub(crate) use costs::Costs;
pub(crate) use need::Need;

/// Answers from the figures of an earlier run.
pub(crate) fn print(question: &Question) -> Outcome {
    let figures = Figures::read(&question.figures)?;
    let assumptions = figures.assumptions.with(&question.assume)?;
    report::print_model(&question.rates, &figures.costs, &assumptions)
}
