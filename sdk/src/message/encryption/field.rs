//! Places of encrypted values, as generated code says them and as the envelope lists them.

use crate::message::percent;

/// What stands for a text that is always there, once its organization's keys are deleted.
pub const ERASED: &str = "[erased]";

/// A place of an event's payload of which each value is encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct EncryptedField {
    /// JSON pointer. `*` stands for each item of a list and each value of a map.
    pub pointer: &'static str,
    /// What stands for it once it is erased.
    pub erased: Erased,
}

impl EncryptedField {
    #[doc(hidden)]
    pub const fn new(pointer: &'static str, erased: Erased) -> Self {
        Self { pointer, erased }
    }
}

/// What stands for a value whose key was deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Erased {
    /// The property is not there.
    Absent,
    /// `null`.
    Null,
    /// The text [`ERASED`].
    Text,
}

impl Erased {
    const ALL: [Self; 3] = [Self::Absent, Self::Null, Self::Text];

    fn word(self) -> &'static str {
        match self {
            Self::Absent => "absent",
            Self::Null => "null",
            Self::Text => "text",
        }
    }
}

/// The attribute that lists the places.
#[cfg(feature = "encryption")]
pub(crate) fn list<'f>(fields: impl Iterator<Item = &'f EncryptedField>) -> String {
    let words: Vec<String> = fields
        .map(|EncryptedField { pointer, erased }| {
            let pointer = pointer.replace('%', "%25").replace(' ', "%20");
            format!("{}:{pointer}", erased.word())
        })
        .collect();
    words.join(" ")
}

/// The places in such an attribute; none where it is somebody else's.
pub(crate) fn parse(attribute: &str) -> Option<Vec<(String, Erased)>> {
    let place = |word: &str| {
        let (erased, pointer) = word.split_once(':')?;
        let erased = Erased::ALL.into_iter().find(|one| one.word() == erased)?;
        Some((percent::decoded(pointer)?, erased))
    };
    attribute.split(' ').map(place).collect()
}

/// Whether a text looks like an encrypted value, of this or another version of the form.
pub(super) fn has_the_form(text: &str) -> bool {
    let mut parts = text.split('.');
    let begins = parts.next().and_then(|begin| begin.strip_prefix("enc")).is_some_and(|version| {
        !version.is_empty() && version.bytes().all(|byte| byte.is_ascii_digit())
    });
    begins && parts.clone().count() == 2 && parts.all(|part| !part.is_empty())
}

#[cfg(all(test, feature = "encryption"))]
mod tests {
    use super::*;

    #[test]
    fn lists_are_read_as_they_were_written() {
        let fields = [
            EncryptedField::new("/email", Erased::Text),
            EncryptedField::new("/lines/*/the name", Erased::Absent),
            EncryptedField::new("/50%20", Erased::Null),
        ];
        let list = list(fields.iter());
        assert_eq!(list, "text:/email absent:/lines/*/the%20name null:/50%2520");
        let read = parse(&list).expect("a list");
        let fields = fields.map(|field| (field.pointer.to_owned(), field.erased));
        assert_eq!(read, fields);
        for other in ["", "true", "/email", "text:/a gone:/b"] {
            assert_eq!(parse(other), None, "{other}");
        }
    }

    #[test]
    fn encrypted_values_are_known_by_their_form() {
        for (text, is) in [
            ("enc1.k-1.AAAA", true),
            ("enc27.k.x", true),
            ("enc.k.x", false),
            ("enc1.k", false),
            ("enc1..x", false),
            ("enc1.k.x.y", false),
            ("encore.k.x", false),
        ] {
            assert_eq!(has_the_form(text), is, "{text}");
        }
    }
}
