//! What buckets and keys may be called, and what they are called below.

use super::KvError;
use crate::storage::bucket;

/// The longest key, in bytes: servers bound the length of a line.
const MAX_KEY: usize = 1024;

/// The stream of a bucket.
pub(super) fn stream(name: &str) -> Result<&'static str, KvError> {
    bucket::stream("KV_", name).ok_or_else(|| KvError::BucketName { name: name.to_owned() })
}

/// Where the values of a key go.
pub(super) fn subject(bucket: &str, key: &str) -> Result<String, KvError> {
    let fits = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'/' | b'_' | b'=');
    let token = |token: &str| !token.is_empty() && token.bytes().all(fits);
    if key.len() > MAX_KEY || !key.split('.').all(token) {
        return Err(KvError::Key { key: key.to_owned() });
    }
    Ok(format!("$KV.{bucket}.{key}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_that_a_server_or_another_client_would_refuse_are_refused() {
        for (key, fits) in [
            ("billing.019b=/x_-", true),
            ("", false),
            (".a", false),
            ("a.", false),
            ("a..b", false),
            ("a b", false),
            ("a.*", false),
            ("a.>", false),
            ("ä", false),
        ] {
            assert_eq!(subject("b", key).is_ok(), fits, "{key:?}");
        }
        assert_eq!(
            subject("b", &"x".repeat(MAX_KEY)).map(|subject| subject.len()).ok(),
            Some(MAX_KEY + 6)
        );
        assert!(subject("b", &"x".repeat(MAX_KEY + 1)).is_err());
    }
}
