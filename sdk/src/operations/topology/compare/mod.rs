//! What a server has, against what a catalog wants.

mod consumer;
mod foreign;
mod patterns;
mod setting;
mod stream;
#[cfg(test)]
mod tests;

pub(super) use foreign::{missing_buckets, overlaps};

use super::actual::Actual;
use super::desired::Desired;
use super::{Class, Difference, Object};
use crate::catalog::Start;

/// Everything in which a server differs, in the order in which it can be put right. Of other streams and consumers only as
/// much as was read.
pub(super) fn compare(desired: &Desired, actual: &Actual) -> Vec<Difference> {
    let mut all = Vec::new();
    for wanted in &desired.streams {
        match actual.streams.get(&wanted.name) {
            Some(info) => all.extend(stream::compare(&desired.catalog, wanted, info)),
            None => all.push(stream::missing(wanted)),
        }
        all.extend(foreign::in_the_way(wanted, actual));
        all.extend(stream::unfinished(wanted, actual));
    }
    for wanted in &desired.consumers {
        let found = actual.consumers.get(&(wanted.stream.clone(), wanted.name.clone()));
        match found {
            Some(info) => {
                let mut differences = consumer::compare(&desired.catalog, wanted, info);
                if desired.is_external(&wanted.stream) {
                    consumer::leave_recreations(&mut differences);
                }
                all.extend(differences);
            }
            None => {
                let object = Object::consumer(&wanted.stream, &wanted.name);
                let from = match wanted.start {
                    Start::All => "with everything that the stream holds",
                    Start::New => "with what comes from now on",
                };
                let text = format!("does not exist; it would begin {from}");
                all.push(Difference::new(object, Class::Missing, text));
            }
        }
    }
    all.extend(foreign::beside(desired, actual));
    all
}
