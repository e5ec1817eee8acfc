//! Where a delivery stands, as the subject says on which it is answered.

use jiff::Timestamp;

/// What a reply subject says: `$JS.ACK.<stream>.<consumer>.<delivered>.<sequence>.<…>.<time>.<pending>`, or the same
/// behind a domain and an account, followed by a token that has no meaning.
#[derive(Debug, PartialEq)]
pub(super) struct Place {
    pub(super) delivered: u64,
    pub(super) sequence: u64,
    /// How many deliveries there were from this consumer, this one included.
    pub(super) consumer_sequence: u64,
    pub(super) time: Timestamp,
    /// How many messages it has not delivered yet.
    pub(super) pending: u64,
}

impl Place {
    pub(super) fn parse(reply: &str) -> Option<Self> {
        let (mut tokens, mut count, mut begin) = ([""; 12], 0, 0);
        for end in memchr::memchr_iter(b'.', reply.as_bytes()).take(tokens.len()) {
            tokens[count] = &reply[begin..end];
            (count, begin) = (count + 1, end + 1);
        }
        if count < tokens.len() {
            tokens[count] = &reply[begin..];
            count += 1;
        }
        let numbers = match &tokens[..count] {
            ["$JS", "ACK", _, _, numbers @ ..] if numbers.len() == 5 => numbers,
            ["$JS", "ACK", _, _, _, _, numbers @ ..] if numbers.len() >= 5 => numbers,
            _ => return None,
        };
        Some(Self {
            delivered: numbers[0].parse().ok()?,
            sequence: numbers[1].parse().ok()?,
            consumer_sequence: numbers[2].parse().ok()?,
            time: time(numbers[3].parse().ok()?)?,
            pending: numbers[4].parse().ok()?,
        })
    }
}

/// In 64 bits, as a division of twice as many takes as long as all of the rest.
fn time(nanoseconds: i64) -> Option<Timestamp> {
    const SECOND: i64 = 1_000_000_000;
    let rest = i32::try_from(nanoseconds.rem_euclid(SECOND)).ok()?;
    Timestamp::new(nanoseconds.div_euclid(SECOND), rest).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_of_the_reply_subject_are_read() {
        let place = Place {
            delivered: 2,
            sequence: 17,
            consumer_sequence: 9,
            pending: 3,
            time: Timestamp::from_nanosecond(1_700_000_000_123_456_789).expect("in range"),
        };
        for (reply, expected) in [
            ("$JS.ACK.ORDERS.billing.2.17.9.1700000000123456789.3", Some(&place)),
            ("$JS.ACK.hub.hash.ORDERS.billing.2.17.9.1700000000123456789.3", Some(&place)),
            ("$JS.ACK.hub.hash.ORDERS.billing.2.17.9.1700000000123456789.3.rand", Some(&place)),
            ("$JS.ACK.ORDERS.billing.2.17.9.x.3", None),
            ("_INBOX.abc", None),
        ] {
            assert_eq!(Place::parse(reply).as_ref(), expected, "{reply}");
        }
    }
}
