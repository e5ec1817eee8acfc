use std::fmt;

use serde_json::Value;

use super::redact::redact;
use crate::EventSpec;

/// A place of an event's payload that holds personal data: the catalog marks it with `x-pii`.
///
/// ```
/// use event_catalog::orders::OrderCreated;
/// use tidings::{Event as _, PersonalKind};
///
/// let recipient = OrderCreated::SPEC
///     .personal
///     .iter()
///     .find(|field| field.pointer == "/shipping_address/recipient")
///     .expect("marked");
/// assert_eq!(recipient.kind, PersonalKind::Direct);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PersonalField {
    /// JSON pointer to it, and so to all that is in it. `*` stands for each item of a list and each value of a map, `**` for
    /// the way down through types that hold themselves.
    pub pointer: &'static str,
    /// How closely it is tied to a person.
    pub kind: PersonalKind,
    /// Whether it is a map, of which the names are personal too.
    pub names: bool,
}

impl PersonalField {
    #[doc(hidden)]
    pub const fn new(pointer: &'static str, kind: PersonalKind) -> Self {
        Self { pointer, kind, names: false }
    }

    #[doc(hidden)]
    #[must_use]
    pub const fn with_names(mut self) -> Self {
        self.names = true;
        self
    }
}

/// How closely a value is tied to a person: the word behind `x-pii`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PersonalKind {
    /// Names the person: a name, an e-mail address.
    Direct,
    /// Leads to the person together with other data: an address of a device, a postcode.
    Indirect,
    /// Of a kind that the law protects more: health, belief, payment data.
    Sensitive,
}

impl fmt::Display for PersonalKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Direct => "direct",
            Self::Indirect => "indirect",
            Self::Sensitive => "sensitive",
        })
    }
}

impl EventSpec {
    /// The payload, which is one of this version, with `<redacted>` in the place of each personal value: for logs, tables
    /// and whatever else is read by others than handlers.
    ///
    /// ```
    /// use event_catalog::user::UserCreated;
    /// use serde_json::json;
    /// use tidings::Event as _;
    ///
    /// let payload = json!({ "user_id": "019bdcdb-6769-7f32-83c0-c78468bce954", "email": "linus@example.com" });
    /// let shown = UserCreated::SPEC.redacted(payload);
    /// assert_eq!(shown["email"], "<redacted>");
    /// ```
    #[must_use]
    pub fn redacted(&self, mut payload: Value) -> Value {
        redact(&mut payload, self.personal);
        payload
    }
}
