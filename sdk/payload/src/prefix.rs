//! What names are under a prefix, so that several environments or teams share a server.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

/// The longest prefix, in bytes: names of streams are bounded, as they become names of files.
const LONGEST: usize = 32;

/// What the streams of buckets begin with.
const BUCKETS: [&str; 2] = ["KV_", "OBJ_"];

/// A word before the names of everything that a catalog has on a server, where environments or teams share one.
///
/// Under `staging` the stream `ORDERS_EVENTS` is `STAGING_ORDERS_EVENTS`, the subject `orders.order.created` is
/// `staging.orders.order.created`, and the bucket `orders_inbox` is `staging_orders_inbox`. Consumers keep their names, which
/// are those of one stream.
///
/// It is of lower-case letters, digits and `-`, and begins with a letter. Without `_`, no name under one prefix is a name
/// under another.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Prefix {
    word: Box<str>,
    /// As it stands before the names of streams: `STAGING_`.
    capitals: Box<str>,
}

/// Not a prefix.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParsePrefixError(String);

/// What a token of a subject names.
#[derive(Clone, Copy)]
enum Named {
    Stream,
    Bucket,
}

/// Beginnings of subjects that no event has, and which token behind them names a stream or bucket.
const NAMING: [(&str, usize, Named); 5] = [
    ("$KV.", 0, Named::Bucket),
    ("$O.", 0, Named::Bucket),
    ("$JS.EVENT.ADVISORY.CONSUMER.", 1, Named::Stream),
    ("_scheduled.", 0, Named::Stream),
    ("_closed.", 0, Named::Stream),
];

impl Prefix {
    /// The word.
    pub fn as_str(&self) -> &str {
        &self.word
    }

    /// What a stream is called on the server, those of buckets among them.
    pub fn stream(&self, name: &str) -> String {
        for kind in BUCKETS {
            if let Some(bucket) = name.strip_prefix(kind) {
                return format!("{kind}{}", self.bucket(bucket));
            }
        }
        format!("{}{name}", self.capitals)
    }

    /// What a bucket is called on the server.
    pub fn bucket(&self, name: &str) -> String {
        format!("{}_{name}", self.word)
    }

    /// What a subject or filter is on the server. That of everything in a stream stays, and so do the server's own.
    pub fn subject(&self, subject: &str) -> String {
        if let Some((name, named)) = name_in(subject) {
            let whole = match named {
                Named::Stream => self.stream(name.of(subject)),
                Named::Bucket => self.bucket(name.of(subject)),
            };
            return format!("{}{whole}{}", &subject[..name.start], &subject[name.end..]);
        }
        match subject == ">" || subject.starts_with('$') {
            true => subject.to_owned(),
            false => format!("{}.{subject}", self.word),
        }
    }

    /// What a service or role logs on as: `staging-billing`.
    pub fn user(&self, name: &str) -> String {
        format!("{}-{name}", self.word)
    }

    /// The service or role that logs on so; none where it is not under this prefix.
    pub fn user_of<'w>(&self, user: &'w str) -> Option<&'w str> {
        user.strip_prefix(&*self.word)?.strip_prefix('-')
    }

    /// The catalog's name of a stream of the server; none where it is not under this prefix.
    pub fn stream_of<'w>(&self, wire: &'w str) -> Option<Cow<'w, str>> {
        for kind in BUCKETS {
            if let Some(bucket) = wire.strip_prefix(kind) {
                return self.bucket_of(bucket).map(|bucket| format!("{kind}{bucket}").into());
            }
        }
        wire.strip_prefix(&*self.capitals).map(Cow::Borrowed)
    }

    /// The catalog's subject; none where it is not under this prefix.
    pub fn subject_of<'w>(&self, wire: &'w str) -> Option<Cow<'w, str>> {
        if let Some((name, named)) = name_in(wire) {
            let own = match named {
                Named::Stream => self.stream_of(name.of(wire))?,
                Named::Bucket => self.bucket_of(name.of(wire))?.into(),
            };
            return Some(format!("{}{own}{}", &wire[..name.start], &wire[name.end..]).into());
        }
        if wire.starts_with('$') {
            return Some(wire.into());
        }
        wire.strip_prefix(&*self.word)?.strip_prefix('.').map(Cow::Borrowed)
    }

    fn bucket_of<'w>(&self, wire: &'w str) -> Option<&'w str> {
        wire.strip_prefix(&*self.word)?.strip_prefix('_')
    }
}

