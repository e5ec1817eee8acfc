//! What it means for the outbox when a publish fails.

use crate::BrokerError;

/// What becomes of an event that was not stored, and of others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The broker is away: everything waits.
    Away,
    /// Something is wrong with the stream, its permissions or the account: what is for this stream waits.
    Stream,
    /// It is being stored, or not yet: it alone waits, with what comes behind it.
    Event,
    /// It will never be taken.
    Dead,
    /// Nothing can be published any more.
    Over,
}

impl Verdict {
    pub(super) fn of(error: &BrokerError) -> Self {
        match error {
            BrokerError::Closed => Self::Over,
            error if error.is_unreachable() => Self::Away,
            // A copy of it is in flight.
            BrokerError::Refused { code: 10158, .. } => Self::Event,
            error if error.is_transient() => Self::Stream,
            // By code: the account's limits are reached, or the store's; the subject belongs to another stream.
            BrokerError::Denied(_)
            | BrokerError::ServerTooOld { .. }
            | BrokerError::Refused { code: 10002 | 10028 | 10047 | 10060, .. } => Self::Stream,
            _ => Self::Dead,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn only_what_is_wrong_with_the_event_itself_kills_it() {
        let refused = |code| BrokerError::Refused { code, description: String::new() };
        for (error, verdict) in [
            (BrokerError::TimedOut(Duration::from_secs(5)), Verdict::Away),
            (BrokerError::Unavailable("gone".into()), Verdict::Away),
            (BrokerError::Closed, Verdict::Over),
            (BrokerError::NoStream("a.b".into()), Verdict::Stream),
            (BrokerError::StreamMissing("A".into()), Verdict::Stream),
            (BrokerError::Denied("no".into()), Verdict::Stream),
            (refused(10077), Verdict::Stream),
            (refused(10060), Verdict::Stream),
            (refused(10158), Verdict::Event),
            (refused(10054), Verdict::Dead),
            (refused(0), Verdict::Dead),
            (BrokerError::TooLarge { size: 2, limit: 1 }, Verdict::Dead),
        ] {
            assert_eq!(Verdict::of(&error), verdict, "{error}");
        }
    }
}
