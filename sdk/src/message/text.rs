//! Text that is cheap to copy.

use std::borrow::Borrow;
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::num::NonZeroU32;
use std::ops::{Deref, Range};
use std::sync::Arc;

use serde::{Serialize, Serializer};

/// An attribute of an event: a string that is cheap to clone, as it shares its memory with the event's other attributes.
///
/// It holds on to all of them, some hundred bytes; of what is kept for long, keep a [`String`](ToString::to_string).
///
/// ```
/// use tidings::Text;
///
/// let id = Text::from("0190b7a4");
/// assert_eq!(id, "0190b7a4");
/// assert!(id.clone().starts_with("0190"));
/// let kept: String = id.to_string();
/// # assert_eq!(kept, "0190b7a4");
/// ```
#[derive(Clone)]
pub struct Text {
    /// None where it is empty.
    whole: Option<Arc<str>>,
    begin: u32,
    /// [`END`] for that of the whole. Never zero, so that an `Option` of a text is no larger than a text.
    end: NonZeroU32,
}

const END: NonZeroU32 = NonZeroU32::MAX;

impl Text {
    /// A part of a text; none where there is no such part.
    pub(super) fn part(whole: &Arc<str>, part: Range<usize>) -> Option<Self> {
        whole.get(part.clone())?;
        let (begin, end) = (part.start.try_into().ok()?, u32::try_from(part.end).ok()?);
        let end = NonZeroU32::new(end)?;
        Some(Self { whole: Some(Arc::clone(whole)), begin, end })
    }

    /// The same as a slice.
    #[must_use]
    pub fn as_str(&self) -> &str {
        let whole = self.whole.as_deref().unwrap_or_default();
        let part = match self.end {
            END => whole.get(self.begin as usize..),
            end => whole.get(self.begin as usize..end.get() as usize),
        };
        part.unwrap_or_default()
    }
}

impl Default for Text {
    /// An empty one.
    fn default() -> Self {
        Self { whole: None, begin: 0, end: END }
    }
}

impl Deref for Text {
    type Target = str;

    fn deref(&self) -> &str {
        self.as_str()
    }
}

impl AsRef<str> for Text {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl Borrow<str> for Text {
    fn borrow(&self) -> &str {
        self.as_str()
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self { whole: Some(text.into()), begin: 0, end: END }
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        text.as_str().into()
    }
}

impl From<Text> for String {
    fn from(text: Text) -> Self {
        text.as_str().to_owned()
    }
}

impl PartialEq for Text {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for Text {}

impl PartialEq<str> for Text {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == other
    }
}

impl PartialEq<&str> for Text {
    fn eq(&self, other: &&str) -> bool {
        self.as_str() == *other
    }
}

impl PartialEq<String> for Text {
    fn eq(&self, other: &String) -> bool {
        self.as_str() == other
    }
}

impl PartialEq<Text> for String {
    fn eq(&self, other: &Text) -> bool {
        self == other.as_str()
    }
}

impl PartialEq<Text> for &str {
    fn eq(&self, other: &Text) -> bool {
        *self == other.as_str()
    }
}

impl PartialEq<Text> for str {
    fn eq(&self, other: &Text) -> bool {
        self == other.as_str()
    }
}

impl PartialOrd for Text {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Text {
    fn cmp(&self, other: &Self) -> Ordering {
        self.as_str().cmp(other.as_str())
    }
}

impl Hash for Text {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_str().fmt(f)
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

impl Serialize for Text {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    #[test]
    fn a_part_is_the_text_that_it_says() {
        let whole: Arc<str> = "id:Grüße".into();
        let part = Text::part(&whole, 3..10).expect("a part");
        assert_eq!(format!("{part} {part:?}"), "Grüße \"Grüße\"");
        assert_eq!(part, Text::from("Grüße"));
        assert_eq!(HashMap::from([(part, 1)]).get("Grüße"), Some(&1));
        assert_eq!(Text::default(), "");
        assert_eq!(size_of::<Option<Text>>(), size_of::<Text>());
        let beyond = END.get() as usize;
        for nothing in [3..99, 6..10, beyond..beyond] {
            assert_eq!(Text::part(&whole, nothing), None);
        }
    }
}
