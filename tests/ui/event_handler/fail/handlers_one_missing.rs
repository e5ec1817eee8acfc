use event_catalog::auth::{UserCreated, UserUpdated};
use event_catalog::catalog::user_sync;
use tidings::{Handled, event_handler};

#[event_handler]
async fn insert(user: UserCreated) -> Handled {
    let _ = user;
    Ok(())
}

#[event_handler]
async fn update(user: UserUpdated) -> Handled {
    let _ = user;
    Ok(())
}

fn main() {
    let _ = user_sync::Handlers { user_created: insert, user_updated: update }.subscriber();
}
