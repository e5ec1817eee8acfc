//! What an answer says, as far as it matters to whom it is for.

use std::ops::Range;

use async_nats::{Message, StatusCode};

use super::super::word::Word;

/// No stream says more of a message. Whatever else is longer is not looked at.
const LONGEST: usize = 1024;

/// What an answer says.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Said {
    /// A consumer's word: a delivery is settled.
    Settled,
    /// A stream's: a new message has this sequence. The range is that of its name.
    Stored { stream: Range<usize>, sequence: u64 },
    /// A message is not stored.
    Refused,
    /// That it is a duplicate, or nothing of the kind. A stream of a domain may have a namesake in another, which answers too.
    Else,
}

impl Said {
    pub(super) fn in_answer(answer: &Message) -> Self {
        match answer.status {
            Some(StatusCode::NO_RESPONDERS) => return Self::Refused,
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
        match serde_json::from_slice(body) {
            Ok(Word { domain: None, error: Some(_), .. }) => Self::Refused,
            Ok(Word {
                stream: Some(stream),
                sequence: Some(sequence),
                duplicate: false,
                domain: None,
                error: None,
            }) => {
                let begin = stream.as_ptr() as usize - body.as_ptr() as usize;
                Self::Stored { stream: begin..begin + stream.len(), sequence }
            }
            _ => Self::Else,
        }
    }
}