/// Where a name stands in a subject.
struct Place {
    start: usize,
    end: usize,
}

impl Place {
    fn of<'s>(&self, subject: &'s str) -> &'s str {
        &subject[self.start..self.end]
    }
}

/// The name of a stream or bucket in a subject that has one.
fn name_in(subject: &str) -> Option<(Place, Named)> {
    let (begins, index, named) =
        NAMING.into_iter().find(|(begins, ..)| subject.starts_with(begins))?;
    let mut start = begins.len();
    for _ in 0..index {
        start += subject[start..].find('.')? + 1;
    }
    let length = subject[start..].find('.').unwrap_or(subject.len() - start);
    let place = Place { start, end: start + length };
    let is_name = !matches!(place.of(subject), "" | "*" | ">");
    is_name.then_some((place, named))
}

impl FromStr for Prefix {
    type Err = ParsePrefixError;

    fn from_str(word: &str) -> Result<Self, ParsePrefixError> {
        let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        let begins = word.starts_with(|c: char| c.is_ascii_lowercase());
        if !begins || !word.bytes().all(fits) || word.len() > LONGEST {
            return Err(ParsePrefixError(word.to_owned()));
        }
        let capitals = format!("{}_", word.to_ascii_uppercase()).into();
        Ok(Self { word: word.into(), capitals })
    }
}

impl fmt::Display for Prefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.word)
    }
}

impl fmt::Display for ParsePrefixError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "`{}` is no prefix: it begins with a lower-case letter, and has up to {LONGEST} lower-case letters, digits and `-`, \
             as `staging`",
            self.0
        )
    }
}

impl std::error::Error for ParsePrefixError {}

#[cfg(test)]
mod tests {
    use super::*;

    fn staging() -> Prefix {
        "staging".parse().expect("a prefix")
    }

    #[test]
    fn streams_have_it_and_lose_it_again() {
        for (own, wire) in [
            ("ORDERS_EVENTS", "STAGING_ORDERS_EVENTS"),
            ("STAGING_X", "STAGING_STAGING_X"),
            ("KV_orders_inbox", "KV_staging_orders_inbox"),
            ("OBJ_ORDERS_payloads", "OBJ_staging_ORDERS_payloads"),
        ] {
            assert_eq!(staging().stream(own), wire);
            assert_eq!(staging().stream_of(wire).as_deref(), Some(own));
        }
        for foreign in ["ORDERS_EVENTS", "KV_inbox", "STAGINGX_Y", "staging_X"] {
            assert_eq!(staging().stream_of(foreign), None, "{foreign}");
        }
    }

    #[test]
    fn subjects_have_it_and_lose_it_again() {
        for (own, wire) in [
            ("orders.order.created", "staging.orders.order.created"),
            ("*.order.>", "staging.*.order.>"),
            ("$KV.inbox.a.b", "$KV.staging_inbox.a.b"),
            ("$O.S_payloads.C.>", "$O.staging_S_payloads.C.>"),
            ("_scheduled.S.*", "_scheduled.STAGING_S.*"),
            ("_closed.S", "_closed.STAGING_S"),
            (
                "$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.S.*",
                "$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.STAGING_S.*",
            ),
            ("$JS.EVENT.ADVISORY.CONSUMER.>", "$JS.EVENT.ADVISORY.CONSUMER.>"),
        ] {
            assert_eq!(staging().subject(own), wire);
            assert_eq!(staging().subject_of(wire).as_deref(), Some(own));
        }
        assert_eq!(staging().subject(">"), ">");
        for foreign in ["orders.order.created", "stagingx.a", "$KV.inbox.a", "_scheduled.S.x"] {
            assert_eq!(staging().subject_of(foreign), None, "{foreign}");
        }
    }

    #[test]
    fn what_would_be_another_name_is_no_prefix() {
        for (word, fits) in [
            ("staging", true),
            ("team-7", true),
            ("", false),
            ("7", false),
            ("-a", false),
            ("Staging", false),
            ("a_b", false),
            ("a.b", false),
            ("ä", false),
            (&"x".repeat(33), false),
        ] {
            assert_eq!(word.parse::<Prefix>().is_ok(), fits, "{word:?}");
        }
    }
}
