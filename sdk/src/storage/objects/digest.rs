//! Digests as the Object Store writes them: `SHA-256=` and base64 for URLs.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE;
use sha2::{Digest as _, Sha256};

const PREFIX: &str = "SHA-256=";

/// A digest in the making.
#[derive(Debug, Default)]
pub(super) struct Digest(Sha256);

impl Digest {
    pub(super) fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    pub(super) fn finish(self) -> String {
        format!("{PREFIX}{}", BASE64_URL_SAFE.encode(self.0.finalize()))
    }
}

/// Whether two digests are of the same bytes; some clients leave the padding out.
pub(super) fn are_same(one: &str, other: &str) -> bool {
    one.trim_end_matches('=') == other.trim_end_matches('=')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_are_those_of_the_algorithm() {
        let mut digest = Digest::default();
        digest.update(b"a");
        digest.update(b"bc");
        let known = "SHA-256=ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0=";
        assert_eq!(digest.finish(), known);
        assert!(are_same(known, known.trim_end_matches('=')));
        assert!(!are_same(known, "SHA-256=ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa1="));
    }
}
