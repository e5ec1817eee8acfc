use event_catalog::auth::UserDeleted;
use tidings::{Handled, State, event_handler};

#[event_handler]
async fn erase(user: UserDeleted, State(users): State<u32>) -> Handled {
    let _ = (user, users);
    Ok(())
}

async fn test(user: UserDeleted) -> Handled {
    erase::run(user, State(3)).await
}

pub fn main() {
    let _ = test;
}
