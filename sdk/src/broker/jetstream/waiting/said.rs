//! What an answer says, as far as it matters to whom it is for.

use std::ops::Range;

use async_nats::{Message, StatusCode};

use super::super::word::Word;

/// No stream says more of a message. Whatever else is longer is not looked at.
const LONGEST: usize = 1024;

/// What an answer says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Said {
    /// A consumer's word: a delivery is settled.
    Settled,
    /// A stream's word, on a message that is stored with this sequence, in a new place or as a duplicate, or not at all.
    Stored(Stream, u64),
    Duplicate(Stream),
    Refused(Stream),
    /// The server's, that no stream takes the message.
    NoStream,
    Else,
}

/// Who has said it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Stream {
    /// Where its name stands in the answer.
    name: Range<usize>,
    /// A namesake in another domain may have the message too.
    has_domain: bool,
}

impl Said {
    pub(super) fn in_answer(answer: &Message) -> Self {
        match answer.status {
            Some(StatusCode::NO_RESPONDERS) => return Self::NoStream,
            Some(_) => return Self::Else,
            None => {}
        }
        let body = &*answer.payload;
        if body.is_empty() {
            return Self::Settled;
        }
        if body.len() > LONGEST {
            return Self::Else;
        }
        let Ok(Word { stream, sequence, duplicate, domain, error }) = serde_json::from_slice(body)
        else {
            return Self::Else;
        };
        // The name is a part of the body.
        let name = stream.map_or(0..0, |name: &str| {
            let begin = name.as_ptr() as usize - body.as_ptr() as usize;
            begin..begin + name.len()
        });
        let stream = Stream { name, has_domain: domain.is_some() };
        match (error, sequence) {
            (Some(_), _) => Self::Refused(stream),
            (None, Some(_)) if duplicate => Self::Duplicate(stream),
            // What nobody is interested in is not stored, and may have none.
            (None, Some(sequence)) if sequence > 0 => Self::Stored(stream, sequence),
            (None, _) => Self::Else,
        }
    }
}

impl Stream {
    /// Whether this stream has said it in this answer, and no other can have been meant.
    pub(super) fn is(&self, stream: &str, answer: &Message) -> bool {
        !self.has_domain && answer.payload.get(self.name.clone()) == Some(stream.as_bytes())
    }

    /// The same of a refusal, which a server may give in its own name.
    pub(super) fn may_be(&self, stream: &str, answer: &Message) -> bool {
        self.is(stream, answer) || !self.has_domain && self.name.is_empty()
    }
}
