//! Formats of strings, as the model has them.

use tidings_payload::Format as Standard;

use crate::model::Format;

/// Every format that a schema may name.
pub(crate) fn known() -> impl Iterator<Item = &'static str> {
    Standard::ALL.into_iter().map(Standard::name)
}

impl Format {
    /// The format of this name, if there is one.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Standard::named(name).map(|format| match format {
            Standard::Uuid => Self::Uuid,
            Standard::DateTime => Self::DateTime,
            Standard::Date => Self::Date,
            other => Self::Other(other.name().to_owned()),
        })
    }

    /// Its name in a schema.
    pub fn name(&self) -> &str {
        match self {
            Self::Uuid => Standard::Uuid.name(),
            Self::DateTime => Standard::DateTime.name(),
            Self::Date => Standard::Date.name(),
            Self::Other(name) => name,
        }
    }

    /// Whether it has a Rust type of its own, which reads no other text.
    pub fn has_rust_type(&self) -> bool {
        !matches!(self, Self::Other(_))
    }

    /// Whether a text has this format; formats without a check have every text.
    pub(crate) fn fits(&self, text: &str) -> bool {
        Standard::named(self.name()).is_none_or(|format| format.fits(text))
    }
}
