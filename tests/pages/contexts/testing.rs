use std::future::IntoFuture as _;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use event_catalog::orders::OrderCreated;
use event_catalog::user::UserCreated;
use proptest::{prop_assert, proptest};
use tidings::{Handled, State, event_handler};
use tokio::sync::Notify;

#[derive(Clone, Default)]
struct Mailer {
    sent: Arc<Mutex<Vec<String>>>,
    another: Arc<Notify>,
}

impl Mailer {
    async fn sent(&self) -> Vec<String> {
        self.another.notified().await;
        self.sent.lock().expect("nobody panics").clone()
    }
}

#[event_handler]
async fn welcome(user: UserCreated, State(mailer): State<Mailer>) -> Handled {
    mailer.sent.lock().expect("nobody panics").push(user.email);
    mailer.another.notify_one();
    Ok(())
}

fn linus() -> UserCreated {
    UserCreated { email: "linus@example.com".to_owned(), ..testing::example() }
}

shown!(1);

fn total(order: &OrderCreated) -> Result<i128, std::num::TryFromIntError> {
    let prices = order.lines.iter().map(|line| i128::from(line.unit_price.amount_minor));
    Ok(prices.sum())
}

shown!(2);

shown!(3);
