use event_catalog::orders::{OrderCreated, OrderShipped};
use event_catalog::{CATALOG, sales};
use tidings::{Handled, Tidings, Timestamp, Uuid, event_handler};

#[event_handler]
async fn confirm(order: OrderCreated, cx: sales::Context) -> Handled {
    if cx.attempt() == 1 {
        println!("attempt 1: the mail server is away");
        Err(std::io::Error::other("the mail server is away"))?;
    }
    println!("attempt {}: thank you for {:?}", cx.attempt(), order.note.unwrap_or_default());
    Ok(())
}

#[event_handler]
async fn announce(_: OrderShipped) -> Handled {
    println!("the parcel is on its way");
    Ok(())
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let bus = Tidings::embedded(); // a broker inside of this process
    bus.ensure(&CATALOG).await?; // streams and consumers, as the catalog says

    let order = OrderCreated {
        order_id: Uuid::now_v7(),
        placed_at: Timestamp::now(),
        note: Some("two mugs".to_owned()),
    };
    let stored = sales::Publisher::new(&bus).order_created(order).await?;
    println!("stored in {}", stored.stream);

    let shipped = OrderShipped { order_id: Uuid::now_v7() };
    sales::Publisher::new(&bus).order_shipped(shipped).await?;

    let subscriber =
        sales::confirmation::Handlers { order_created: confirm, order_shipped: announce }
            .subscriber();
    bus.run(subscriber).await?; // until Ctrl-C, which lets handlers finish
    Ok(())
}
