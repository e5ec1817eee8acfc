//! Amounts for people.

use event_catalog::types::Money;

/// `94.38 EUR`. The shop trades in currencies of a hundred cents.
pub(crate) fn euros(amount: &Money) -> String {
    let Money { amount_minor, currency } = amount;
    format!("{}.{:02} {currency}", amount_minor / 100, amount_minor % 100)
}
