//! One value, encrypted: `enc1.<key id>.<nonce and ciphertext>`.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64;
use chacha20poly1305::aead::{Aead as _, Generate as _, KeyInit as _, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use serde_json::Value;
use zeroize::Zeroizing;

use super::{Key, KeyError, KeyId};

const BEGIN: &str = "enc1";
const NONCE: usize = 24;

/// What a value belongs to: it opens nowhere else.
pub(super) struct Binding<'a> {
    pub(super) organization: &'a str,
    pub(super) event_type: &'a str,
    pub(super) major: u32,
    pub(super) id: &'a str,
}

impl Binding<'_> {
    /// Each part with its length before it, so that none can run into the next.
    fn with(&self, pointer: &str) -> Vec<u8> {
        let major = self.major.to_string();
        let parts = [BEGIN, self.organization, self.event_type, &major, self.id, pointer];
        let mut bytes = Vec::with_capacity(256);
        for part in parts {
            bytes.extend_from_slice(&(part.len() as u64).to_be_bytes());
            bytes.extend_from_slice(part.as_bytes());
        }
        bytes
    }
}

/// A value in the form in which it is stored.
pub(super) struct Sealed {
    pub(super) key: KeyId,
    data: Vec<u8>,
}

impl Sealed {
    /// Reads the form of one; none of anything else.
    pub(super) fn parse(value: &Value) -> Option<Self> {
        let mut parts = value.as_str()?.split('.');
        let [begin, key, data] = [parts.next()?, parts.next()?, parts.next()?];
        let data = BASE64.decode(data).ok()?;
        let whole = begin == BEGIN && parts.next().is_none() && data.len() > NONCE;
        whole.then_some(Self { key: KeyId::new(key).ok()?, data })
    }

    /// The value, if it is what was encrypted here with this key.
    pub(super) fn open(&self, key: &Key, binding: &Binding<'_>, pointer: &str) -> Option<Value> {
        let (nonce, msg) = self.data.split_at_checked(NONCE)?;
        let nonce = XNonce::try_from(nonce).ok()?;
        let aad = &binding.with(pointer);
        let plain = cipher(key)?.decrypt(&nonce, Payload { msg, aad }).ok()?;
        serde_json::from_slice(&Zeroizing::new(plain)).ok()
    }
}

/// The stored form of a value.
pub(super) fn seal(
    value: &Value,
    key: &Key,
    binding: &Binding<'_>,
    pointer: &str,
) -> Result<Value, KeyError> {
    let nonce = XNonce::try_generate()
        .map_err(|error| KeyError::new("there are no random numbers", error))?;
    let plain = Zeroizing::new(value.to_string());
    let (msg, aad) = (plain.as_bytes(), &binding.with(pointer)[..]);
    let sealed = cipher(key).and_then(|cipher| cipher.encrypt(&nonce, Payload { msg, aad }).ok());
    let sealed = sealed.ok_or_else(|| KeyError::because("a value cannot be encrypted"))?;
    let data = BASE64.encode([nonce.as_slice(), &sealed].concat());
    Ok(Value::String(format!("{BEGIN}.{}.{data}", key.id())))
}

fn cipher(key: &Key) -> Option<XChaCha20Poly1305> {
    XChaCha20Poly1305::new_from_slice(key.secret()).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn binding<'a>() -> Binding<'a> {
        Binding { organization: "acme", event_type: "a.b.c", major: 1, id: "7" }
    }

    #[test]
    fn a_value_opens_in_its_own_place_alone() {
        let key = Key::generate().expect("random");
        let value = json!({ "street": "Hauptstraße 1" });
        let sealed = seal(&value, &key, &binding(), "/address").expect("sealed");
        let again = seal(&value, &key, &binding(), "/address").expect("sealed");
        assert_ne!(sealed, again, "equal values do not look equal");
        assert!(!sealed.to_string().contains("street"), "{sealed}");
        let sealed = Sealed::parse(&sealed).expect("its form");
        assert_eq!(&sealed.key, key.id());
        assert_eq!(sealed.open(&key, &binding(), "/address"), Some(value));
        assert_eq!(sealed.open(&key, &binding(), "/other"), None);
        for other in [
            Binding { organization: "other", ..binding() },
            Binding { event_type: "a.b.d", ..binding() },
            Binding { major: 2, ..binding() },
            Binding { id: "8", ..binding() },
        ] {
            assert_eq!(sealed.open(&key, &other, "/address"), None);
        }
        let stranger = Key::generate().expect("random");
        assert_eq!(sealed.open(&stranger, &binding(), "/address"), None);
    }

    #[test]
    fn what_was_changed_does_not_open() {
        let key = Key::generate().expect("random");
        let sealed = seal(&json!("ann"), &key, &binding(), "/name").expect("sealed");
        let text = sealed.as_str().expect("a text");
        let start = text.rfind('.').expect("three parts") + 1;
        for at in start..text.len() {
            let other = if &text[at..=at] == "A" { "B" } else { "A" };
            let changed = Value::String(format!("{}{other}{}", &text[..at], &text[at + 1..]));
            let opened =
                Sealed::parse(&changed).and_then(|sealed| sealed.open(&key, &binding(), "/name"));
            assert_eq!(opened, None, "{changed}");
        }
        for no in ["", "ann", "enc1", "enc1.k.", "enc1.k.AAAA", "enc2.k.AAAA", "enc1.k.####"] {
            assert!(Sealed::parse(&json!(no)).is_none(), "{no}");
        }
    }
}
