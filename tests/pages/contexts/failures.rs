use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tidings::{
    Handled, Reason, Reject, RetryAfter, State, Subscription as _, Tidings, Uuid, event_handler,
    testing,
};

use crate::shop::orders::OrderCreated;
use crate::shop::{CATALOG, billing, sales};

#[derive(Debug)]
enum Declined {
    NoSuchAccount,
    Busy(Duration),
}

impl std::fmt::Display for Declined {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{self:?}")
    }
}

impl std::error::Error for Declined {}

type Answers = VecDeque<Result<(), Declined>>;

#[derive(Clone)]
struct Bank(Arc<Mutex<Answers>>);

impl Bank {
    fn answering(answers: impl IntoIterator<Item = Result<(), Declined>>) -> Self {
        Self(Arc::new(Mutex::new(answers.into_iter().collect())))
    }

    async fn charge(&self, _: Uuid) -> Result<(), Declined> {
        self.0.lock().expect("nobody panics").pop_front().expect("an answer for each attempt")
    }
}

shown!(1);

shown!(2);
