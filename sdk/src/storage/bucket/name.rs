use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

/// The stream of a bucket; none where it cannot be one's name.
pub(crate) fn stream(prefix: &str, bucket: &str) -> Option<&'static str> {
    let fits = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-');
    let is_name = !bucket.is_empty() && bucket.len() <= 200 && bucket.bytes().all(fits);
    is_name.then(|| kept(format!("{prefix}{bucket}")))
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
            assert_eq!(stream("KV_", name).is_some(), fits, "{name:?}");
        }
    }

    #[test]
    fn a_name_is_kept_once() {
        let (one, other) = (kept("KV_x".to_owned()), kept("KV_x".to_owned()));
        assert!(std::ptr::eq(one, other));
    }
}
