use tidings::{Upcast, UpcastError};

use crate::shop::payments::{v1, v2};
use crate::shop::types::Money;

shown!(1);

#[test]
fn euros_become_cents() {
    let old: v1::PaymentProcessed = tidings::testing::example();
    let new = v2::PaymentProcessed::upcast(old).expect("it is an amount");
    assert_eq!((new.amount.amount_minor, &*new.amount.currency), (9438, "EUR"));
}
