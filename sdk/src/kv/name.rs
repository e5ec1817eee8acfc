//! What buckets and keys may be called, and what they are called below.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use super::KvError;

/// The longest key, in bytes: servers bound the length of a line.
const MAX_KEY: usize = 1024;

/// The stream of a bucket.
pub(super) fn stream(bucket: &str) -> Result<&'static str, KvError> {
    let fits = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-');
    if bucket.is_empty() || bucket.len() > 200 || !bucket.bytes().all(fits) {
        return Err(KvError::BucketName { name: bucket.to_owned() });
    }
    Ok(kept(format!("KV_{bucket}")))
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

/// Names of streams live as long as the process, as those of the catalog do. There are as many as buckets.
fn kept(name: String) -> &'static str {
    static NAMES: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());
    let mut names = NAMES.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = names.get(name.as_str()) {
        return known;
    }
    let name: &'static str = name.leak();
    names.insert(name);
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_a_server_or_another_client_would_refuse_are_refused() {
        for (name, fits) in [
            ("inbox", true),
            ("In-Box_2", true),
            ("", false),
            ("a.b", false),
            ("a b", false),
            (">", false),
        ] {
            assert_eq!(stream(name).is_ok(), fits, "{name:?}");
        }
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

    #[test]
    fn a_name_is_kept_once() {
        let (one, other) = (kept("KV_x".to_owned()), kept("KV_x".to_owned()));
        assert!(std::ptr::eq(one, other));
    }
}
