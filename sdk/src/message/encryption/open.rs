//! Decrypts the values of an event that was received.

use serde_json::Value;

use super::field::has_the_form;
use super::{EncryptionError, parse};
use crate::Tidings;
use crate::message::envelope::Envelope;

/// The payload with plain values, and with what stands for the erased ones; none where nothing in it is encrypted.
///
/// # Errors
/// See [`EncryptionError`].
pub(crate) async fn open(
    bus: &Tidings,
    envelope: &Envelope,
    data: &str,
) -> Result<Option<String>, EncryptionError> {
    let Some(attribute) = envelope.encrypted_fields.as_deref() else { return Ok(None) };
    let Some(places) = parse(attribute) else {
        // Somebody else's attribute of this name says nothing; one of a later time must not pass for it.
        let payload: Option<Value> = serde_json::from_str(data).ok();
        return match payload.as_ref().is_some_and(is_sealed) {
            true => Err(EncryptionError::Unreadable { attribute: attribute.to_owned() }),
            false => Ok(None),
        };
    };
    let keys = bus.keys().get(&envelope.event_type)?;
    opened(keys, envelope, data, &places).await.map(Some)
}

/// Whether there is an encrypted value anywhere in a payload, in whichever form.
fn is_sealed(payload: &Value) -> bool {
    match payload {
        Value::String(text) => has_the_form(text),
        Value::Array(items) => items.iter().any(is_sealed),
        Value::Object(members) => members.values().any(is_sealed),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

#[cfg(feature = "encryption")]
async fn opened(
    keys: std::sync::Arc<super::Keys>,
    envelope: &Envelope,
    data: &str,
    places: &[(String, super::Erased)],
) -> Result<String, EncryptionError> {
    use std::collections::{HashMap, HashSet};

    use super::sealed::{Binding, Sealed};
    use super::{ERASED, Erased, KeyId, Lookup};
    use crate::message::personal::visit;

    let changed = |pointer: &str| EncryptionError::Changed { pointer: pointer.to_owned() };
    let (Some(organization), Some(version)) =
        (envelope.organization_id.as_deref(), envelope.schema_version)
    else {
        return Err(changed(""));
    };
    let mut payload: Value = serde_json::from_str(data).map_err(|_| changed(""))?;
    let mut known: HashMap<KeyId, Lookup> = HashMap::new();
    let mut wanted: HashSet<KeyId> = HashSet::new();
    for (pointer, _) in places {
        visit(&mut payload, pointer, &mut |value, _| {
            wanted.extend(Sealed::parse(value).map(|sealed| sealed.key));
            true
        });
    }
    for id in wanted {
        let answer = keys.key(organization, id.clone()).await?;
        known.insert(id, answer);
    }
    let (event_type, major, id) = (&*envelope.event_type, u32::from(version.major), &*envelope.id);
    let binding = Binding { organization, event_type, major, id };
    let mut fault = None;
    for (pointer, erased) in places {
        visit(&mut payload, pointer, &mut |value, pointer| {
            if value.is_null() {
                return true;
            }
            let sealed = Sealed::parse(value);
            let lookup = sealed.as_ref().and_then(|sealed| known.get(&sealed.key));
            match (sealed.as_ref(), lookup) {
                (Some(sealed), Some(Lookup::Found(key))) => {
                    match sealed.open(key, &binding, pointer) {
                        Some(plain) => *value = plain,
                        None => fault = Some(changed(pointer)),
                    }
                }
                (Some(_), Some(Lookup::Erased)) => match erased {
                    Erased::Absent => return false,
                    Erased::Null => *value = Value::Null,
                    Erased::Text => *value = Value::String(ERASED.to_owned()),
                },
                _ => fault = Some(changed(pointer)),
            }
            true
        });
    }
    match fault {
        Some(fault) => Err(fault),
        None => Ok(payload.to_string()),
    }
}

#[cfg(not(feature = "encryption"))]
#[allow(clippy::unused_async, reason = "with the feature it asks for keys")]
async fn opened(
    never: std::convert::Infallible,
    _envelope: &Envelope,
    _data: &str,
    _places: &[(String, super::Erased)],
) -> Result<String, EncryptionError> {
    match never {}
}
