//! From an older version of an event to a newer one, and back for those who have not moved yet.

mod downcast;
mod error;
mod link;

pub use downcast::Downcast;
pub(crate) use downcast::Downcasted;
pub use error::{UpcastError, UpcastFailed};
pub use link::Link;

use crate::Event;

/// Makes an event of this version from one of the major version before it.
///
/// Handlers get the version that they subscribed to, whichever older one arrives: the runtime takes an old event
/// through every link of the chain. The catalog declares most links, and this trait is generated for them:
///
/// ```yaml
/// 2.0:
///   upcast: { from: 1.0, rename: { total: total_amount }, set: { currency: EUR } }
/// ```
///
/// A link that has to calculate is written `upcast: { from: 1.0, by: rust }`, and implemented in the crate that includes
/// the generated code; without it, that crate does not compile.
///
/// ```
/// # mod orders {
/// #     pub use event_catalog::auth::{v1, v2};
/// # }
/// use tidings::{Upcast, UpcastError};
///
/// fn newest(old: orders::v1::UserCreated) -> Result<orders::v2::UserCreated, UpcastError> {
///     Upcast::upcast(old)
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "there is no upcast from `{Old}` to `{Self}`",
    label = "this link is missing",
    note = "write `impl Upcast<{Old}> for {Self}` in the crate that includes the generated code, with `upcast: {{ from: …, by: rust }}` on the version in the catalog",
    note = "or let the catalog declare it: `upcast: {{ from: …, rename: …, set: … }}`"
)]
pub trait Upcast<Old: Event>: Event {
    /// The same fact in this version.
    ///
    /// # Errors
    /// The old event lacks what this version cannot do without. The delivery becomes a dead letter at once.
    fn upcast(old: Old) -> Result<Self, UpcastError>;
}
