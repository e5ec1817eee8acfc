use bytes::Bytes;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{CoreError, Message};
use crate::message::personal;

/// What can be sent: bytes, text, or a value as [`Json`].
pub trait Payload {
    /// The body of the message.
    ///
    /// # Errors
    /// It cannot be written as JSON.
    fn into_bytes(self) -> Result<Bytes, serde_json::Error>;
}

/// What a message can be taken as: itself, its bytes, or a value as [`Json`].
pub trait FromMessage: Sized {
    /// Reads a message.
    ///
    /// # Errors
    /// It is not what is expected.
    fn from_message(message: Message) -> Result<Self, CoreError>;
}

/// A value that is written as JSON, and read from it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Json<T>(pub T);

impl<T: Serialize> Payload for Json<T> {
    fn into_bytes(self) -> Result<Bytes, serde_json::Error> {
        serde_json::to_vec(&self.0).map(Bytes::from)
    }
}

impl<T: DeserializeOwned> FromMessage for Json<T> {
    fn from_message(message: Message) -> Result<Self, CoreError> {
        message.json().map(Self)
    }
}

impl FromMessage for Message {
    fn from_message(message: Message) -> Result<Self, CoreError> {
        Ok(message)
    }
}

impl FromMessage for Bytes {
    fn from_message(message: Message) -> Result<Self, CoreError> {
        Ok(message.payload().clone())
    }
}

/// Types that are bytes already.
macro_rules! payloads {
    ($($bytes:ty => $into:expr),+ $(,)?) => {$(
        impl Payload for $bytes {
            fn into_bytes(self) -> Result<Bytes, serde_json::Error> {
                Ok($into(self))
            }
        }
    )+};
}

payloads! {
    () => |()| Bytes::new(),
    Bytes => |bytes| bytes,
    Vec<u8> => Bytes::from,
    String => Bytes::from,
    &str => |text: &str| Bytes::copy_from_slice(text.as_bytes()),
    &[u8] => Bytes::copy_from_slice,
}

/// Reads JSON. No catalog says whether it tells of people, so an error quotes nothing of it.
pub(super) fn read<T: DeserializeOwned>(subject: &str, payload: &[u8]) -> Result<T, CoreError> {
    serde_json::from_slice(payload).map_err(|error| CoreError::Decode {
        subject: subject.to_owned(),
        source: personal::plain(&error),
    })
}
