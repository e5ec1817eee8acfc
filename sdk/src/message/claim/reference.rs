use std::fmt::Write as _;

use crate::EnvelopeError;
use crate::message::envelope::Envelope;

/// CloudEvents' extension for what lies elsewhere, and what is known about it there.
pub(crate) const DATA_REF: &str = "dataref";
const DATA_SIZE: &str = "datasize";
const DATA_DIGEST: &str = "datadigest";
/// With this begins the place of an object: its bucket and its name follow.
const SCHEME: &str = "nats-object:";

/// Where a payload is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Claim {
    pub(super) bucket: String,
    pub(super) object: String,
    /// Bytes of the payload, where its writer told.
    pub(super) size: Option<u64>,
    /// As the Object Store writes it, where its writer told.
    pub(super) digest: Option<String>,
}

impl Claim {
    /// The attributes that stand for the payload.
    pub(super) fn attributes(&self) -> impl Iterator<Item = (&'static str, String)> {
        let place = format!("{SCHEME}{}/{}", self.bucket, encoded(&self.object));
        let size = self.size.map(|size| (DATA_SIZE, size.to_string()));
        let digest = self.digest.clone().map(|digest| (DATA_DIGEST, digest));
        [(DATA_REF, place)].into_iter().chain(size).chain(digest)
    }

    /// Takes what stands for the payload out of an envelope; none where nothing does.
    pub(crate) fn take(envelope: &mut Envelope) -> Result<Option<Self>, EnvelopeError> {
        let attributes = &mut envelope.extensions;
        let Some(place) = attributes.remove(DATA_REF) else { return Ok(None) };
        let Some((bucket, object)) = parse(&place) else {
            return Err(EnvelopeError::DataRef(place));
        };
        let size = attributes.remove(DATA_SIZE).and_then(|size| size.parse().ok());
        Ok(Some(Self { bucket, object, size, digest: attributes.remove(DATA_DIGEST) }))
    }
}

fn parse(place: &str) -> Option<(String, String)> {
    let scheme = place.get(..SCHEME.len())?;
    let rest = scheme.eq_ignore_ascii_case(SCHEME).then(|| &place[SCHEME.len()..])?;
    let (bucket, object) = rest.split_once('/')?;
    let object = crate::message::percent::decoded(object)?;
    (!bucket.is_empty() && !object.is_empty()).then(|| (bucket.to_owned(), object))
}

/// What a URI may hold as it is, and everything else as `%XX`.
fn encoded(name: &str) -> String {
    let mut text = String::with_capacity(name.len());
    for byte in name.bytes() {
        match byte {
            b'-' | b'.' | b'_' | b'~' => text.push(char::from(byte)),
            byte if byte.is_ascii_alphanumeric() => text.push(char::from(byte)),
            byte => _ = write!(text, "%{byte:02X}"),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn envelope(attributes: impl IntoIterator<Item = (&'static str, String)>) -> Envelope {
        let extensions = attributes.into_iter().map(|(name, value)| (name.to_owned(), value));
        Envelope { extensions: extensions.collect(), ..Envelope::default() }
    }

    #[test]
    fn a_claim_is_read_back_from_its_attributes() {
        for object in ["0190b7a4.x", "a/b c", "Grüße 100 %", "?#[]@"] {
            let claim = Claim {
                bucket: "S_payloads".to_owned(),
                object: object.to_owned(),
                size: Some(7),
                digest: Some("SHA-256=x".to_owned()),
            };
            let mut envelope = envelope(claim.attributes());
            assert!(envelope.extensions[DATA_REF].is_ascii(), "{object}");
            assert_eq!(Claim::take(&mut envelope).expect("a claim"), Some(claim));
            assert!(envelope.extensions.is_empty(), "handlers do not see it");
        }
        assert_eq!(Claim::take(&mut envelope([])).expect("none"), None);
    }

    #[test]
    fn what_lies_with_somebody_else_is_refused_with_its_place() {
        for place in ["https://x/y", "nats-object:", "nats-object:b", "nats-object:b/", "b/o", "ä"]
        {
            let mut envelope = envelope([(DATA_REF, place.to_owned())]);
            let error = Claim::take(&mut envelope).expect_err(place).to_string();
            assert!(error.contains(place), "{error}");
        }
        let mut foreign = envelope([(DATA_REF, "NATS-Object:b/o".to_owned())]);
        let claim = Claim::take(&mut foreign).expect("a claim").expect("one");
        assert_eq!((claim.size, claim.digest), (None, None), "they may be left out");
    }
}
