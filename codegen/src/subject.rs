//! How subjects and their wildcards relate: `*` is one token, `>` is one or more at the end.

/// Whether some subject matches both filters.
pub fn overlap(a: &str, b: &str) -> bool {
    let (mut a, mut b) = (a.split('.'), b.split('.'));
    loop {
        match (a.next(), b.next()) {
            (None, None) | (Some(">"), Some(_)) | (Some(_), Some(">")) => return true,
            (Some(x), Some(y)) if x == y || x == "*" || y == "*" => {}
            _ => return false,
        }
    }
}

/// Whether every subject that matches `inner` matches `outer` too.
pub fn covers(outer: &str, inner: &str) -> bool {
    let (mut outer, mut inner) = (outer.split('.'), inner.split('.'));
    loop {
        match (outer.next(), inner.next()) {
            (None, None) | (Some(">"), Some(_)) => return true,
            (Some(_), Some(">")) => return false,
            (Some(x), Some(y)) if x == y || x == "*" => {}
            _ => return false,
        }
    }
}

/// Whether a filter takes in subjects that belong to the server or to replies.
pub(crate) fn is_system(filter: &str) -> bool {
    let first = filter.split('.').next().unwrap_or_default();
    matches!(first, "*" | ">") || first.starts_with("_INBOX")
}

#[cfg(test)]
mod tests {
    use super::{covers, overlap};

    #[test]
    fn wildcards_match_as_the_server_matches_them() {
        // outer, inner, overlap, covers
        for (a, b, overlapping, covering) in [
            ("a.b", "a.b", true, true),
            ("a.b", "a.c", false, false),
            ("a.*", "a.b", true, true),
            ("a.b", "a.*", true, false),
            ("a.>", "a", false, false),
            ("a.>", "a.b.c", true, true),
            ("a.*", "a.b.c", false, false),
            ("a.*.c", "a.b.*", true, false),
            (">", "a", true, true),
            ("a.*", "a.>", true, false),
            ("a.>", "a.*", true, true),
            ("*.b", "a.>", true, false),
        ] {
            assert_eq!(overlap(a, b), overlapping, "{a} and {b} overlap");
            assert_eq!(overlap(b, a), overlapping, "{b} and {a} overlap");
            assert_eq!(covers(a, b), covering, "{a} covers {b}");
        }
    }
}
