use bytes::Bytes;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{CoreError, Message};
use crate::message::personal;

/// What can be sent: bytes, text, or a value as [`Json`].
///
/// Implement it for a format of your own:
///
/// ```
/// use bytes::Bytes;
/// use tidings::messaging::{CoreError, FromMessage, Message, Payload};
///
/// struct Csv(Vec<String>);
///
/// impl Payload for Csv {
///     fn into_bytes(self) -> Result<Bytes, serde_json::Error> {
///         Ok(Bytes::from(self.0.join(",")))
///     }
/// }
///
/// impl FromMessage for Csv {
///     fn from_message(message: Message) -> Result<Self, CoreError> {
///         let text = String::from_utf8_lossy(message.payload());
///         Ok(Self(text.split(',').map(str::to_owned).collect()))
///     }
/// }
/// ```
pub trait Payload {
    /// The body of the message.
    ///
    /// # Errors
    /// It cannot be written as JSON.
    fn into_bytes(self) -> Result<Bytes, serde_json::Error>;
}

/// What a message can be taken as: itself, its bytes, or a value as [`Json`].
///
/// A function that [answers](super::Messages::answer) takes what can be read; [`Payload`] shows a type of its own.
///
/// ```no_run
/// use bytes::Bytes;
/// use tidings::messaging::{Json, Message, Messages};
///
/// # fn example([one, two, three]: [Messages; 3]) {
/// let by_value = one.answer(async |Json(n): Json<u64>| Ok(Json(n + 1)));
/// let by_bytes = two.answer(async |bytes: Bytes| Ok(bytes));
/// let by_message = three.answer(async |message: Message| Ok(message.subject().to_owned()));
/// # drop((by_value, by_bytes, by_message));
/// # }
/// ```
pub trait FromMessage: Sized {
    /// Reads a message.
    ///
    /// # Errors
    /// It is not what is expected.
    fn from_message(message: Message) -> Result<Self, CoreError>;
}

/// A value that is written as JSON, and read from it.
///
/// ```
/// use tidings::messaging::{Json, Payload as _};
///
/// let body = Json(["ann", "bob"]).into_bytes()?;
/// assert_eq!(&body[..], br#"["ann","bob"]"#);
/// # Ok::<(), serde_json::Error>(())
/// ```
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
