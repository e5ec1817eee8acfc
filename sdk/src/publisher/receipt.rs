use std::fmt;
use std::pin::Pin;

use super::{PublishError, Transmission};

/// The stream's word that an event is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Published {
    /// The event's id.
    pub id: String,
    /// The stream.
    pub stream: &'static str,
    /// Its place in the stream, where the broker tells: not for a duplicate.
    pub sequence: Option<u64>,
    /// An event with this id had been stored before, so this copy was dropped.
    pub duplicate: bool,
}

/// An event on its way. Await it for the stream's word.
#[must_use = "await the receipt to know whether the event is stored"]
pub struct Receipt(Transmission);

impl Receipt {
    pub(super) fn new(transmission: Transmission) -> Self {
        Self(transmission)
    }

    /// The event's id.
    pub fn id(&self) -> &str {
        self.0.id()
    }
}

impl IntoFuture for Receipt {
    type Output = Result<Published, PublishError>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.0.finish())
    }
}

impl fmt::Debug for Receipt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receipt").field("id", &self.id()).finish_non_exhaustive()
    }
}
