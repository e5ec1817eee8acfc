//! Attributes on their way into a message.

use std::borrow::Cow;

use jiff::Timestamp;
use jiff::fmt::temporal::DateTimePrinter;

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
            other => {
                let mut text = Vec::new();
                other.push_to(&mut text);
                // It is ASCII.
                Cow::Owned(String::from_utf8(text).unwrap_or_default())
            }
        }
    }

    /// Writes it as text, and not by `fmt`, whose way is longer than all of this.
    pub(super) fn push_to(self, text: &mut Vec<u8>) {
        match self {
            Self::Text(own) => text.extend_from_slice(own.as_bytes()),
            // It takes whatever is written.
            Self::Time(time) => _ = DateTimePrinter::new().print_timestamp(&time, text),
            Self::Version(Version { major, minor }) => {
                push_number(text, major);
                text.push(b'.');
                push_number(text, minor);
            }
            Self::Number(number) => push_number(text, number),
            Self::Majors(majors) => {
                for (place, major) in majors.iter().enumerate() {
                    if place > 0 {
                        text.push(b',');
                    }
                    push_number(text, *major);
                }
            }
        }
    }
}

fn push_number(text: &mut Vec<u8>, number: impl itoa::Integer) {
    text.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_what_is_displayed() {
        let second = 1_700_000_000_000_000_000;
        let written = |value: Value<'_>| value.to_text().into_owned();
        for nanoseconds in [0, 1, 250_000_000, 999_999_999, -1, 123_456_789, 120_000] {
            let time = Timestamp::from_nanosecond(second + nanoseconds).expect("in range");
            assert_eq!(written(Value::Time(time)), time.to_string());
        }
        let before = Timestamp::from_nanosecond(-1).expect("in range");
        assert_eq!(written(Value::Time(before)), before.to_string());
        for (major, minor) in [(0, 0), (2, 10), (u16::MAX, u16::MAX)] {
            let version = Version { major, minor };
            assert_eq!(written(Value::Version(version)), version.to_string());
        }
        for number in [0, 7, u64::MAX] {
            assert_eq!(written(Value::Number(number)), number.to_string());
        }
        for (majors, text) in [(&[][..], ""), (&[1], "1"), (&[1, 20, 300], "1,20,300")] {
            assert_eq!(written(Value::Majors(majors)), text);
        }
    }
}
