//! What opens the breaker around publishing, and what closes it.

use std::time::Duration;

use super::{Outcome, PublishError};
use crate::resilience::breaker::{Open, Permit, Settings};
use crate::{BrokerError, Tidings};

/// Each of these failures has lasted until the deadline. A probe does too, so that it meets the broker when it is back,
/// and pauses need not be long.
pub(crate) const BREAKER: Settings = Settings {
    failures: 3,
    first_pause: Duration::from_millis(500),
    longest_pause: Duration::from_secs(5),
};

/// Leave to publish.
pub(super) fn admit(bus: &Tidings, event_type: &'static str) -> Result<Permit, PublishError> {
    let permit = bus.publishing().admit();
    let permit =
        permit.map_err(|Open { probe_in }| PublishError::CircuitOpen { event_type, probe_in })?;
    if permit.is_probe() {
        tracing::info!(event_type, "publishing one event, to see whether the broker is back");
    }
    Ok(permit)
}

/// Tells the breaker what came of it, and the log.
pub(super) fn conclude(
    bus: &Tidings,
    permit: Permit,
    event_type: &'static str,
    id: &str,
    result: Result<Outcome, &PublishError>,
) {
    let outcome = result.unwrap_or_else(PublishError::outcome).as_str();
    match result {
        Ok(_) => tracing::debug!(event_type, id, outcome, "published"),
        Err(error) => tracing::debug!(event_type, id, outcome, %error, "not published"),
    }
    match answered(result) {
        Some(true) => permit.succeeded(bus.publishing()),
        Some(false) => permit.failed(bus.publishing()),
        // It says nothing about the broker.
        None => drop(permit),
    }
}

/// Whether the broker has answered, whatever it said.
fn answered(result: Result<Outcome, &PublishError>) -> Option<bool> {
    match result {
        Ok(_) | Err(PublishError::Unknown { source: BrokerError::Denied(_), .. }) => Some(true),
        Err(
            PublishError::Incomplete { .. }
            | PublishError::Unknown { source: BrokerError::Closed, .. },
        ) => None,
        Err(PublishError::Rejected { source, .. }) => match source {
            // A stream that is missing is missing for its own events alone; size and age are judged on this side.
            BrokerError::NoStream(_)
            | BrokerError::StreamMissing(_)
            | BrokerError::TooLarge { .. }
            | BrokerError::ServerTooOld { .. }
            | BrokerError::Closed => None,
            error => Some(!error.is_unreachable()),
        },
        Err(error) => match error.outcome() {
            Outcome::Unknown => Some(false),
            Outcome::Conflict => Some(true),
            _ => None,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::BreakerState;

    fn conclude(bus: &Tidings, error: &PublishError) {
        let permit = admit(bus, "a.b").expect("not open");
        super::conclude(bus, permit, "a.b", "7", Err(error));
    }

    fn unknown(source: BrokerError) -> PublishError {
        let (id, elapsed) = ("7".to_owned(), Duration::from_secs(30));
        PublishError::Unknown { event_type: "a.b", id, attempts: 9, elapsed, source }
    }

    fn rejected(source: BrokerError) -> PublishError {
        PublishError::Rejected { event_type: "a.b", source }
    }

    fn silence() -> BrokerError {
        BrokerError::TimedOut(Duration::from_secs(5))
    }

    #[tokio::test(start_paused = true)]
    async fn silence_opens_the_breaker_and_the_error_says_when_to_try() {
        let bus = Tidings::embedded();
        conclude(&bus, &unknown(silence()));
        conclude(&bus, &rejected(BrokerError::Unavailable("gone".into())));
        assert_eq!(bus.publish_breaker(), BreakerState::Closed { failures: 2 });
        conclude(&bus, &unknown(BrokerError::NoStream("a.b".into())));
        let error = admit(&bus, "a.b").expect_err("open");
        let words = error.to_string();
        assert!(words.contains("was not sent") && words.contains("may try in"), "{words}");
        assert_eq!((error.outcome(), error.is_unknown()), (Outcome::Rejected, false));

        tokio::time::advance(BREAKER.longest_pause).await;
        let _probe = admit(&bus, "a.b").expect("one may try");
        let words = admit(&bus, "a.b").expect_err("one at a time").to_string();
        assert!(words.contains("one is trying"), "{words}");
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_never_opens_the_breaker() {
        let bus = Tidings::embedded();
        let refused = || rejected(BrokerError::Refused { code: 10077, description: "full".into() });
        let answers: [fn() -> PublishError; 3] = [
            || rejected(BrokerError::Denied("no".into())),
            || PublishError::Conflict { event_type: "a.b", last: 3 },
            refused,
        ];
        for answer in answers {
            conclude(&bus, &unknown(silence()));
            conclude(&bus, &answer());
            assert_eq!(bus.publish_breaker(), BreakerState::Closed { failures: 0 });
        }
        let neither: [fn() -> PublishError; 5] = [
            || rejected(BrokerError::NoStream("a.b".into())),
            || rejected(BrokerError::TooLarge { size: 2, limit: 1 }),
            || {
                rejected(BrokerError::ServerTooOld {
                    what: "batch",
                    needed: "2.12",
                    server: "2.10.26".into(),
                })
            },
            || rejected(BrokerError::Closed),
            || unknown(BrokerError::Closed),
        ];
        conclude(&bus, &unknown(silence()));
        for _ in 0..3 {
            for error in neither {
                conclude(&bus, &error());
                assert_eq!(bus.publish_breaker(), BreakerState::Closed { failures: 1 });
            }
        }
        let incomplete =
            PublishError::Incomplete { event_type: "a.b", source: Box::new(refused()) };
        conclude(&bus, &incomplete);
        assert_eq!(bus.publish_breaker(), BreakerState::Closed { failures: 1 });
    }
}
