//! What members do, a file a command.
//!
//! Each changes the service's own data, and then announces what has happened: everything else follows from the event.

mod members;
mod register;
mod update;
mod upload_avatar;

use std::sync::Arc;

use event_catalog::user_profile;
use tidings::{Event, PublishedBy, Tidings};

use self::members::Members;
pub use self::register::Register;
pub use self::update::Update;
pub use self::upload_avatar::UploadAvatar;
use crate::ports::{Files, Unavailable};

/// The commands of the application, which its pages call.
pub struct Commands {
    members: Members,
    files: Arc<dyn Files>,
    publisher: user_profile::Publisher,
}

/// Why a command was not done. Nothing was announced.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CommandError {
    /// Another member has the address.
    #[error("another member has this address")]
    AddressTaken,
    /// There is no such member.
    #[error("there is no such member")]
    UnknownMember,
    /// What was given breaks the catalog's schema.
    #[error(transparent)]
    Invalid(#[from] tidings::Invalid),
    /// The picture could not be kept.
    #[error("the picture was not kept")]
    Files(#[from] Unavailable),
}

impl Commands {
    /// Commands for the members of an organization.
    pub fn new(bus: &Tidings, organization: &str, files: Arc<dyn Files>) -> Self {
        let publisher = user_profile::Publisher::new(bus).organization(organization);
        Self { members: Members::default(), files, publisher }
    }

    /// Announces what was done. It is done, whatever comes of this: while the broker is away the event waits for it in the
    /// background, and an event that cannot be published is no more than a line in the log.
    fn announce<E>(&self, event: E)
    where
        E: Event,
        E::Contract: PublishedBy<user_profile::Service>,
    {
        if let Err(error) = self.publisher.publish(event).in_background() {
            tracing::warn!(event_type = E::SPEC.event_type, %error, "not announced");
        }
    }
}
