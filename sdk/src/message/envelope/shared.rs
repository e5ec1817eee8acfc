//! The attributes of one event share one piece of memory.

use std::borrow::Cow;
use std::sync::{Arc, LazyLock};

use memchr::memmem::Finder;

use crate::message::text::Text;

/// What the payload begins with. Before it lie, as this SDK writes them, all attributes.
pub(super) const PAYLOAD: &str = "\"data\":";
static FINDER: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(PAYLOAD));
/// Attributes of more bytes than that are not looked for.
const MOST: usize = 4096;
/// Not worth sharing.
const FEW: usize = 64;

/// What of a message's body is copied once for all of its attributes, and nothing of the payload with it.
pub(super) struct Shared<'a> {
    body: &'a str,
    head: Option<Arc<str>>,
}

impl<'a> Shared<'a> {
    /// Nothing is.
    pub(super) const NOTHING: Self = Self { body: "", head: None };

    pub(super) fn of(body: &'a str) -> Self {
        let most = &body.as_bytes()[..body.len().min(MOST)];
        // Quotation marks within a text are escaped: what is found is a key, or a text's end where another begins.
        let head = FINDER.find(most).filter(|length| *length > FEW);
        Self { body, head: head.and_then(|length| body.get(..length)).map(Arc::from) }
    }

    /// How much is copied: all that stands before the payload.
    pub(super) fn length(&self) -> Option<usize> {
        self.head.as_deref().map(str::len)
    }

    /// An attribute: a part of what was copied, or a copy of its own.
    pub(super) fn text(&self, value: Cow<'_, str>) -> Text {
        match value {
            Cow::Borrowed(part) => self.part(part).unwrap_or_else(|| part.into()),
            Cow::Owned(own) => own.into(),
        }
    }

    fn part(&self, part: &str) -> Option<Text> {
        let head = self.head.as_ref()?;
        let begin = part.as_ptr().addr().checked_sub(self.body.as_ptr().addr())?;
        Text::part(head, begin..begin + part.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lies_before_the_payload_is_copied_once_and_the_rest_for_itself() {
        let id = "0190b7a4-5c1e-7cc2-b1a2-3f6a5e0d9c11";
        let body =
            format!(r#"{{"id":"{id}","source":"/giia/orders","data":{{"a":"b"}},"type":"t"}}"#);
        let shared = Shared::of(&body);
        let text = |part: &str| {
            let begin = body.find(part).expect("a part");
            let text = shared.text(Cow::Borrowed(&body[begin..begin + part.len()]));
            assert_eq!(text, part);
        };
        assert_eq!(shared.head.as_deref().map(str::len), body.find("\"data\""));
        for part in [id, "/giia/orders", "b", "t"] {
            text(part);
        }
        assert_eq!(shared.text(Cow::Borrowed("elsewhere")), "elsewhere");
        assert_eq!(shared.text(Cow::Owned("own".to_owned())), "own");
        assert!(Shared::of(r#"{"data":{},"id":"1"}"#).head.is_none());
    }
}
