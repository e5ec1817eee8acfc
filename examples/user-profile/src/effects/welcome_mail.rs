use std::sync::Arc;

use event_catalog::user::UserCreated;
use event_catalog::user_profile::welcome_mail;
use tidings::{Handled, State, event_handler};

use crate::ports::Mailer;

/// Greets a new member. A delivery that comes again sends no second mail: the inbox knows.
#[event_handler(welcome_mail, idempotent = true)]
pub async fn welcome(user: UserCreated, State(mailer): State<Arc<dyn Mailer>>) -> Handled {
    mailer.welcome(&user.email, &user.full_name).await?;
    Ok(())
}
