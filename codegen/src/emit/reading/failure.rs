//! What becomes of an event that a subscription cannot handle.

use super::super::markdown::text::{code, link, list};
use crate::facts;
use crate::model::{Catalog, Retry, Service, Subscription};

/// More delays than this are not written out.
const SHOWN: usize = 8;

/// When a failed event comes again.
pub(in crate::emit) fn again(retry: &Retry) -> String {
    let further = usize::try_from(retry.attempts.saturating_sub(1)).unwrap_or(usize::MAX);
    if further == 0 {
        return "it does not come again: there is one attempt".to_owned();
    }
    let delay = |number: usize| retry.backoff.get(number).or(retry.backoff.last());
    let delays = (0..further.min(SHOWN)).filter_map(delay).map(|delay| facts::duration(*delay));
    let more = if further > SHOWN { ", …" } else { "" };
    let vary = match (retry.jitter * 100.0).round() {
        none if none <= 0.0 => String::new(),
        percent => format!(", each up to {percent}% more or less"),
    };
    format!("it comes again after {}{more}{vary}", list(delays))
}

/// What becomes of it after its last attempt.
pub(in crate::emit) fn last(
    catalog: &Catalog,
    service: &Service,
    subscription: &Subscription,
) -> String {
    let letters = &catalog.dead_letters;
    let subject = format!("{}.{}.{}.<event>", letters.subject, service.name, subscription.name);
    let which = match subscription.retry.attempts {
        0 | 1 => "after the first failure".to_owned(),
        attempts => format!("after {attempts} failures"),
    };
    format!(
        "{which} it is kept in {} under {}, with the reason, and the subscription goes on without it",
        link("stream", &letters.stream),
        code(&subject),
    )
}

/// What waits for an event that comes again.
pub(in crate::emit) fn meanwhile(subscription: &Subscription) -> &'static str {
    match (subscription.ordered_by_key, subscription.partitions.is_empty()) {
        (false, _) => "nothing waits for it",
        (true, true) => "later events of its key wait for it",
        (true, false) => "later events of its partition wait for it",
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn delays_are_written_out() {
        for (attempts, jitter, text) in [
            (1, 0.2, "it does not come again: there is one attempt"),
            (2, 0.0, "it comes again after 1s"),
            (4, 0.2, "it comes again after 1s, 4s, 4s, each up to 20% more or less"),
            (99, 0.0, "it comes again after 1s, 4s, 4s, 4s, 4s, 4s, 4s, 4s, …"),
        ] {
            let backoff = vec![Duration::from_secs(1), Duration::from_secs(4)];
            assert_eq!(again(&Retry { attempts, backoff, jitter }), text);
        }
    }
}
