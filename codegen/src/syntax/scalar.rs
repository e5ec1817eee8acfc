//! The words and numbers of catalog files.

use std::time::Duration;

use super::form::Form;
use super::reader::{Scalar, list};
use crate::codes::Level;
use crate::model::{ClaimCheck, Ownership, Pii, Start, Storage, VersionId};

/// Text for people.
#[derive(Clone, Debug)]
pub(crate) struct Text(pub(crate) String);

impl Scalar for Text {
    const EXPECTED: &'static str = "a text";
    const FORM: Form = Form::Text;

    fn parse(text: &str) -> Option<Self> {
        Some(Self(text.trim_end().to_owned()))
    }
}

/// A name in `snake_case`.
#[derive(Clone, Debug)]
pub(crate) struct Name(pub(crate) String);

impl Scalar for Name {
    const EXPECTED: &'static str = "a name in snake_case such as `order_status`";
    const FORM: Form = Form::Pattern { pattern: "^[a-z][a-z0-9_]*$", examples: &[] };

    fn parse(text: &str) -> Option<Self> {
        is_snake_case(text).then(|| Self(text.to_owned()))
    }

    fn advice(text: &str) -> Option<String> {
        let snake = crate::naming::snake(text);
        is_snake_case(&snake).then(|| format!("write `{snake}`"))
    }
}

/// The code or the name of a rule; whether there is such a rule is decided by who knows them.
#[derive(Clone, Debug)]
pub(crate) struct RuleName(pub(crate) String);

impl Scalar for RuleName {
    const EXPECTED: &'static str = "a rule such as `unconsumed-event` or `T410`";
    const FORM: Form = Form::Rule;

    fn parse(text: &str) -> Option<Self> {
        Some(Self(text.to_owned()))
    }
}

/// The name of the catalog, which may have hyphens.
#[derive(Clone, Debug)]
pub(crate) struct CatalogName(pub(crate) String);

impl Scalar for CatalogName {
    const EXPECTED: &'static str = "a name such as `shop` or `shop-events`";
    const FORM: Form = Form::Pattern { pattern: "^[a-z][a-z0-9_-]*$", examples: &[] };

    fn parse(text: &str) -> Option<Self> {
        is_snake_case(&text.replace('-', "_")).then(|| Self(text.to_owned()))
    }
}

/// The name of a bucket of the server.
#[derive(Clone, Debug)]
pub(crate) struct BucketName(pub(crate) String);

impl Scalar for BucketName {
    const EXPECTED: &'static str = "the name of a bucket such as `orders_inbox`";
    const FORM: Form =
        Form::Pattern { pattern: "^[A-Za-z0-9_-]+$", examples: &["orders_inbox", "checkpoints"] };

    fn parse(text: &str) -> Option<Self> {
        let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
        (!text.is_empty() && text.chars().all(fits)).then(|| Self(text.to_owned()))
    }

    fn advice(_: &str) -> Option<String> {
        Some(
            "it has ASCII letters, digits, `-` and `_`; its stream is `KV_` and the name"
                .to_owned(),
        )
    }
}

/// The name of a Rust type.
#[derive(Clone, Debug)]
pub(crate) struct TypeName(pub(crate) String);

impl Scalar for TypeName {
    const EXPECTED: &'static str = "a type name such as `OrderCreated`";
    const FORM: Form = Form::Pattern { pattern: "^[A-Z][A-Za-z0-9]*$", examples: &[] };

    fn parse(text: &str) -> Option<Self> {
        let begins = text.starts_with(|c: char| c.is_ascii_uppercase());
        (begins && text.chars().all(|c| c.is_ascii_alphanumeric())).then(|| Self(text.to_owned()))
    }

    fn advice(text: &str) -> Option<String> {
        let pascal = crate::naming::pascal(text);
        Self::parse(&pascal).map(|_| format!("write `{pascal}`"))
    }
}

