use std::fmt::{self, Write as _};

use super::{Difference, Object, Refusal};
use crate::BrokerError;

/// The broker does not have what the catalog asks for.
#[derive(Debug, thiserror::Error)]
#[error("the {what} could not be brought to what the catalog says: {reason}")]
pub struct EnsureError {
    what: String,
    reason: String,
    source: Option<BrokerError>,
}

impl EnsureError {
    pub(crate) fn broker(object: &Object, source: BrokerError) -> Self {
        Self { what: object.to_string(), reason: source.to_string(), source: Some(source) }
    }

    pub(super) fn other(error: &TopologyError) -> Self {
        Self { what: "topology".to_owned(), reason: error.to_string(), source: None }
    }

    pub(super) fn refused(refusal: Refusal) -> Self {
        let Refusal { object, reason, source } = refusal;
        Self { what: object.to_string(), reason, source }
    }

    pub(super) fn left(difference: &Difference) -> Self {
        let mut reason = difference.text.clone();
        if let Some(help) = &difference.help {
            let _ = write!(reason, "; {help}");
        }
        Self { what: difference.object.to_string(), reason, source: None }
    }
}

/// What a server has could not be compared, or is not as the catalog says.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TopologyError {
    /// There is nothing to compare on the embedded broker, which has its streams from this process alone.
    #[error("the embedded broker has no topology of its own: `Tidings::ensure` creates it")]
    Embedded,
    /// The server is older than what this crate is made for.
    #[error("nats-server {server} is too old: it takes 2.10 or newer")]
    TooOld {
        /// Its version.
        server: String,
    },
    /// The server does not answer, or does not say.
    #[error("what the server has could not be read: {0}")]
    Broker(#[from] BrokerError),
    /// The server does not have what the catalog asks for.
    #[error("the server is not as the catalog says:{}", Listed(.0))]
    Differs(Vec<Difference>),
    /// It could not be brought to that.
    #[error(transparent)]
    Ensure(#[from] EnsureError),
}

struct Listed<'d>(&'d [Difference]);

impl fmt::Display for Listed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|one| write!(f, "\n  {}: {}", one.object, one.text))
    }
}
