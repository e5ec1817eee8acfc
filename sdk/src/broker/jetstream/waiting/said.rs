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
        Self::plainly_stored(body).unwrap_or_else(|| Self::in_json(body))
    }

    fn in_json(body: &[u8]) -> Self {
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

    /// The word of nearly all answers, `{"stream":"ORDERS","seq":7}`, with a space behind the comma from most servers. None where
    /// anything is otherwise, which does not say that it is wrong.
    fn plainly_stored(body: &[u8]) -> Option<Self> {
        const BEFORE: &str = r#"{"stream":""#;
        let rest = str::from_utf8(body).ok()?.strip_prefix(BEFORE)?;
        let (name, rest) = rest.split_once('"')?;
        // JSON has no other way to write a name than as it is, but for these.
        if name.bytes().any(|byte| byte < b' ' || byte == b'\\') {
            return None;
        }
        let rest = rest.strip_prefix(',')?;
        let sequence = rest.strip_prefix(' ').unwrap_or(rest).strip_prefix(r#""seq":"#)?;
        let sequence = sequence.strip_suffix('}')?;
        // A number is no more than its digits there, and none is 0.
        if !sequence.starts_with(|first| matches!(first, '1'..='9')) {
            return None;
        }
        let name = BEFORE.len()..BEFORE.len() + name.len();
        Some(Self::Stored(Stream { name, has_domain: false }, sequence.parse().ok()?))
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

#[cfg(test)]
mod tests {
    use super::*;

    const WORDS: [&str; 2] =
        [r#"{"stream":"ORDERS","seq":17}"#, r#"{"stream":"ORDERS", "seq":90}"#];

    /// Whether it is written so; where it is, it says the same as any JSON.
    fn is_plain(body: &[u8]) -> bool {
        let Some(plain) = Said::plainly_stored(body) else { return false };
        assert_eq!(plain, Said::in_json(body), "{}", String::from_utf8_lossy(body));
        true
    }

    #[test]
    fn the_word_that_something_is_stored_is_plain() {
        assert!(WORDS.iter().all(|word| is_plain(word.as_bytes())));
        assert!(is_plain(WORDS[0].replace("17", &u64::MAX.to_string()).as_bytes()));
        assert!(!is_plain(br#"{"seq":17,"stream":"ORDERS"}"#));
        for (part, other) in [
            ("17", "0"),
            ("17", "017"),
            ("17", "+17"),
            ("17", "17.0"),
            ("17", "18446744073709551616"),
            ("17", r#"17,"duplicate":true"#),
            ("17", r#"17,"domain":"hub""#),
            ("ORDERS", r"OR\u0044ERS"),
        ] {
            assert!(!is_plain(WORDS[0].replace(part, other).as_bytes()), "{part} as {other}");
        }
    }

    #[test]
    fn whatever_becomes_of_a_byte_it_says_the_same_as_any_json() {
        let mut plain = 0;
        for word in WORDS.map(str::as_bytes) {
            for at in 0..=word.len() {
                for with in 0..=u8::MAX {
                    for cut in 0..=usize::from(at < word.len()) {
                        let body = [&word[..at], &[with], &word[at + cut..]].concat();
                        plain += usize::from(is_plain(&body));
                    }
                }
            }
        }
        assert!(plain > 1000, "{plain} of them are plain");
    }
}
