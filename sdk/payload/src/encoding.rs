//! Bytes that are written as strings.

/// How bytes are written as a string (RFC 4648).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Encoding {
    /// `base16`.
    Base16,
    /// `base32`.
    Base32,
    /// `base64`.
    Base64,
    /// `base64url`.
    Base64Url,
}

impl Encoding {
    /// Every encoding.
    pub const ALL: [Self; 4] = [Self::Base16, Self::Base32, Self::Base64, Self::Base64Url];

    /// Its name in a schema.
    pub fn name(self) -> &'static str {
        match self {
            Self::Base16 => "base16",
            Self::Base32 => "base32",
            Self::Base64 => "base64",
            Self::Base64Url => "base64url",
        }
    }

    /// Whether a text is bytes in this encoding. Padding may only be left out of `base64url`.
    pub fn fits(self, text: &str) -> bool {
        let (group, others, padded): (usize, &str, bool) = match self {
            Self::Base16 => (2, "", true),
            Self::Base32 => (8, "", true),
            Self::Base64 => (4, "+/", true),
            Self::Base64Url => (4, "-_", false),
        };
        let digits = text.trim_end_matches('=');
        let letter = |c: char| match self {
            Self::Base16 => c.is_ascii_hexdigit(),
            Self::Base32 => c.is_ascii_uppercase() || ('2'..='7').contains(&c),
            Self::Base64 | Self::Base64Url => c.is_ascii_alphanumeric() || others.contains(c),
        };
        let padding = text.len() - digits.len();
        let whole = text.len().is_multiple_of(group);
        let filled = match self {
            Self::Base16 => padding == 0,
            Self::Base32 => matches!(padding, 0 | 1 | 3 | 4 | 6),
            Self::Base64 | Self::Base64Url => padding <= 2,
        };
        let open = !padded && padding == 0 && digits.len() % group != 1;
        digits.chars().all(letter) && filled && (whole || open)
    }
}

#[cfg(test)]
mod tests {
    use super::Encoding;

    #[test]
    fn texts_are_bytes_in_their_encoding() {
        for (encoding, good, bad) in [
            (Encoding::Base16, "00ffAB", "0"),
            (Encoding::Base32, "MZXW6===", "MZXW6"),
            (Encoding::Base64, "Zm9v+/==", "Zm9vYg"),
            (Encoding::Base64, "", "Zm9v\n"),
            (Encoding::Base64Url, "Zm9vYg", "Zm9+"),
            (Encoding::Base64Url, "Zm9vYg==", "Zm9vY"),
        ] {
            assert!(encoding.fits(good), "{good}");
            assert!(!encoding.fits(bad), "{bad}");
        }
    }
}
