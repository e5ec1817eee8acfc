//! The service's own data. A real one has a database, and may put its events into an outbox beside them.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tidings::Uuid;

use super::CommandError;

#[derive(Clone)]
pub(super) struct Member {
    pub(super) email: String,
    pub(super) full_name: String,
    pub(super) bio: Option<String>,
    /// Grows with every change.
    pub(super) revision: u64,
    /// Pictures that were uploaded.
    pub(super) pictures: u64,
}

#[derive(Default)]
pub(super) struct Members(Mutex<HashMap<Uuid, Member>>);

impl Members {
    /// Adds a member, or says that another one has the address.
    pub(super) fn add(&self, user_id: Uuid, member: Member) -> Result<(), CommandError> {
        let mut members = self.lock();
        if members.values().any(|other| other.email == member.email) {
            return Err(CommandError::AddressTaken);
        }
        members.insert(user_id, member);
        Ok(())
    }

    /// Changes a member as a whole, or not at all, and returns what comes of it.
    pub(super) fn change<T>(
        &self,
        user_id: Uuid,
        change: impl FnOnce(&mut Member) -> Result<T, CommandError>,
    ) -> Result<T, CommandError> {
        let mut members = self.lock();
        let member = members.get_mut(&user_id).ok_or(CommandError::UnknownMember)?;
        let mut changed = member.clone();
        let outcome = change(&mut changed)?;
        *member = changed;
        Ok(outcome)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Uuid, Member>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
