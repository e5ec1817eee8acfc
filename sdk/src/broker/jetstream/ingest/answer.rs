//! What a server says of a load, and of which of its messages.

use std::borrow::Cow;

use async_nats::{Message, StatusCode};
use serde::Deserialize;

use super::Operation;
use crate::broker::BrokerError;
use crate::broker::jetstream::api;
use crate::broker::jetstream::word::Refusal;

/// JetStream's code for a stream that takes no loads.
const DISABLED: u64 = 10205;
/// And for a load that it does not know, or not any more.
pub(super) const UNKNOWN: u64 = 10208;

/// What a server says.
#[derive(Debug)]
pub(super) enum Answer {
    /// The messages up to this one are stored; it says so again after each so many.
    Flow { stored: u64, every: u64 },
    /// This message did not come, and one behind it did: the load ends before it.
    Gap { missing: u64 },
    /// It does not take this message, and none behind it.
    Refused { message: u64, error: BrokerError },
    /// It takes nothing more of the load, and does not say since when.
    Over { error: BrokerError },
    /// Nobody could be asked to end the load. A leader may be on its way that can.
    Nobody,
    /// The load has ended: so many are stored, the last one at this place. An end that does not say how many is not that of a
    /// load: the server has stored a message as any other.
    Ended { count: Option<u64>, last: u64 },
}

#[derive(Deserialize)]
struct Written<'a> {
    #[serde(borrow, rename = "type")]
    kind: Option<Cow<'a, str>>,
    #[serde(default)]
    seq: u64,
    #[serde(default)]
    msgs: u64,
    #[serde(default)]
    last_seq: u64,
    #[serde(borrow)]
    stream: Option<Cow<'a, str>>,
    count: Option<u64>,
    error: Option<Refusal>,
}

impl Answer {
    /// Reads what was said to the message whose answers come to `subject`, of a load of `stream`. Nothing where it is not the
    /// word of a stream: anybody who listens may answer too.
    pub(super) fn read(answer: &Message, stream: &str) -> Option<Self> {
        let asked = Asked::of(&answer.subject)?;
        if answer.status == Some(StatusCode::NO_RESPONDERS) {
            let nobody = "nobody answers for the stream any more".to_owned();
            return asked.refused(BrokerError::Unavailable(nobody));
        }
        let written: Written<'_> = serde_json::from_slice(&answer.payload).ok()?;
        let error = |refusal: Refusal| match refusal.err_code {
            DISABLED => BrokerError::TakesNoLoads(stream.to_owned()),
            code => api::refusal(code, refusal.description),
        };
        match (written.kind.as_deref(), written.error) {
            (Some("ack"), _) => Some(Self::Flow { stored: written.seq, every: written.msgs }),
            (Some("gap"), _) => Some(Self::Gap { missing: written.last_seq }),
            (Some("err"), Some(refusal)) => {
                Some(Self::Refused { message: written.seq, error: error(refusal) })
            }
            (None, Some(refusal)) => asked.refused(error(refusal)),
            (None, None) if written.stream.as_deref() == Some(stream) => {
                Some(Self::Ended { count: written.count, last: written.seq })
            }
            _ => None,
        }
    }
}

/// What is answered.
#[derive(Clone, Copy, Debug)]
enum Asked {
    Message(u64),
    /// The end of the load, which is stored nowhere; and the place of a message that would have come.
    End(u64),
    /// A sign of life, which is stored nowhere either.
    Ping,
}

impl Asked {
    /// `<inbox>.<load>.<every>.fail.<message>.<operation>.$FI`
    fn of(subject: &str) -> Option<Self> {
        let mut tokens = subject.rsplit('.').skip(1);
        let operation: u8 = tokens.next()?.parse().ok()?;
        let message = tokens.next()?.parse().ok()?;
        Some(match operation {
            ping if ping == Operation::Ping as u8 => Self::Ping,
            end if end == Operation::End as u8 => Self::End(message),
            _ => Self::Message(message),
        })
    }

