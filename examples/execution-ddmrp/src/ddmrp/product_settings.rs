//! Sizes buffers anew when the catalog says something else of their product.

use event_catalog::catalog::{ProductCreated, ProductUpdated};
use event_catalog::ddmrp::{Context, product_settings};
use event_catalog::types::Product;
use sqlx::Sqlite;
use tidings::{EventUnion, Handled, State, Subscriber, Tx, event_handler};

use super::books;
use super::buffer::Part;
use super::desk::Desk;
use crate::journal::Journal;

/// Both carry the product as it is now.
#[derive(EventUnion)]
enum ProductEvent {
    Created(Box<ProductCreated>),
    Updated(Box<ProductUpdated>),
}

/// The subscription, all of whose events go to one function. Its run has a [`Desk`] and a [`Journal`] as states.
pub(super) fn subscriber() -> Subscriber {
    product_settings::Handlers::all(take_over).subscriber()
}

#[event_handler(product_settings)]
async fn take_over(
    event: ProductEvent,
    cx: Context,
    State(desk): State<Desk>,
    State(journal): State<Journal>,
    mut tx: Tx<Sqlite>,
) -> Handled {
    let organization = cx.tenant()?;
    let (product_id, product) = match event {
        ProductEvent::Created(event) => (event.product_id, event.product),
        ProductEvent::Updated(event) => (event.product_id, event.product),
    };
    let part = part(&product);
    books::keep_part(&mut tx, organization, product_id, &part).await?;
    for mut buffer in books::buffers(&mut tx, organization).await? {
        if buffer.product_id == product_id && buffer.set_part(part) {
            desk.resize(&mut tx, &cx.publisher(), organization, &mut buffer).await?;
        }
    }
    journal.handled(&cx);
    Ok(())
}

fn part(product: &Product) -> Part {
    Part {
        lead_time_days: product.lead_time_days,
        minimum_order_quantity: product.minimum_order_quantity,
        supplier_id: product.supplier_id,
    }
}
