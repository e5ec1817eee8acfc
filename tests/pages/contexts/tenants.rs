use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use tidings::{Handled, State, Subscription as _, Uuid, event_handler};

use super::{Outcome, bus};
use crate::shop::orders::OrderCreated;
use crate::shop::{billing, sales};

#[derive(Clone, Default)]
struct Books(Arc<Mutex<BTreeMap<String, Vec<Uuid>>>>);

struct BooksOf<'b>(&'b Books, &'b str);

impl Books {
    fn of<'b>(&'b self, tenant: &'b str) -> BooksOf<'b> {
        BooksOf(self, tenant)
    }
}

impl BooksOf<'_> {
    fn open(&self, order: Uuid) {
        let mut books = self.0.0.lock().expect("nobody panics");
        books.entry(self.1.to_owned()).or_default().push(order);
    }
}

#[tokio::test(start_paused = true)]
async fn an_order_is_in_the_books_of_its_organization() -> Outcome {
    let bus = bus().await;
    let order: OrderCreated = tidings::testing::example();
    shown!(1);
    let books = Books::default();
    let subscriber = billing::collection::Handlers { order_created: collect }.subscriber();
    let run = bus.run(subscriber).state(books.clone());
    run.until(bus.idle(billing::collection::Subscription::SPEC)).await?;
    let books = books.0.lock().expect("nobody panics");
    assert_eq!(books.keys().collect::<Vec<_>>(), ["acme"]);
    Ok(())
}
