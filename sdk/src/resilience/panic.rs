//! Panics in words.

use std::any::Any;
use std::borrow::Cow;

/// That somebody panicked, and with which words.
pub(crate) fn panicked(who: &str, panic: &(dyn Any + Send)) -> String {
    let words = panic.downcast_ref::<&str>().map(|words| Cow::Borrowed(*words));
    let words = words.or_else(|| panic.downcast_ref::<String>().map(Into::into));
    format!("{who} panicked: {}", words.as_deref().unwrap_or("without a message"))
}
