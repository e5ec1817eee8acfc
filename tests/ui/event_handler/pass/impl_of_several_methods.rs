use event_catalog::auth::{UserCreated, UserDeleted, UserUpdated};
use event_catalog::catalog::{Context, UserSync};
use tidings::{Handled, event_handler};

struct Users<T>(T);

#[event_handler]
impl<T: Send + Sync + 'static> UserSync for Users<T> {
    #![allow(clippy::unused_async)]

    async fn user_created(&self, user: UserCreated, _: &Context) -> Handled {
        drop(user);
        Ok(())
    }

    /// Two of them at once.
    async fn user_updated(&self, _user: UserUpdated, cx: &Context) -> tidings::Handled {
        let _ = (&self.0, cx);
        Err(std::fmt::Error)?
    }

    async fn user_deleted(&self, UserDeleted { .. }: UserDeleted, _: &Context) -> std::fmt::Result {
        Ok(())
    }
}

pub fn main() {
    let _ = Users(1).subscriber();
}
