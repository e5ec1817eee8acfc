//! A text of an organization that is encrypted as a whole, and is no event's: what is made of its events, written down.

use serde_json::Value;

use super::EncryptionError;
use crate::Tidings;

/// What the text is: it opens as nothing else.
pub(crate) struct Whole<'a> {
    pub(crate) organization: &'a str,
    /// Told apart from types of events, which have no spaces in them.
    pub(crate) what: &'a str,
    pub(crate) version: u32,
    pub(crate) id: &'a str,
}

#[cfg(feature = "encryption")]
impl Whole<'_> {
    /// The stored form of the text, encrypted with the organization's current key.
    pub(crate) async fn seal(&self, bus: &Tidings, text: &str) -> Result<Value, EncryptionError> {
        let key = match bus.keys().get(self.what)?.current(self.organization).await? {
            super::Lookup::Found(key) => key,
            super::Lookup::Erased => {
                return Err(EncryptionError::Erased { organization: self.organization.to_owned() });
            }
        };
        super::sealed::seal(&Value::from(text), &key, &self.binding(), "").map_err(|error| {
            let organization = self.organization.to_owned();
            EncryptionError::Keys { organization, source: Box::new(error) }
        })
    }

    /// The text of a stored form.
    ///
    /// # Errors
    /// It is another one's, its key was deleted, or cannot be had.
    pub(crate) async fn open(
        &self,
        bus: &Tidings,
        sealed: &Value,
    ) -> Result<String, EncryptionError> {
        let changed = || EncryptionError::Changed { pointer: String::new() };
        let sealed = super::sealed::Sealed::parse(sealed).ok_or_else(changed)?;
        let keys = bus.keys().get(self.what)?;
        match keys.key(self.organization, sealed.key.clone()).await? {
            super::Lookup::Found(key) => match sealed.open(&key, &self.binding(), "") {
                Some(Value::String(text)) => Ok(text),
                _ => Err(changed()),
            },
            super::Lookup::Erased => {
                Err(EncryptionError::Erased { organization: self.organization.to_owned() })
            }
        }
    }

    fn binding(&self) -> super::sealed::Binding<'_> {
        let Self { organization, what, version, id } = *self;
        super::sealed::Binding { organization, event_type: what, major: version, id }
    }
}

#[cfg(not(feature = "encryption"))]
#[allow(clippy::unused_async, reason = "with the feature it asks for keys")]
impl Whole<'_> {
    pub(crate) async fn seal(&self, bus: &Tidings, _: &str) -> Result<Value, EncryptionError> {
        let _ = (self.organization, self.version, self.id);
        match bus.keys().get(self.what)? {}
    }

    pub(crate) async fn open(&self, bus: &Tidings, _: &Value) -> Result<String, EncryptionError> {
        match bus.keys().get(self.what)? {}
    }
}
