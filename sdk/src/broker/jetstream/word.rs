//! What a stream says of a message.

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::api;
use crate::broker::{BrokerError, Stored};

/// The answer to a publish, as it is written.
#[derive(Deserialize)]
pub(super) struct Word<'a> {
    /// No stream of a catalog has a name that is written in another way than it is.
    pub(super) stream: Option<&'a str>,
    #[serde(rename = "seq")]
    pub(super) sequence: Option<u64>,
    #[serde(default)]
    pub(super) duplicate: bool,
    /// That of the stream, where there are several.
    pub(super) domain: Option<IgnoredAny>,
    pub(super) error: Option<Refusal>,
}

/// Why a stream does not take something.
#[derive(Deserialize)]
pub(super) struct Refusal {
    pub(super) err_code: u64,
    #[serde(default)]
    pub(super) description: String,
}

/// Reads the answer to a publish. Anybody who listens on its subject may answer too: what is not the word of this stream says
/// nothing of what the stream has done.
pub(super) fn word(answer: &[u8], stream: &str) -> Result<Stored, BrokerError> {
    let foreign =
        || BrokerError::Unavailable(format!("the answer is not the word of the stream `{stream}`"));
    match serde_json::from_slice(answer).map_err(|_| foreign())? {
        Word { stream: Some(other), .. } if !other.is_empty() && other != stream => Err(foreign()),
        Word { error: Some(Refusal { err_code, description }), .. } => {
            Err(api::refusal(err_code, description))
        }
        Word { stream: Some(_), sequence: Some(sequence), duplicate, .. } => {
            Ok(Stored { sequence, duplicate })
        }
        _ => Err(foreign()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As it hears the same subject, and is not the one that is expected.
    const OTHERS: &str = r#"{"error":{"code":400,"err_code":10060,"description":"expected stream"},"stream":"OTHER","seq":0}"#;

    #[test]
    fn only_the_stream_itself_says_what_it_has_stored() {
        let stored = word(br#"{"stream":"ORDERS","seq":7,"domain":"hub"}"#, "ORDERS");
        assert_eq!(stored.expect("a word"), Stored { sequence: 7, duplicate: false });
        let refused = word(br#"{"error":{"code":503,"err_code":10077,"description":"full"}}"#, "A");
        assert!(matches!(refused, Err(BrokerError::Refused { code: 10077, .. })), "{refused:?}");
        for answer in ["", "+OK", "{}", r#"{"seq":7}"#, r#"{"stream":"OTHER","seq":7}"#, OTHERS] {
            let word = word(answer.as_bytes(), "ORDERS");
            assert!(matches!(word, Err(BrokerError::Unavailable(_))), "{answer}: {word:?}");
        }
    }
}
