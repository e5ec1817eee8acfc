//! Formats of strings.

mod internet;
mod time;

/// What a string stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// `date`, RFC 3339.
    Date,
    /// `date-time`, RFC 3339.
    DateTime,
    /// `duration`, ISO 8601.
    Duration,
    /// `email`, RFC 5321.
    Email,
    /// `hostname`, RFC 1123.
    Hostname,
    /// `idn-email`, RFC 6531.
    IdnEmail,
    /// `idn-hostname`, RFC 5890.
    IdnHostname,
    /// `ipv4`, RFC 2673.
    Ipv4,
    /// `ipv6`, RFC 4291.
    Ipv6,
    /// `iri`, RFC 3987.
    Iri,
    /// `iri-reference`, RFC 3987.
    IriReference,
    /// `json-pointer`, RFC 6901.
    JsonPointer,
    /// `regex`, ECMA-262.
    Regex,
    /// `relative-json-pointer`.
    RelativeJsonPointer,
    /// `time`, RFC 3339.
    Time,
    /// `uri`, RFC 3986.
    Uri,
    /// `uri-reference`, RFC 3986.
    UriReference,
    /// `uri-template`, RFC 6570.
    UriTemplate,
    /// `uuid`, RFC 9562.
    Uuid,
}

impl Format {
    /// Every format, by name.
    pub const ALL: [Self; 19] = [
        Self::Date,
        Self::DateTime,
        Self::Duration,
        Self::Email,
        Self::Hostname,
        Self::IdnEmail,
        Self::IdnHostname,
        Self::Ipv4,
        Self::Ipv6,
        Self::Iri,
        Self::IriReference,
        Self::JsonPointer,
        Self::Regex,
        Self::RelativeJsonPointer,
        Self::Time,
        Self::Uri,
        Self::UriReference,
        Self::UriTemplate,
        Self::Uuid,
    ];

    /// The format of this name, if there is one.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.name() == name)
    }

    /// Its name in a schema.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Date => "date",
            Self::DateTime => "date-time",
            Self::Duration => "duration",
            Self::Email => "email",
            Self::Hostname => "hostname",
            Self::IdnEmail => "idn-email",
            Self::IdnHostname => "idn-hostname",
            Self::Ipv4 => "ipv4",
            Self::Ipv6 => "ipv6",
            Self::Iri => "iri",
            Self::IriReference => "iri-reference",
            Self::JsonPointer => "json-pointer",
            Self::Regex => "regex",
            Self::RelativeJsonPointer => "relative-json-pointer",
            Self::Time => "time",
            Self::Uri => "uri",
            Self::UriReference => "uri-reference",
            Self::UriTemplate => "uri-template",
            Self::Uuid => "uuid",
        }
    }

    /// Whether a text has this format; formats without a check here have every text.
    pub fn fits(self, text: &str) -> bool {
        match self {
            Self::Date => time::is_date(text),
            Self::DateTime => time::is_date_time(text),
            Self::Email | Self::IdnEmail => internet::is_email(text),
            Self::Ipv4 => text.parse::<std::net::Ipv4Addr>().is_ok(),
            Self::Ipv6 => text.parse::<std::net::Ipv6Addr>().is_ok(),
            Self::Iri | Self::Uri => internet::is_uri(text),
            Self::Time => time::is_time(text),
            Self::Uuid => is_uuid(text),
            Self::Duration
            | Self::Hostname
            | Self::IdnHostname
            | Self::IriReference
            | Self::JsonPointer
            | Self::Regex
            | Self::RelativeJsonPointer
            | Self::UriReference
            | Self::UriTemplate => true,
        }
    }
}

/// RFC 9562, as text of five groups.
fn is_uuid(text: &str) -> bool {
    let groups = text.split('-');
    groups.clone().map(str::len).eq([8, 4, 4, 4, 12])
        && groups.flat_map(str::bytes).all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::Format;

    #[test]
    fn texts_have_their_format() {
        for (format, good, bad) in [
            ("uuid", "019cadd3-8782-7db2-b428-1a2d94af3083", "019cadd3-8782-7db2-b428"),
            ("date", "2024-02-29", "2026-02-29"),
            ("date-time", "2026-03-02T09:14:07.123Z", "2026-03-02T09:14:07"),
            ("date-time", "2026-03-02T09:14:07+01:00", "2026-03-02 25:14:07Z"),
            ("time", "09:14:07Z", "9:14"),
            ("email", "ada@example.com", "ada"),
            ("uri", "https://example.com/a", "/a b"),
            ("ipv4", "127.0.0.1", "127.0.0.256"),
            ("ipv6", "::1", ":::"),
        ] {
            let format = Format::named(format).expect("a known format");
            assert!(format.fits(good), "{good}");
            assert!(!format.fits(bad), "{bad}");
        }
    }

    #[test]
    fn every_format_has_its_name() {
        for format in Format::ALL {
            assert_eq!(Format::named(format.name()), Some(format));
        }
        assert!(Format::ALL.is_sorted_by_key(|format| format.name()));
        assert_eq!(Format::named("colour"), None);
    }
}
