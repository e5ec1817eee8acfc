//! A day's trade: customers order, parcels leave, suppliers deliver.

use event_catalog::types::Money;
use tidings::{Date, Uuid};

use crate::execution::{Execution, ExecutionError, Sale, SaleLine};
use crate::samples::{WAREHOUSE, customer};

/// What is sold, and for how much.
#[derive(Clone, Debug)]
pub struct Article {
    /// The product.
    pub product_id: Uuid,
    /// The price of one.
    pub price: Money,
}

/// Those who work in the warehouse on a day.
pub struct Trade<'a> {
    /// The service that they use.
    pub execution: &'a Execution,
    /// Whose warehouse it is.
    pub organization: &'a str,
    /// The day.
    pub today: Date,
}

impl Trade<'_> {
    /// A customer orders so many, to be sent on a day.
    ///
    /// # Errors
    /// See [`Execution::sell`].
    pub async fn sell(
        &self,
        article: &Article,
        quantity: u64,
        due_on: Date,
    ) -> Result<Uuid, ExecutionError> {
        let (customer_id, ship_to) = customer();
        let (product_id, unit_price) = (article.product_id, article.price.clone());
        let lines = vec![SaleLine { product_id, quantity, unit_price }];
        let sale = Sale { customer_id, warehouse: WAREHOUSE.to_owned(), lines, due_on, ship_to };
        self.execution.sell(self.organization, sale).await
    }

    /// Sends what was ordered, if it is there. What is not stays ordered.
    ///
    /// # Errors
    /// See [`Execution::ship`].
    pub async fn send(&self, sales_order_id: Uuid) -> Result<bool, ExecutionError> {
        match self.execution.ship(self.organization, sales_order_id).await {
            Ok(()) => Ok(true),
            Err(ExecutionError::OutOfStock { .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Takes in everything that is on order: suppliers are quick in stories. Returns how many deliveries there were.
    ///
    /// # Errors
    /// See [`Execution::receive`].
    pub async fn receive_all(&self) -> Result<usize, ExecutionError> {
        let orders = self.execution.outstanding(self.organization).await?;
        for order in &orders {
            self.execution.receive(self.organization, order.purchase_order_id).await?;
        }
        Ok(orders.len())
    }

    /// Sends what is still to be sent, as far as it is there. Returns how many orders wait on.
    ///
    /// # Errors
    /// See [`Execution::ship`].
    pub async fn send_all(&self) -> Result<usize, ExecutionError> {
        let mut waiting = 0;
        for order in self.execution.unshipped(self.organization).await? {
            waiting += usize::from(!self.send(order).await?);
        }
        Ok(waiting)
    }
}
