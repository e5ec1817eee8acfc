use std::fmt;

/// What a difference is about.
///
/// ```
/// use tidings::topology::Object;
///
/// let consumer = Object::Consumer { stream: "ORDERS_EVENTS".to_owned(), name: "billing-invoicing".to_owned() };
/// assert_eq!(consumer.path(), "ORDERS_EVENTS/billing-invoicing"); // what a `Consent` names
/// assert!(consumer.is_called("billing-invoicing")); //                as short as that
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Object {
    /// The server itself.
    Server,
    /// A stream, by name.
    Stream(String),
    /// A consumer of a stream.
    Consumer {
        /// The stream.
        stream: String,
        /// The consumer's name.
        name: String,
    },
}

impl Object {
    pub(super) fn stream(name: impl Into<String>) -> Self {
        Self::Stream(name.into())
    }

    pub(super) fn consumer(stream: impl Into<String>, name: impl Into<String>) -> Self {
        Self::Consumer { stream: stream.into(), name: name.into() }
    }

    /// Its name, with the stream before it for a consumer: `ORDERS_EVENTS/billing-invoicing`.
    pub fn path(&self) -> String {
        match self {
            Self::Server => "server".to_owned(),
            Self::Stream(name) => name.clone(),
            Self::Consumer { stream, name } => format!("{stream}/{name}"),
        }
    }

    /// The stream that it is, or lies in.
    pub(super) fn stream_name(&self) -> Option<&str> {
        match self {
            Self::Server => None,
            Self::Stream(name) => Some(name),
            Self::Consumer { stream, .. } => Some(stream),
        }
    }

    /// Whether somebody who writes this word means it: its path, or a consumer's name alone.
    pub fn is_called(&self, word: &str) -> bool {
        match self {
            Self::Consumer { name, .. } if name == word => true,
            Self::Server => false,
            other => other.path() == word,
        }
    }
}

impl fmt::Display for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Server => f.write_str("server"),
            Self::Stream(name) => write!(f, "stream `{name}`"),
            Self::Consumer { stream, name } => write!(f, "consumer `{name}` of stream `{stream}`"),
        }
    }
}
