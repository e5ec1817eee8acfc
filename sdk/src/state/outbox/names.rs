//! Names that are read from the database, as the rest of the runtime has them.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

static KNOWN: Mutex<Option<HashSet<&'static str>>> = Mutex::new(None);

/// The same text for as long as the process lives. Only for what there are few of: a catalog's streams and event types.
pub(super) fn of_process(name: &str) -> &'static str {
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    let known = known.get_or_insert_default();
    if let Some(known) = known.get(name) {
        return known;
    }
    let name: &'static str = name.to_owned().leak();
    known.insert(name);
    name
}

#[cfg(test)]
mod tests {
    use super::of_process;

    #[test]
    fn a_name_is_kept_once() {
        let (first, second) = (of_process("ORDERS"), of_process(&String::from("ORDERS")));
        assert!(std::ptr::eq(first, second));
    }
}