/// `a`, `a1`, `a_b`: what names and the tokens of event types are made of.
pub(crate) fn is_snake_case(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

impl Scalar for bool {
    const EXPECTED: &'static str = "`true` or `false`";
    const FORM: Form = Form::Boolean;

    fn parse(text: &str) -> Option<Self> {
        match text {
            "true" | "True" | "TRUE" => Some(true),
            "false" | "False" | "FALSE" => Some(false),
            _ => None,
        }
    }

    fn advice(text: &str) -> Option<String> {
        match text.to_lowercase().as_str() {
            "yes" | "on" => Some(format!("`{text}` is a text in YAML 1.2: write `true`")),
            "no" | "off" => Some(format!("`{text}` is a text in YAML 1.2: write `false`")),
            _ => None,
        }
    }
}

impl Scalar for u8 {
    const EXPECTED: &'static str = "a whole number up to 255";
    const FORM: Form = Form::Whole { from: 0, to: u8::MAX as u32 };

    fn parse(text: &str) -> Option<Self> {
        text.parse().ok()
    }
}

/// Into how many parts a stream is divided.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PartitionCount(pub(crate) u16);

impl PartitionCount {
    const MOST: u16 = 256;
}

impl Scalar for PartitionCount {
    const EXPECTED: &'static str = "a number of partitions from 1 to 256 such as `8`";
    const FORM: Form = Form::Whole { from: 1, to: Self::MOST as u32 };

    fn parse(text: &str) -> Option<Self> {
        text.parse().ok().filter(|count| (1..=Self::MOST).contains(count)).map(Self)
    }
}

/// How many of something; at least one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Count(pub(crate) u32);

impl Scalar for Count {
    const EXPECTED: &'static str = "a whole number from 1 such as `16`";
    const FORM: Form = Form::Whole { from: 1, to: u32::MAX };

    fn parse(text: &str) -> Option<Self> {
        text.parse().ok().filter(|count| *count > 0).map(Self)
    }

    fn advice(text: &str) -> Option<String> {
        let digits = text.replace(['_', ',', '.', '\'', ' '], "");
        if digits != text && Self::parse(&digits).is_some() {
            return Some(format!("write `{digits}`"));
        }
        digits
            .parse::<u64>()
            .is_ok_and(|count| count > 0)
            .then(|| format!("it is {} at most", u32::MAX))
    }
}

/// A part of the whole.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Share(pub(crate) f64);

impl Scalar for Share {
    const EXPECTED: &'static str = "a share from 0 to 1 such as `0.2`";
    const FORM: Form = Form::Share;

    fn parse(text: &str) -> Option<Self> {
        text.parse().ok().filter(|share| (0.0..=1.0).contains(share)).map(Self)
    }
}

impl Scalar for Duration {
    const EXPECTED: &'static str = "a duration such as `20s`";
    const FORM: Form = Form::Pattern {
        pattern: "^[0-9]+(ms|s|m|h|d)$",
        examples: &["500ms", "20s", "2m", "1h", "7d"],
    };

    fn parse(text: &str) -> Option<Self> {
        let (number, unit) = text.split_at(text.find(|c: char| !c.is_ascii_digit())?);
        let number: u64 = number.parse().ok()?;
        let milliseconds = match unit {
            "ms" => 1,
            "s" => 1000,
            "m" => 60_000,
            "h" => 3_600_000,
            "d" => 86_400_000,
            _ => return None,
        };
        // The server counts nanoseconds in an `i64`.
        let limit = u64::MAX / 2 / 1_000_000;
        number.checked_mul(milliseconds).filter(|all| *all <= limit).map(Self::from_millis)
    }

    fn advice(text: &str) -> Option<String> {
        if text.parse::<u64>().is_ok() {
            return Some(format!("give the unit: `{text}s` for seconds, `{text}ms`, `{text}m` …"));
        }
        if let Some(advice) = without_spaces::<Self>(text) {
            return Some(advice);
        }
        Some("the units are `ms`, `s`, `m`, `h` and `d`; one number, one unit".to_owned())
    }
}

/// The same without the spaces in it, where that would be understood.
fn without_spaces<T: Scalar>(text: &str) -> Option<String> {
    let joined: String = text.split_whitespace().collect();
    (joined != text && T::parse(&joined).is_some()).then(|| format!("write `{joined}`"))
}

/// A number of bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Size(pub(crate) u64);

impl Scalar for Size {
    const EXPECTED: &'static str = "a size such as `1GiB`";
    const FORM: Form = Form::Pattern {
        pattern: "^[0-9]+(B|KiB|MiB|GiB|TiB)$",
        examples: &["64KiB", "1MiB", "1GiB"],
    };

    fn parse(text: &str) -> Option<Self> {
        let (number, unit) = text.split_at(text.find(|c: char| !c.is_ascii_digit())?);
        let number: u64 = number.parse().ok()?;
        let shift = match unit {
            "B" => 0,
            "KiB" => 10,
            "MiB" => 20,
            "GiB" => 30,
            "TiB" => 40,
            _ => return None,
        };
        number.checked_mul(1 << shift).filter(|all| i64::try_from(*all).is_ok()).map(Self)
    }

    fn advice(text: &str) -> Option<String> {
        if text.parse::<u64>().is_ok() {
            return Some(format!(
                "give the unit: `{text}B` for bytes; the others are `KiB`, `MiB`, `GiB` and `TiB`"
            ));
        }
        if let Some(advice) = without_spaces::<Self>(text) {
            return Some(advice);
        }
        Some("the units are `B`, `KiB`, `MiB`, `GiB` and `TiB`; one number, one unit".to_owned())
    }
}

/// A limit that can be lifted.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limit<T>(pub(crate) Option<T>);

impl<T: Scalar> Scalar for Limit<T> {
    const EXPECTED: &'static str = T::EXPECTED;
    const FORM: Form = Form::Or { word: "unlimited", other: &T::FORM };

    fn parse(text: &str) -> Option<Self> {
        if text == "unlimited" { Some(Self(None)) } else { T::parse(text).map(|at| Self(Some(at))) }
    }

    fn advice(text: &str) -> Option<String> {
        T::advice(text).map(|advice| format!("{advice}; or write `unlimited`"))
    }
}

/// From which size on something is done, if it is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Threshold(pub(crate) Option<Size>);

impl Scalar for Threshold {
    const EXPECTED: &'static str = "a size such as `64KiB`, or `off`";
    const FORM: Form = Form::Or { word: "off", other: &Size::FORM };

    fn parse(text: &str) -> Option<Self> {
        if text == "off" { Some(Self(None)) } else { Size::parse(text).map(|at| Self(Some(at))) }
    }

    fn advice(text: &str) -> Option<String> {
        Size::advice(text).map(|advice| format!("{advice}; or write `off`"))
    }
}

/// From where on an operator is told, if ever.
#[derive(Clone, Copy, Debug)]
pub(crate) struct AlertAbove<T>(pub(crate) Option<T>);

impl<T: Scalar> Scalar for AlertAbove<T> {
    const EXPECTED: &'static str = T::EXPECTED;
    const FORM: Form = Form::Or { word: "off", other: &T::FORM };

    fn parse(text: &str) -> Option<Self> {
        if text == "off" { Some(Self(None)) } else { T::parse(text).map(|at| Self(Some(at))) }
    }

    fn advice(text: &str) -> Option<String> {
        T::advice(text).map(|advice| format!("{advice}; or write `off`"))
    }
}

/// From which size on a payload lies apart from its message, if it ever does.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ClaimThreshold(pub(crate) Option<ClaimCheck>);

impl Scalar for ClaimThreshold {
    const EXPECTED: &'static str = "a size such as `512KiB`, `max_payload` or `off`";
    const FORM: Form =
        Form::Or { word: "off", other: &Form::Or { word: "max_payload", other: &Size::FORM } };

    fn parse(text: &str) -> Option<Self> {
        match text {
            "off" => Some(Self(None)),
            "max_payload" => Some(Self(Some(ClaimCheck { above: None }))),
            size => Size::parse(size).map(|size| Self(Some(ClaimCheck { above: Some(size.0) }))),
        }
    }

    fn advice(text: &str) -> Option<String> {
        Size::advice(text).map(|advice| format!("{advice}; or write `max_payload` or `off`"))
    }
}

impl Scalar for VersionId {
    const EXPECTED: &'static str = "a version such as `1.0`";
    const FORM: Form = Form::Version;

    fn parse(text: &str) -> Option<Self> {
        Self::parse(text)
    }

    fn advice(text: &str) -> Option<String> {
        match text.parse::<u16>() {
            Ok(major) if major > 0 => Some(format!("write `{major}.0`")),
            _ => Some("a version is `major.minor`; majors begin with 1, minors with 0".to_owned()),
        }
    }
}

/// A day of the calendar: `2026-01-15`.
#[derive(Clone, Debug)]
pub(crate) struct Date(pub(crate) String);

impl Scalar for Date {
    const EXPECTED: &'static str = "a date such as `2026-01-15`";
    const FORM: Form = Form::Pattern { pattern: "^[0-9]{4}-[0-9]{2}-[0-9]{2}$", examples: &[] };

    fn parse(text: &str) -> Option<Self> {
        tidings_payload::Format::Date.fits(text).then(|| Self(text.to_owned()))
    }
}

/// One of a few words.
macro_rules! words {
    ($type:ty, $expected:literal, { $( $word:literal => $value:expr, )* }) => {
        impl Scalar for $type {
            const EXPECTED: &'static str = $expected;
            const FORM: Form = Form::Words(&[$( $word ),*]);

            fn parse(text: &str) -> Option<Self> {
                match text {
                    $( $word => Some($value), )*
                    _ => None,
                }
            }

            fn advice(_: &str) -> Option<String> {
                Some(format!("the words are {}", list(&[$( $word ),*])))
            }
        }
    };
}

words!(Storage, "a kind of storage such as `file`", {
    "file" => Storage::File,
    "memory" => Storage::Memory,
});
words!(Ownership, "who looks after it such as `external`", {
    "managed" => Ownership::Managed,
    "external" => Ownership::External,
});
words!(Level, "a level such as `warn`", {
    "off" => Level::Off,
    "warn" => Level::Warn,
    "error" => Level::Error,
});
words!(Pii, "a kind of personal data such as `direct`", {
    "direct" => Pii::Direct,
    "indirect" => Pii::Indirect,
    "sensitive" => Pii::Sensitive,
});
words!(Start, "where to begin such as `all`", {
    "all" => Start::All,
    "new" => Start::New,
});

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Scalar, Size};
    use crate::model::VersionId;

    #[test]
    fn durations_have_one_number_and_one_unit() {
        for (text, milliseconds) in [
            ("500ms", Some(500)),
            ("20s", Some(20_000)),
            ("2m", Some(120_000)),
            ("7d", Some(604_800_000)),
            ("20", None),
            ("1h30m", None),
            ("-1s", None),
            ("1.5s", None),
            ("s", None),
            ("99999999999999d", None),
        ] {
            let expected = milliseconds.map(Duration::from_millis);
            assert_eq!(Duration::parse(text), expected, "{text}");
        }
    }

    #[test]
    fn sizes_count_in_powers_of_two() {
        for (text, bytes) in
            [("512B", Some(512)), ("1KiB", Some(1024)), ("1GiB", Some(1 << 30)), ("1GB", None)]
        {
            assert_eq!(Size::parse(text).map(|size| size.0), bytes, "{text}");
        }
    }

    #[test]
    fn versions_are_two_numbers() {
        for (text, expected) in [
            ("1.0", Some((1, 0))),
            ("1.10", Some((1, 10))),
            ("0.1", None),
            ("1", None),
            ("1.0.0", None),
            ("01.0", None),
            ("1.00", None),
            ("+1.0", None),
        ] {
            let parsed = VersionId::parse(text).map(|id| (id.major, id.minor));
            assert_eq!(parsed, expected, "{text}");
        }
    }
}
