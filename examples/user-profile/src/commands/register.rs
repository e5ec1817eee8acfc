use event_catalog::user::UserCreated;
use tidings::{Event as _, Uuid};

use super::members::Member;
use super::{CommandError, Commands};

/// Somebody wants to be a member.
pub struct Register {
    /// Where to write to.
    pub email: String,
    /// What they are called.
    pub full_name: String,
}

impl Commands {
    /// Makes somebody a member.
    ///
    /// # Errors
    /// The address is another member's, or something breaks the catalog's schema.
    pub async fn register(&self, new: Register) -> Result<Uuid, CommandError> {
        let Register { email, full_name } = new;
        let user_id = Uuid::now_v7();
        let created = UserCreated { user_id, email: email.clone(), full_name: full_name.clone() };
        created.validate()?;
        let member = Member { email, full_name, bio: None, revision: 1, pictures: 0 };
        self.members.add(user_id, member)?;
        self.announce(created);
        Ok(user_id)
    }
}
