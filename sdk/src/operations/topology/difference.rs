use serde_json::Value;

use super::Object;

/// One thing that the server has otherwise than the catalog says.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Difference {
    /// What it is about.
    pub object: Object,
    /// What can be done about it.
    pub class: Class,
    /// The setting by JetStream's name, where it is about one: `max_age`.
    pub setting: Option<String>,
    /// What the server has, as JetStream writes it; null for nothing.
    pub actual: Value,
    /// What the catalog says, as JetStream writes it; null for nothing.
    pub wanted: Value,
    /// The same for people: `max_age is 30d, the catalog says 7d`.
    pub text: String,
    /// What to do about it, where the next [`apply`](crate::topology::Topology::apply) does not.
    pub help: Option<String>,
    /// The stream is somebody else's: it is compared, and never changed.
    pub external: bool,
    /// It is worth knowing, and no more: the server is nevertheless as the catalog says.
    pub note: bool,
}

/// What can be done about a [`Difference`].
///
/// ```
/// use tidings::topology::{Class, Difference};
///
/// /// What an alert is worth.
/// fn is_urgent(difference: &Difference) -> bool {
///     matches!(difference.class, Class::Missing | Class::Recreation | Class::TooOld)
/// }
/// # let _ = is_urgent;
/// assert_eq!(Class::Narrowing.as_str(), "narrowing");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Class {
    /// It does not exist: it is created.
    Missing,
    /// It is changed, and nothing is lost by that.
    Safe,
    /// The server keeps or promises more than the catalog says. To take that away may let events be dropped, refused, passed
    /// over or handled out of order: it takes a [consent](super::Consent::narrow).
    Narrowing,
    /// The server does not change it. It has to be made anew, which takes a [consent](super::Consent::recreate).
    Recreation,
    /// The same, because the server takes it only in one direction.
    OneWay,
    /// The server is too old for it.
    TooOld,
    /// Somebody else's: a stream that is in the way, or a consumer that the catalog does not know.
    Foreign,
    /// It was made for this catalog, which does not have it any more. To delete it takes a
    /// [consent](super::Consent::delete).
    Orphan,
    /// The catalog says nothing about it, and it stays as it is.
    Kept,
}

impl Class {
    /// In words: `needs recreation`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Safe => "safe",
            Self::Narrowing => "narrowing",
            Self::Recreation => "needs recreation",
            Self::OneWay => "one-way",
            Self::TooOld => "server too old",
            Self::Foreign => "foreign",
            Self::Orphan => "orphan",
            Self::Kept => "kept",
        }
    }
}

impl Difference {
    pub(super) fn new(object: Object, class: Class, text: impl Into<String>) -> Self {
        Self {
            object,
            class,
            setting: None,
            actual: Value::Null,
            wanted: Value::Null,
            text: text.into(),
            help: None,
            external: false,
            note: matches!(class, Class::Kept | Class::TooOld),
        }
    }

    pub(super) fn of_setting(mut self, key: &str, actual: Value, wanted: Value) -> Self {
        self.setting = Some(key.to_owned());
        self.actual = actual;
        self.wanted = wanted;
        self
    }

    pub(super) fn noted(mut self) -> Self {
        self.note = true;
        self
    }

    pub(super) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}
