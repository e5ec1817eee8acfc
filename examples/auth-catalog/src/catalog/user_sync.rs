use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use event_catalog::auth::{UserCreated, UserDeleted, UserUpdated};
use event_catalog::catalog;
use tidings::{Handled, Uuid};

use super::members::{Member, Members};

/// Keeps the copy of the users. Any number of instances share the work.
#[derive(Clone)]
pub struct UserSync {
    members: Members,
    handled: Arc<AtomicU64>,
}

impl UserSync {
    /// An instance that writes to this table.
    pub fn new(members: Members) -> Self {
        Self { members, handled: Arc::default() }
    }

    /// How many events this instance has handled.
    pub fn handled(&self) -> u64 {
        self.handled.load(Ordering::Relaxed)
    }

    async fn take(&self, user_id: Uuid, member: Option<Member>, cx: &catalog::Context) -> Handled {
        self.members.take(cx.tenant()?, user_id, cx.sequence(), member).await?;
        self.handled.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }
}

#[tidings::event_handler]
impl catalog::UserSync for UserSync {
    async fn user_created(&self, event: UserCreated, cx: &catalog::Context) -> Handled {
        let UserCreated { user_id, email, name, status, .. } = event;
        self.take(user_id, Some(Member { user_id, email, name, status }), cx).await
    }

    async fn user_updated(&self, event: UserUpdated, cx: &catalog::Context) -> Handled {
        let UserUpdated { user_id, email, name, status, .. } = event;
        self.take(user_id, Some(Member { user_id, email, name, status }), cx).await
    }

    async fn user_deleted(&self, event: UserDeleted, cx: &catalog::Context) -> Handled {
        self.take(event.user_id, None, cx).await
    }
}
