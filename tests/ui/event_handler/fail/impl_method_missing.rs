use event_catalog::auth::{UserCreated, UserUpdated};
use event_catalog::catalog;
use tidings::{Handled, event_handler};

struct Users;

#[event_handler]
impl catalog::UserSync for Users {
    async fn user_created(&self, user: UserCreated, cx: &catalog::Context) -> Handled {
        let _ = (user, cx);
        Ok(())
    }

    async fn user_updated(&self, user: UserUpdated, cx: &catalog::Context) -> Handled {
        let _ = (user, cx);
        Ok(())
    }
}

fn main() {
    let _ = catalog::UserSync::subscriber(Users);
}
