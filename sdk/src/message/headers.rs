//! Message headers: names are compared without case, values cannot break the protocol.

use std::borrow::Cow;
use std::fmt;

use async_nats::{HeaderMap, HeaderValue};

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
#[derive(Clone, Default)]
pub struct Headers(Kept);

#[derive(Clone)]
enum Kept {
    /// As nearly all messages have them that are sent.
    Fixed(&'static [(&'static str, &'static str)]),
    Own(Vec<Header>),
    /// As the client library has read them: most are looked at once or twice, and changed never.
    Received(HeaderMap),
}

type Header = (Cow<'static, str>, Cow<'static, str>);

impl Headers {
    /// No headers.
    pub const fn new() -> Self {
        Self::fixed(&[])
    }

    /// These, which can be sent.
    pub(crate) const fn fixed(all: &'static [(&'static str, &'static str)]) -> Self {
        Self(Kept::Fixed(all))
    }

    /// Whether they are these, in this order, and were not changed.
    pub(crate) fn are_fixed(&self, all: &[(&str, &str)]) -> bool {
        matches!(&self.0, Kept::Fixed(own) if *own == all)
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
        let value_fits = !value.contains(|c: char| c.is_control()) && value.trim() == value;
        if !is_name(&name) || !value_fits {
            return Err(InvalidHeader { name: name.into_owned(), value });
        }
        self.edit(|own| own.push((name, value.into())));
        Ok(())
    }

    /// Those that came with a message.
    pub(crate) fn received(headers: Option<HeaderMap>) -> Self {
        headers.map_or_else(Self::new, |headers| Self(Kept::Received(headers)))
    }

    /// Adds a header as it came from the broker.
    pub(crate) fn push_received(
        &mut self,
        name: impl Into<Cow<'static, str>>,
        value: impl Into<Cow<'static, str>>,
    ) {
        self.edit(|own| own.push((name.into(), value.into())));
    }

    /// Puts another value in the place of the one under a name, where there is one and another.
    pub(crate) fn change(&mut self, name: &str, to: impl FnOnce(&str) -> Option<String>) {
        let Some(changed) = self.get(name).and_then(to) else { return };
        self.edit(|own| {
            let mut own = own.iter_mut();
            if let Some((_, value)) = own.find(|(own, _)| own.eq_ignore_ascii_case(name)) {
                *value = changed.into();
            }
        });
    }

    /// The first value under a name, whatever its case.
    pub fn get(&self, name: &str) -> Option<&str> {
        match &self.0 {
            Kept::Fixed(all) => {
                let found = all.iter().find(|(own, _)| own.eq_ignore_ascii_case(name));
                found.map(|(_, value)| *value)
            }
            Kept::Own(own) => {
                let found = own.iter().find(|(own, _)| own.eq_ignore_ascii_case(name));
                found.map(|(_, value)| value.as_ref())
            }
            Kept::Received(received) => {
                let mut all = received.iter();
                let found = all.find(|(own, _)| {
                    let own: &str = own.as_ref();
                    own.eq_ignore_ascii_case(name)
                });
                found?.1.first().map(HeaderValue::as_str)
            }
        }
    }

    /// Every name and value.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        let (fixed, own, received) = match &self.0 {
            Kept::Fixed(all) => (*all, &[][..], None),
            Kept::Own(own) => (&[][..], &**own, None),
            Kept::Received(received) => (&[][..], &[][..], Some(received)),
        };
        let own = own.iter().map(|(name, value)| (name.as_ref(), value.as_ref()));
        let received = received.into_iter().flat_map(HeaderMap::iter);
        let received = received.flat_map(|(name, values)| {
            values.iter().map(move |value| (name.as_ref(), value.as_str()))
        });
        fixed.iter().copied().chain(own).chain(received)
    }

    /// The name of the first that cannot be sent: it would be read as another line of the protocol.
    pub(crate) fn unsendable(&self) -> Option<&str> {
        let mut all = self.iter();
        all.find(|(name, value)| !is_name(name) || value.contains(['\r', '\n']))
            .map(|(name, _)| name)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.iter().next().is_none()
    }

    fn edit(&mut self, edit: impl FnOnce(&mut Vec<Header>)) {
        let mut own = match std::mem::take(&mut self.0) {
            Kept::Own(own) => own,
            Kept::Fixed(all) => {
                all.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect()
            }
            received @ Kept::Received(_) => {
                let received = Self(received);
                let copy = received.iter();
                copy.map(|(name, value)| (name.to_owned().into(), value.to_owned().into()))
                    .collect()
            }
        };
        edit(&mut own);
        self.0 = Kept::Own(own);
    }
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|b| b.is_ascii_graphic() && b != b':')
}

impl Default for Kept {
    fn default() -> Self {
        Self::Fixed(&[])
    }
}

impl PartialEq for Headers {
    /// The same names and values, in whatever order.
    fn eq(&self, other: &Self) -> bool {
        let sorted = |headers: &Self| {
            let mut all: Vec<_> =
                headers.iter().map(|(n, v)| (n.to_owned(), v.to_owned())).collect();
            all.sort_unstable();
            all
        };
        sorted(self) == sorted(other)
    }
}

impl Eq for Headers {}

impl fmt::Debug for Headers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
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
    fn what_was_received_is_changed_like_any_other() {
        let mut map = HeaderMap::new();
        map.append("Tenant", "acme");
        map.append("Tenant", "other");
        let mut headers = Headers::received(Some(map));
        assert_eq!(headers.get("tenant"), Some("acme"));
        let mut same = Headers::new();
        for value in ["other", "acme"] {
            same.push_received("Tenant", value.to_owned());
        }
        assert_eq!(headers, same);
        headers.change("tenant", |_| Some("new".to_owned()));
        headers.insert("More", "1").expect("a valid header");
        assert_eq!((headers.get("Tenant"), headers.get("more")), (Some("new"), Some("1")));
        assert_eq!(headers.iter().count(), 3);
        assert!(Headers::received(None).is_empty());
    }

    #[test]
    fn names_are_compared_without_case() {
        let mut headers = Headers::new();
        headers.insert("Nats-Msg-Id", "7").expect("a valid header");
        assert_eq!(headers.get("nats-msg-id"), Some("7"));
    }
}
