use std::fmt;

use serde_json::Value;

use super::PersonalField;
use super::place::visit;

/// What is shown in the place of a personal value.
pub(super) const REDACTED: &str = "<redacted>";

/// The place of a personal value in what `Debug` shows of a generated type.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Redacted;

impl fmt::Debug for Redacted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(REDACTED)
    }
}

/// Hides every personal value, and all that is in it.
pub(super) fn redact(payload: &mut Value, fields: &[PersonalField]) {
    for field in fields {
        visit(payload, field.pointer, &mut |value, _| {
            *value = Value::String(REDACTED.to_owned());
            true
        });
    }
}
