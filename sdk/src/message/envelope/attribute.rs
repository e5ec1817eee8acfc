//! Attributes on their way into a message.

use std::borrow::Cow;
use std::fmt;

use jiff::Timestamp;

use crate::Version;

/// An attribute's value. It becomes text where it is written.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Value<'a> {
    Text(&'a str),
    Time(Timestamp),
    Version(Version),
    Number(u64),
    Majors(&'a [u16]),
}

/// Takes attributes, one after the other.
pub(crate) trait Take: FnMut(&str, Value<'_>) -> Result<(), serde_json::Error> {}

impl<T: FnMut(&str, Value<'_>) -> Result<(), serde_json::Error>> Take for T {}

/// Something that has attributes.
pub(crate) trait Attributes {
    /// Hands over each under its CloudEvents name, in the order in which they are written.
    ///
    /// # Errors
    /// That of whoever takes them.
    fn each<T: Take>(&self, take: T) -> Result<(), serde_json::Error>;
}

impl<'a> Value<'a> {
    pub(crate) fn to_text(self) -> Cow<'a, str> {
        match self {
            Self::Text(text) => Cow::Borrowed(text),
            other => Cow::Owned(other.to_string()),
        }
    }
}

impl fmt::Display for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Time(time) => time.fmt(f),
            Self::Version(version) => version.fmt(f),
            Self::Number(number) => number.fmt(f),
            Self::Majors(majors) => {
                for (place, major) in majors.iter().enumerate() {
                    let comma = if place == 0 { "" } else { "," };
                    write!(f, "{comma}{major}")?;
                }
                Ok(())
            }
        }
    }
}
