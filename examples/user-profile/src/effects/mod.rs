//! What follows from the events: a mail, what pages read and search, small pictures.

mod read_models;
mod thumbnails;
mod welcome_mail;

use std::sync::Arc;

use event_catalog::user_profile::{self, ReadModels as _};
use tidings::{Inbox, Run, Tidings};

pub use self::read_models::ReadModels;
pub use self::thumbnails::{WIDTHS, shrink};
pub use self::welcome_mail::welcome;
use crate::ports::{Files, Mailer, Profiles, SearchIndex, Studio};

/// Everything around the application.
#[derive(Clone)]
pub struct World {
    /// Writes mail.
    pub mailer: Arc<dyn Mailer>,
    /// What pages read.
    pub profiles: Arc<dyn Profiles>,
    /// What members are found by.
    pub search: Arc<dyn SearchIndex>,
    /// Pictures.
    pub files: Arc<dyn Files>,
    /// Makes small ones of them.
    pub studio: Arc<dyn Studio>,
}

/// The handlers of an instance of the application, about to run. The inbox is shared by all instances.
pub fn run(bus: &Tidings, world: &World, inbox: Inbox) -> Run {
    bus.run(user_profile::welcome_mail::Handlers { user_created: welcome }.subscriber())
        .and(ReadModels::new(bus, world).subscriber())
        .and(user_profile::thumbnails::Handlers { user_avatar_uploaded: shrink }.subscriber())
        .state(Arc::clone(&world.mailer))
        .state(Arc::clone(&world.files))
        .state(Arc::clone(&world.studio))
        .inbox(inbox)
}
