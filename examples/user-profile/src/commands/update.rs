use event_catalog::user::UserUpdated;
use tidings::{Event as _, Uuid};

use super::{CommandError, Commands};

/// A member changes what is known of them. What is none stays as it is.
#[derive(Default)]
pub struct Update {
    /// What they are called from now on.
    pub full_name: Option<String>,
    /// What they say about themself.
    pub bio: Option<String>,
}

impl Commands {
    /// Changes a member's profile.
    ///
    /// # Errors
    /// There is no such member, or something breaks the catalog's schema.
    pub async fn update(&self, user_id: Uuid, changes: Update) -> Result<(), CommandError> {
        let Update { full_name, bio } = changes;
        let updated = self.members.change(user_id, |member| {
            member.full_name = full_name.unwrap_or_else(|| member.full_name.clone());
            member.bio = bio.or_else(|| member.bio.clone());
            member.revision += 1;
            let updated = UserUpdated {
                user_id,
                email: member.email.clone(),
                full_name: member.full_name.clone(),
                bio: member.bio.clone(),
                revision: member.revision,
            };
            updated.validate()?;
            Ok(updated)
        })?;
        self.announce(updated);
        Ok(())
    }
}