    /// That of a sign of life says nothing of any message. Where it is not the end of the load, a leader may be on its way that
    /// takes what comes next.
    fn refused(self, error: BrokerError) -> Option<Answer> {
        match (self, &error) {
            (Self::End(_), error) if error.is_outage() => Some(Answer::Nobody),
            (Self::Message(message) | Self::End(message), _) => {
                Some(Answer::Refused { message, error })
            }
            (
                Self::Ping,
                BrokerError::TakesNoLoads(_) | BrokerError::Refused { code: UNKNOWN, .. },
            ) => Some(Answer::Over { error }),
            (Self::Ping, _) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(payload: &str) -> Option<Answer> {
        read_on("_INBOX.a.500.fail.7.1.$FI", payload)
    }

    fn read_on(subject: &str, payload: &str) -> Option<Answer> {
        let message = Message {
            subject: subject.into(),
            reply: None,
            payload: payload.to_owned().into(),
            headers: None,
            status: None,
            description: None,
            length: 0,
        };
        Answer::read(&message, "ORDERS")
    }

    #[test]
    fn a_server_says_how_far_it_has_come_what_it_misses_and_how_it_ends() {
        let ack = read(r#"{"type":"ack","seq":500,"msgs":250}"#);
        assert!(matches!(ack, Some(Answer::Flow { stored: 500, every: 250 })), "{ack:?}");
        let gap = read(r#"{"type":"gap","last_seq":6,"seq":9}"#);
        assert!(matches!(gap, Some(Answer::Gap { missing: 6 })), "{gap:?}");
        let full =
            r#"{"type":"err","seq":5,"error":{"code":503,"err_code":10077,"description":"full"}}"#;
        let full = read(full);
        let Some(Answer::Refused { message: 5, error }) = full else { panic!("{full:?}") };
        assert!(matches!(error, BrokerError::Refused { code: 10077, .. }), "{error}");
        let ended = read(r#"{"stream":"ORDERS","seq":70,"batch":"a","count":7}"#);
        assert!(matches!(ended, Some(Answer::Ended { count: Some(7), last: 70 })), "{ended:?}");
        let plain = read(r#"{"stream":"ORDERS","seq":70}"#);
        assert!(matches!(plain, Some(Answer::Ended { count: None, last: 70 })), "{plain:?}");
    }

    #[test]
    fn a_stream_that_takes_no_loads_says_so_of_the_message() {
        let disabled = r#"{"error":{"code":400,"err_code":10205,"description":"x"},"stream":"ORDERS","seq":0}"#;
        let disabled = read(disabled);
        let Some(Answer::Refused { message: 7, error }) = disabled else { panic!("{disabled:?}") };
        assert!(matches!(&error, BrokerError::TakesNoLoads(stream) if stream == "ORDERS"));
        assert!(error.to_string().contains("bulk: true"), "{error}");
    }

    #[test]
    fn the_answer_to_a_ping_says_nothing_of_a_message() {
        let ping = "_INBOX.a.500.fail.7.4.$FI";
        let unknown = r#"{"error":{"code":400,"err_code":10208},"stream":"ORDERS","seq":0}"#;
        let answer = read_on(ping, unknown);
        assert!(matches!(answer, Some(Answer::Over { .. })), "{answer:?}");
        let disabled = r#"{"error":{"code":400,"err_code":10205},"stream":"ORDERS","seq":0}"#;
        let answer = read_on(ping, disabled);
        let Some(Answer::Over { error: BrokerError::TakesNoLoads(_) }) = answer else {
            panic!("{answer:?}")
        };
        let busy = r#"{"error":{"code":503,"err_code":10023},"stream":"ORDERS","seq":0}"#;
        assert!(read_on(ping, busy).is_none());
        assert!(matches!(read(busy), Some(Answer::Refused { message: 7, .. })));
    }

    #[test]
    fn while_nobody_leads_a_message_is_refused_and_nothing_else_is_answered() {
        let nobody = |subject: &str| Message {
            subject: subject.into(),
            reply: None,
            payload: bytes::Bytes::new(),
            headers: None,
            status: Some(StatusCode::NO_RESPONDERS),
            description: None,
            length: 0,
        };
        assert!(Answer::read(&nobody("_INBOX.a.500.fail.7.4.$FI"), "ORDERS").is_none());
        let end = Answer::read(&nobody("_INBOX.a.500.fail.7.3.$FI"), "ORDERS");
        assert!(matches!(end, Some(Answer::Nobody)), "{end:?}");
        let busy = r#"{"error":{"code":503,"err_code":10008},"stream":"ORDERS","seq":0}"#;
        let busy = read_on("_INBOX.a.500.fail.7.3.$FI", busy);
        assert!(matches!(busy, Some(Answer::Nobody)), "{busy:?}");
        let message = Answer::read(&nobody("_INBOX.a.500.fail.7.1.$FI"), "ORDERS");
        assert!(matches!(message, Some(Answer::Refused { message: 7, .. })), "{message:?}");
    }

    #[test]
    fn what_is_not_the_word_of_the_stream_says_nothing() {
        for other in ["", "+OK", "{}", r#"{"stream":"OTHER","seq":7}"#, r#"{"type":"new","seq":7}"#]
        {
            assert!(read(other).is_none(), "{other}");
        }
    }
}
