//! Message headers: names are compared without case, values cannot break the protocol.

use std::borrow::Cow;

/// The headers of a message, in the order they were added.
///
/// ```
/// use tidings::Headers;
///
/// let mut headers = Headers::new();
/// assert!(headers.is_empty());
/// headers.insert("Tenant", "acme")?;
/// assert_eq!(headers.get("tenant"), Some("acme"));
/// for (name, value) in headers.iter() {
///     println!("{name}: {value}");
/// }
/// assert!(headers.insert("Tenant", "acme\r\nPUB").is_err());
/// # Ok::<(), tidings::InvalidHeader>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Headers(Vec<(Cow<'static, str>, String)>);

impl Headers {
    /// No headers.
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// Adds a header.
    ///
    /// # Errors
    /// The name is not a token of printable ASCII, or the value holds a line break, another control character or
    /// leading or trailing white space: each would be read back as something else, or break the connection.
    pub fn insert(
        &mut self,
        name: impl Into<Cow<'static, str>>,
        value: impl Into<String>,
    ) -> Result<(), InvalidHeader> {
        let (name, value) = (name.into(), value.into());
        let name_fits = !name.is_empty() && name.bytes().all(|b| b.is_ascii_graphic() && b != b':');
        let value_fits = !value.contains(|c: char| c.is_control()) && value.trim() == value;
        if !name_fits || !value_fits {
            return Err(InvalidHeader { name: name.into_owned(), value });
        }
        self.0.push((name, value));
        Ok(())
    }

    /// Adds a header as it came from the broker.
    pub(crate) fn push_received(&mut self, name: impl Into<Cow<'static, str>>, value: String) {
        self.0.push((name.into(), value));
    }

    /// Puts another value in the place of the one under a name, where there is one and another.
    pub(crate) fn change(&mut self, name: &str, to: impl FnOnce(&str) -> Option<String>) {
        let found = self.0.iter_mut().find(|(own, _)| own.eq_ignore_ascii_case(name));
        if let Some((_, value)) = found
            && let Some(changed) = to(value)
        {
            *value = changed;
        }
    }

    /// The first value under a name, whatever its case.
    pub fn get(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(own, _)| own.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    /// Every name and value.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_ref(), value.as_str()))
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// A header that would be read back as something else.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the header `{name}: {value:?}` cannot be sent: names are printable ASCII without `:`, values have no control characters and no surrounding white space"
)]
pub struct InvalidHeader {
    name: String,
    value: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_break_the_protocol_is_refused() {
        for (name, value, accepted) in [
            ("ce-type", "orders.order.created", true),
            ("ce-type", "", true),
            ("ce-type", "Grüße", true),
            ("", "x", false),
            ("a b", "x", false),
            ("a:b", "x", false),
            ("ä", "x", false),
            ("x", "a\rb", false),
            ("x", "a\nb", false),
            ("x", " a", false),
        ] {
            let mut headers = Headers::new();
            assert_eq!(headers.insert(name, value).is_ok(), accepted, "{name:?}: {value:?}");
        }
    }

    #[test]
    fn names_are_compared_without_case() {
        let mut headers = Headers::new();
        headers.insert("Nats-Msg-Id", "7").expect("a valid header");
        assert_eq!(headers.get("nats-msg-id"), Some("7"));
    }
}
