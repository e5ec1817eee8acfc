//! Encrypts the values of messages about to be sent.

use crate::EventSpec;
use crate::upcast::Downcast;

/// Whether an event, or a copy of it in an older version, has encrypted fields.
pub(crate) fn encrypts(spec: &'static EventSpec) -> bool {
    let older = |spec: &&'static EventSpec| spec.downcast.map(Downcast::to);
    std::iter::successors(Some(spec), older).any(|spec| !spec.encrypted.is_empty())
}

#[cfg(feature = "encryption")]
pub(crate) use with::Sealer;
#[cfg(not(feature = "encryption"))]
pub(crate) use without::Sealer;

#[cfg(feature = "encryption")]
mod with {
    use std::sync::Arc;

    use serde_json::Value;

    use crate::broker::Outgoing;
    use crate::encryption::sealed::{self, Binding};
    use crate::encryption::{EncryptionError, Key, KeyError, Lookup, list};
    use crate::message::envelope::{self, Data, Received};
    use crate::message::personal::visit;
    use crate::{EventSpec, Tidings};

    /// The current key of an organization.
    pub(crate) struct Sealer {
        organization: Arc<str>,
        key: Key,
    }

    impl Sealer {
        pub(crate) async fn new(
            bus: &Tidings,
            event_type: &str,
            organization: &Arc<str>,
        ) -> Result<Self, EncryptionError> {
            let keys = bus.keys().get(event_type)?;
            match keys.current(organization).await? {
                Lookup::Found(key) => Ok(Self { organization: Arc::clone(organization), key }),
                Lookup::Erased => {
                    Err(EncryptionError::Erased { organization: organization.to_string() })
                }
            }
        }

        /// Encrypts values of the message, which is not compressed yet, and lists their places in it.
        pub(crate) fn seal(
            &self,
            spec: &EventSpec,
            message: &mut Outgoing,
        ) -> Result<(), EncryptionError> {
            if spec.encrypted.is_empty() {
                return Ok(());
            }
            let failed = |error: KeyError| EncryptionError::Keys {
                organization: self.organization.to_string(),
                source: Box::new(error),
            };
            let unread =
                |error| KeyError::new("an event that was just written cannot be read", error);
            let Received { mut envelope, data } =
                envelope::read(&message.headers, &message.payload, usize::MAX)
                    .map_err(|error| failed(unread(error.to_string())))?;
            // A payload is put aside as the last thing before it is sent.
            let Data::Here(data) = data else {
                return Err(failed(unread("its payload is elsewhere".to_owned())));
            };
            let mut payload: Value =
                serde_json::from_str(&data).map_err(|error| failed(unread(error.to_string())))?;
            let binding = Binding {
                organization: &self.organization,
                event_type: spec.event_type,
                major: spec.version.major.into(),
                id: &envelope.id,
            };
            let (mut used, mut fault) = (Vec::new(), None);
            for field in spec.encrypted {
                let mut found = false;
                visit(&mut payload, field.pointer, &mut |value, pointer| {
                    // What is null tells nothing, and stays.
                    if !value.is_null() {
                        found = true;
                        match sealed::seal(value, &self.key, &binding, pointer) {
                            Ok(sealed) => *value = sealed,
                            Err(error) => fault = Some(error),
                        }
                    }
                    true
                });
                used.extend(found.then_some(field));
            }
            if let Some(fault) = fault {
                return Err(failed(fault));
            }
            if used.is_empty() {
                return Ok(());
            }
            envelope.encrypted_fields = Some(list(used.into_iter()).into());
            let mode = envelope::mode(&message.headers);
            let (headers, body) = envelope::write_again(mode, &envelope, &payload)
                .map_err(|error| failed(unread(error.to_string())))?;
            (message.headers, message.payload) = (headers, body);
            Ok(())
        }
    }
}

#[cfg(not(feature = "encryption"))]
mod without {
    use std::convert::Infallible;
    use std::sync::Arc;

    use crate::broker::Outgoing;
    use crate::encryption::EncryptionError;
    use crate::{EventSpec, Tidings};

    /// There is none without the feature.
    pub(crate) struct Sealer(Infallible);

    impl Sealer {
        #[allow(clippy::unused_async, reason = "with the feature it asks for keys")]
        pub(crate) async fn new(
            bus: &Tidings,
            event_type: &str,
            _organization: &Arc<str>,
        ) -> Result<Self, EncryptionError> {
            bus.keys().get(event_type).map(Self)
        }

        pub(crate) fn seal(
            &self,
            _spec: &EventSpec,
            _message: &mut Outgoing,
        ) -> Result<(), EncryptionError> {
            match self.0 {}
        }
    }
}
