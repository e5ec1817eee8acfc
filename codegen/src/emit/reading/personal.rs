//! Which values are personal data.

use super::super::markdown::text::code;
use crate::model::{Catalog, Event, Scope};

/// A place of an event's newest version whose values are personal.
pub(in crate::emit) struct Personal {
    /// JSON pointer, as code.
    pub(in crate::emit) place: String,
    /// How closely it is tied to the person.
    pub(in crate::emit) kind: &'static str,
    /// Whether all or some of what is there is encrypted.
    pub(in crate::emit) is_encrypted: bool,
}

/// The personal places of an event, in the order of its schema.
pub(in crate::emit) fn places(catalog: &Catalog, event: &Event) -> Vec<Personal> {
    let version = event.newest();
    let scope = Scope::version(catalog, version);
    let (encrypted, _) = scope.encrypted(&version.payload, &event.encrypt);
    let found = scope.personal(&version.payload).into_iter();
    found
        .map(|one| Personal {
            place: code(&one.pointer),
            kind: one.kind.as_str(),
            is_encrypted: encrypted.iter().any(|sealed| {
                let inner = sealed.pointer.strip_prefix(&one.pointer);
                inner.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            }),
        })
        .collect()
}
