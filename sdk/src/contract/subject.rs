//! Subjects that cannot hold a wildcard by accident.

use std::borrow::Cow;
use std::fmt::{self, Display, Write as _};

/// The longest token that is accepted, in bytes.
const MAX_TOKEN: usize = 255;

/// A subject to publish on: no wildcards, no empty token.
///
/// ```
/// use event_catalog::user::UserCreated;
/// use tidings::Event as _;
///
/// let subject = tidings::testing::example::<UserCreated>().subject()?;
/// assert_eq!(subject.as_str(), "user.created");
/// # Ok::<(), tidings::InvalidToken>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Subject(Cow<'static, str>);

impl Subject {
    /// A subject from the catalog, which has checked it.
    #[doc(hidden)]
    pub const fn from_catalog(subject: &'static str) -> Self {
        Self(Cow::Borrowed(subject))
    }

    /// The same for the client library.
    pub(crate) fn into_client(self) -> async_nats::Subject {
        match self.0 {
            Cow::Borrowed(subject) => async_nats::Subject::from_static(subject),
            Cow::Owned(subject) => subject.into(),
        }
    }

    /// The subject as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl AsRef<str> for Subject {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

/// Builds a [`Subject`] of which some tokens are known only at run time.
#[doc(hidden)]
#[derive(Debug, Default)]
pub struct SubjectBuilder {
    text: String,
}

impl SubjectBuilder {
    /// Adds tokens that the catalog has checked.
    #[must_use]
    pub fn literal(mut self, tokens: &str) -> Self {
        if self.text.is_empty() {
            // Room for what follows, as a rule.
            self.text.reserve(64);
        }
        self.separate();
        self.text.push_str(tokens);
        self
    }

    /// Adds the value of a parameter as one token.
    pub fn token(
        mut self,
        parameter: &'static str,
        value: impl Display,
    ) -> Result<Self, InvalidToken> {
        self.separate();
        let start = self.text.len();
        let _ = write!(self.text, "{value}");
        check_token(&self.text[start..]).map_err(|fault| InvalidToken {
            parameter,
            value: self.text[start..].into(),
            fault,
        })?;
        Ok(self)
    }

    /// The finished subject.
    #[must_use]
    pub fn build(self) -> Subject {
        Subject(Cow::Owned(self.text))
    }

    fn separate(&mut self) {
        if !self.text.is_empty() {
            self.text.push('.');
        }
    }
}

/// Whether `token` can stand between two dots of a subject.
pub(crate) fn check_token(token: &str) -> Result<(), TokenFault> {
    if token.is_empty() {
        return Err(TokenFault::Empty);
    }
    if token.len() > MAX_TOKEN {
        return Err(TokenFault::TooLong);
    }
    match token
        .chars()
        .find(|c| matches!(c, '.' | '*' | '>') || c.is_whitespace() || c.is_control())
    {
        Some(c) => Err(TokenFault::Character(c)),
        None => Ok(()),
    }
}

/// A value cannot be a token of a subject. It is not shown, as it comes from a payload; see [`value`](Self::value).
///
/// ```
/// use event_catalog::inventory::InventoryAllocated;
/// use tidings::Event as _;
///
/// let stock = InventoryAllocated { warehouse: "berlin.north".to_owned(), ..tidings::testing::example() };
/// let error = stock.subject().expect_err("a dot would make two tokens of it");
/// assert_eq!((error.parameter(), error.value()), ("warehouse", "berlin.north"));
/// ```
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[error("the value of `{parameter}` cannot stand in a subject: {fault}")]
pub struct InvalidToken {
    parameter: &'static str,
    value: Box<str>,
    fault: TokenFault,
}

impl InvalidToken {
    pub(crate) fn new(parameter: &'static str, value: &str, fault: TokenFault) -> Self {
        Self { parameter, value: value.into(), fault }
    }

    /// For an event of a hand-written type that the catalog's type cannot read.
    pub(crate) fn unfit(event_type: &'static str) -> Self {
        Self::new("payload", event_type, TokenFault::Unfit)
    }

    /// The parameter that was given the value.
    pub fn parameter(&self) -> &str {
        self.parameter
    }

    /// The value. It may be personal data.
    pub fn value(&self) -> &str {
        &self.value
    }
}

impl fmt::Debug for InvalidToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InvalidToken")
            .field("parameter", &self.parameter)
            .field("fault", &self.fault)
            .finish_non_exhaustive()
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum TokenFault {
    #[error("it is empty")]
    Empty,
    #[error("it is longer than {MAX_TOKEN} bytes")]
    TooLong,
    #[error("the hand-written type does not fit the catalog's")]
    Unfit,
    #[error("{0:?} would split it or match other subjects")]
    Character(char),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_that_would_reach_other_subjects_are_refused() {
        for (value, accepted) in [
            ("berlin-1", true),
            ("Grüße", true),
            ("", false),
            ("a.b", false),
            ("*", false),
            (">", false),
            ("a b", false),
            ("a\r\nb", false),
            (&"x".repeat(256), false),
        ] {
            let built = SubjectBuilder::default().literal("stock").token("warehouse", value);
            assert_eq!(built.is_ok(), accepted, "{value:?}");
        }
    }

    #[test]
    fn tokens_are_joined_by_dots() {
        let subject = SubjectBuilder::default()
            .literal("inventory")
            .token("warehouse", 7)
            .map(|builder| builder.literal("stock.allocated").build());
        assert_eq!(subject.as_ref().map(Subject::as_str), Ok("inventory.7.stock.allocated"));
    }
}
