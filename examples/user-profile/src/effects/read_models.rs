use std::sync::Arc;

use event_catalog::user::{UserAvatarUploaded, UserCreated, UserUpdated};
use event_catalog::user_profile;
use tidings::messaging::Core;
use tidings::{Handled, Tidings, Uuid, event_handler};

use super::World;
use crate::cards;
use crate::ports::{Details, Picture, Profiles, SearchIndex};

/// Keeps what pages read and search, and says which cards are stale.
pub struct ReadModels {
    profiles: Arc<dyn Profiles>,
    search: Arc<dyn SearchIndex>,
    core: Core,
}

impl ReadModels {
    /// Writes to the profiles and the index of this world.
    pub fn new(bus: &Tidings, world: &World) -> Self {
        let (profiles, search) = (Arc::clone(&world.profiles), Arc::clone(&world.search));
        Self { profiles, search, core: bus.core() }
    }

    async fn put(&self, user_id: Uuid, details: Details) -> Handled {
        let words = [Some(details.full_name.clone()), details.bio.clone()];
        let words = words.into_iter().flatten().collect::<Vec<_>>().join(" ");
        self.search.put(user_id, words, details.revision).await?;
        self.profiles.put_details(user_id, details).await?;
        cards::stale(&self.core, user_id).await;
        Ok(())
    }
}

#[event_handler]
impl user_profile::ReadModels for ReadModels {
    async fn user_created(&self, user: UserCreated, _: &user_profile::Context) -> Handled {
        let UserCreated { user_id, full_name, .. } = user;
        self.put(user_id, Details { full_name, bio: None, revision: 1 }).await
    }

    async fn user_updated(&self, user: UserUpdated, _: &user_profile::Context) -> Handled {
        let UserUpdated { user_id, full_name, bio, revision, .. } = user;
        self.put(user_id, Details { full_name, bio, revision }).await
    }

    async fn user_avatar_uploaded(
        &self,
        avatar: UserAvatarUploaded,
        _: &user_profile::Context,
    ) -> Handled {
        let UserAvatarUploaded { user_id, avatar_url, revision, .. } = avatar;
        self.profiles.put_picture(user_id, Picture { avatar_url, revision }).await?;
        cards::stale(&self.core, user_id).await;
        Ok(())
    }
}
