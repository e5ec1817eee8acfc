use crate::broker::kept;

/// The stream of a bucket; none where it cannot be one's name.
pub(crate) fn stream(prefix: &str, bucket: &str) -> Option<&'static str> {
    let fits = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-');
    let is_name = !bucket.is_empty() && bucket.len() <= 200 && bucket.bytes().all(fits);
    is_name.then(|| kept(format!("{prefix}{bucket}")))
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
}
