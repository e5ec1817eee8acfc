use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

use serde_json::Value;
use tidings_payload::convert::{Step, convert};

use super::{Upcast, UpcastError, UpcastFailed};
use crate::message::personal::without_values;
use crate::resilience::panic::panicked;
use crate::{Event, EventSpec, Version};

/// How an event of one major version is made from one of the major version before it.
///
/// ```
/// use event_catalog::auth::UserCreated;
/// use tidings::Event as _;
///
/// let link = UserCreated::SPEC.upcast.expect("there is an older version");
/// assert_eq!(link.from().version.major, 1);
/// ```
pub struct Link {
    from: &'static EventSpec,
    how: How,
}

enum How {
    Declared(&'static [Step<'static>]),
    ByHand(fn(Value) -> Result<Value, UpcastError>),
}

impl Link {
    #[doc(hidden)]
    pub const fn declared<Old: Event>(steps: &'static [Step<'static>]) -> Self {
        Self::declared_from(Old::SPEC, steps)
    }

    pub(crate) const fn declared_from(
        from: &'static EventSpec,
        steps: &'static [Step<'static>],
    ) -> Self {
        Self { from, how: How::Declared(steps) }
    }

    #[doc(hidden)]
    pub const fn by_hand<Old: Event, New: Upcast<Old>>() -> Self {
        Self { from: Old::SPEC, how: How::ByHand(by_hand::<Old, New>) }
    }

    /// The version before it.
    pub fn from(&self) -> &'static EventSpec {
        self.from
    }

    fn cast(&self, mut payload: Value) -> Result<Value, UpcastError> {
        match self.how {
            How::Declared(steps) => {
                convert(&mut payload, steps).map(|()| payload).map_err(Into::into)
            }
            How::ByHand(cast) => catch_unwind(AssertUnwindSafe(|| cast(payload)))
                .unwrap_or_else(|panic| Err(UpcastError::because(panicked("the upcast", &*panic)))),
        }
    }
}

fn by_hand<Old: Event, New: Upcast<Old>>(payload: Value) -> Result<Value, UpcastError> {
    let old = serde_json::from_value(payload).map_err(|error| without_values(Old::SPEC, error))?;
    let new = New::upcast(old)?;
    Ok(serde_json::to_value(&new).map_err(|error| without_values(New::SPEC, error))?)
}

impl EventSpec {
    /// The versions that this one can be made from, newest first: each has a link to the one before it in this list.
    pub fn upcasts_from(&self) -> impl Iterator<Item = &'static EventSpec> {
        self.links().map(|(_, link)| link.from)
    }

    /// Brings a payload of an older version to this one, through every link between them. One of the same major version
    /// is left as it is.
    ///
    /// # Errors
    /// A link is missing or does not hold.
    pub fn upcast(&self, from: Version, payload: Value) -> Result<Value, UpcastFailed> {
        if from.major == self.version.major {
            return Ok(payload);
        }
        let failed =
            |from, to, reason| UpcastFailed { event_type: self.event_type, from, to, reason };
        let mut chain = Vec::new();
        for (to, link) in self.links() {
            chain.push((to, link));
            if link.from.version.major != from.major {
                continue;
            }
            let mut payload = payload;
            for (to, link) in chain.into_iter().rev() {
                payload = link.cast(payload).map_err(|why| failed(link.from.version, to, why))?;
            }
            return Ok(payload);
        }
        Err(failed(from, self.version, UpcastError::because("a link is missing")))
    }

    /// An upcast payload that this version's type does not read.
    pub(crate) fn unread(&self, from: Version, error: impl Into<UpcastError>) -> UpcastFailed {
        let (event_type, to) = (self.event_type, self.version);
        UpcastFailed { event_type, from, to, reason: error.into() }
    }

    /// Whether a payload of this major version can be brought to this one.
    pub(crate) fn reaches(&self, major: u16) -> bool {
        self.upcasts_from().any(|older| older.version.major == major)
    }

    /// Each link with the version that it leads to, newest first.
    fn links(&self) -> impl Iterator<Item = (Version, &'static Link)> {
        std::iter::successors(self.upcast.map(|link| (self.version, link)), |(_, link)| {
            link.from.upcast.map(|older| (link.from.version, older))
        })
    }
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let how = match &self.how {
            How::Declared(steps) => format!("{steps:?}"),
            How::ByHand(_) => "by hand".to_owned(),
        };
        f.debug_struct("Link").field("from", &self.from.version).field("how", &how).finish()
    }
}
