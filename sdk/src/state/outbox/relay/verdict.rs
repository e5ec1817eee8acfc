//! What it means for the outbox when a publish fails.

use crate::BrokerError;

/// What becomes of an event that was not stored, and of others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The broker is away: everything waits.
    Away,
    /// The stream has not answered, as far as anybody knows it alone: what is for it waits.
    Silent,
    /// The stream takes nothing, or nothing from us: what is for it waits.
    Stream,
    /// It is being stored, or not yet: it alone waits, with what comes behind it.
    Event,
    /// It will never be taken.
    Dead,
    /// Nothing can be published any more.
    Over,
}

impl Verdict {
    /// Only what is known to be wrong with the event itself kills it. Servers learn new ways to say no, and most of them pass.
    pub(super) fn of(error: &BrokerError) -> Self {
        match error {
            BrokerError::Closed => Self::Over,
            BrokerError::TimedOut(_) => Self::Silent,
            error if error.is_unreachable() => Self::Away,
            // A copy of it is in flight.
            BrokerError::Refused { code: 10158, .. } => Self::Event,
            // By code: what is said of a message that cannot be sent at all, of its size, and of its headers' size.
            BrokerError::TooLarge { .. }
            | BrokerError::Conflict { .. }
            | BrokerError::Refused { code: 0 | 10054 | 10097, .. } => Self::Dead,
            _ => Self::Stream,
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
            (BrokerError::TimedOut(Duration::from_secs(5)), Verdict::Silent),
            (BrokerError::Unavailable("gone".into()), Verdict::Away),
            (BrokerError::Closed, Verdict::Over),
            (BrokerError::NoStream("a.b".into()), Verdict::Stream),
            (BrokerError::StreamMissing("A".into()), Verdict::Stream),
            (BrokerError::Denied("no".into()), Verdict::Stream),
            (refused(10077), Verdict::Stream),
            (refused(10060), Verdict::Stream),
            // The server has too much to do, the stream is sealed, it has no server at the moment, something new.
            (refused(10167), Verdict::Stream),
            (refused(10109), Verdict::Stream),
            (refused(10118), Verdict::Stream),
            (refused(19999), Verdict::Stream),
            (refused(10158), Verdict::Event),
            (refused(10054), Verdict::Dead),
            (refused(10097), Verdict::Dead),
            (refused(0), Verdict::Dead),
            (BrokerError::TooLarge { size: 2, limit: 1 }, Verdict::Dead),
        ] {
            assert_eq!(Verdict::of(&error), verdict, "{error}");
        }
    }
}
