use std::fmt;

use serde_json::Value;
use tidings_payload::convert::{Step, convert};

use super::UpcastError;
use crate::contract::subject::{InvalidToken, Subject};
use crate::message::personal::without_values;
use crate::{Event, EventSpec};

/// How an event is published in an older version beside its own, for those who have not moved yet.
///
/// ```
/// use event_catalog::auth::UserCreated;
/// use tidings::Event as _;
///
/// let downcast = UserCreated::SPEC.downcast.expect("it is published in version 1 too");
/// assert_eq!(downcast.to().version.major, 1);
/// ```
pub struct Downcast {
    to: &'static EventSpec,
    steps: &'static [Step<'static>],
    read: fn(Value, bool) -> Result<Downcasted, UpcastError>,
}

/// An event in an older version.
pub(crate) struct Downcasted {
    pub(crate) payload: Value,
    pub(crate) subject: Result<Subject, InvalidToken>,
}

impl Downcast {
    #[doc(hidden)]
    pub const fn new<Old: Event>(steps: &'static [Step<'static>]) -> Self {
        Self { to: Old::SPEC, steps, read: read::<Old> }
    }

    /// The older version.
    pub fn to(&self) -> &'static EventSpec {
        self.to
    }

    /// The event in the older version: what its type reads and writes again, and accepts where it is asked to.
    pub(crate) fn cast(
        &self,
        mut payload: Value,
        validate: bool,
    ) -> Result<Downcasted, UpcastError> {
        convert(&mut payload, self.steps)?;
        (self.read)(payload, validate)
    }
}

fn read<Old: Event>(payload: Value, validate: bool) -> Result<Downcasted, UpcastError> {
    let hidden = |error| without_values(Old::SPEC, error);
    let old: Old = serde_json::from_value(payload).map_err(hidden)?;
    if validate {
        old.validate()?;
    }
    let payload = serde_json::to_value(&old).map_err(hidden)?;
    Ok(Downcasted { payload, subject: old.subject() })
}

impl fmt::Debug for Downcast {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Downcast")
            .field("to", &self.to.version)
            .field("steps", &self.steps)
            .finish_non_exhaustive()
    }
}
