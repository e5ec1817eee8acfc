//! Names that are found out at run time and are needed for as long as those of the catalog: each is kept once. There are as
//! many as a catalog has, and as buckets that are named.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

/// A name for as long as the process lives.
pub(crate) fn kept(name: String) -> &'static str {
    static NAMES: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());
    let mut names = NAMES.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = names.get(name.as_str()) {
        return known;
    }
    let name: &'static str = name.leak();
    names.insert(name);
    name
}

/// Names for as long as the process lives.
pub(crate) fn kept_list(list: Vec<&'static str>) -> &'static [&'static str] {
    static LISTS: Mutex<BTreeSet<&'static [&'static str]>> = Mutex::new(BTreeSet::new());
    let mut lists = LISTS.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = lists.get(list.as_slice()) {
        return known;
    }
    let list: &'static [&'static str] = list.leak();
    lists.insert(list);
    list
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_kept_once() {
        let (one, other) = (kept("KV_x".to_owned()), kept("KV_x".to_owned()));
        assert!(std::ptr::eq(one, other));
        let (one, other) = (kept_list(vec!["a", "b"]), kept_list(vec!["a", "b"]));
        assert!(std::ptr::eq(one, other));
    }
}
