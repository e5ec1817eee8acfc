//! Formats of strings.

use crate::model::Format;

/// The standard formats whose strings stay strings.
const OTHERS: &[&str] = &[
    "duration",
    "email",
    "hostname",
    "idn-email",
    "idn-hostname",
    "ipv4",
    "ipv6",
    "iri",
    "iri-reference",
    "json-pointer",
    "regex",
    "relative-json-pointer",
    "time",
    "uri",
    "uri-reference",
    "uri-template",
];

/// Every format that a schema may name.
pub(crate) fn known() -> impl Iterator<Item = &'static str> {
    ["uuid", "date-time", "date"].into_iter().chain(OTHERS.iter().copied())
}

impl Format {
    /// The format of this name, if there is one.
    pub(crate) fn named(name: &str) -> Option<Self> {
        match name {
            "uuid" => Some(Self::Uuid),
            "date-time" => Some(Self::DateTime),
            "date" => Some(Self::Date),
            _ => OTHERS.contains(&name).then(|| Self::Other(name.to_owned())),
        }
    }

    /// Its name in a schema.
    pub fn name(&self) -> &str {
        match self {
            Self::Uuid => "uuid",
            Self::DateTime => "date-time",
            Self::Date => "date",
            Self::Other(name) => name,
        }
    }

    /// Whether a text has this format; formats without a check here have every text.
    pub(crate) fn fits(&self, text: &str) -> bool {
        match self {
            Self::Uuid => is_uuid(text),
            Self::DateTime => is_date_time(text),
            Self::Date => is_date(text),
            Self::Other(name) => match name.as_str() {
                "email" | "idn-email" => is_email(text),
                "uri" | "iri" => is_uri(text),
                "ipv4" => text.parse::<std::net::Ipv4Addr>().is_ok(),
                "ipv6" => text.parse::<std::net::Ipv6Addr>().is_ok(),
                "time" => is_time(text),
                _ => true,
            },
        }
    }
}

/// RFC 9562, as text of five groups.
fn is_uuid(text: &str) -> bool {
    let groups: Vec<&str> = text.split('-').collect();
    groups.iter().map(|group| group.len()).eq([8, 4, 4, 4, 12])
        && groups.iter().all(|group| group.bytes().all(|b| b.is_ascii_hexdigit()))
}

/// RFC 3339's `full-date`.
pub(crate) fn is_date(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let [year, month, day] = parts.as_slice() else { return false };
    let (Some(year), Some(month), Some(day)) = (number(year, 4), number(month, 2), number(day, 2))
    else {
        return false;
    };
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        1..=12 => 31,
        _ => return false,
    };
    (1..=days).contains(&day)
}

fn is_date_time(text: &str) -> bool {
    text.split_once(['T', 't', ' ']).is_some_and(|(date, time)| is_date(date) && is_time(time))
}

/// RFC 3339's `full-time`.
fn is_time(text: &str) -> bool {
    let Some(at) = text.find(['Z', 'z', '+', '-']) else { return false };
    let (time, zone) = text.split_at(at);
    let (clock, fraction) = time.split_once('.').unwrap_or((time, "0"));
    let clock_fits = match clock.split(':').collect::<Vec<_>>().as_slice() {
        [hour, minute, second] => below(hour, 24) && below(minute, 60) && below(second, 61),
        _ => false,
    };
    let fraction_fits = !fraction.is_empty() && fraction.bytes().all(|b| b.is_ascii_digit());
    let zone_fits = matches!(zone, "Z" | "z")
        || zone[1..].split_once(':').is_some_and(|(h, m)| below(h, 24) && below(m, 60));
    clock_fits && fraction_fits && zone_fits
}

fn is_email(text: &str) -> bool {
    text.rsplit_once('@').is_some_and(|(local, domain)| {
        !local.is_empty() && !domain.is_empty() && !text.contains(char::is_whitespace)
    })
}

fn is_uri(text: &str) -> bool {
    text.split_once(':').is_some_and(|(scheme, rest)| {
        scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
            && !rest.is_empty()
            && !text.contains(char::is_whitespace)
    })
}

fn below(digits: &str, limit: u32) -> bool {
    number(digits, 2).is_some_and(|number| number < limit)
}

fn number(digits: &str, length: usize) -> Option<u32> {
    let fits = digits.len() == length && digits.bytes().all(|b| b.is_ascii_digit());
    fits.then(|| digits.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use crate::model::Format;

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
}
