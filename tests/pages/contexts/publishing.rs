use std::time::Duration;

use tidings::{Background, Config, ConfigError, Outcome as Word, Overflow, Timestamp};

use super::{Outcome, bus};
use crate::shop::orders::{OrderCreated, OrderShipped};
use crate::shop::web::PageViewed;
use crate::shop::{orders, sales};

fn example() -> OrderCreated {
    tidings::testing::example()
}

#[tokio::test(start_paused = true)]
async fn it_is_stored() -> Outcome {
    let bus = bus().await;
    let (order, next) = (example(), example());
    shown!(1);
    assert_eq!(published.outcome(), Word::Stored);
    assert!(receipt.await?.sequence > published.sequence);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn nobody_waits_for_what_may_be_lost() -> Outcome {
    let bus = bus().await;
    let publisher = sales::Publisher::new(&bus).organization("acme");
    let view: PageViewed = tidings::testing::example();
    shown!(2);
    bus.flush().await;
    assert_eq!(bus.background_counts().published, 1);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn all_of_it_is_stored() -> Outcome {
    let bus = bus().await;
    let publisher = sales::Publisher::new(&bus).organization("acme");
    let (order, shipped) = (example(), tidings::testing::example::<OrderShipped>());
    shown!(3);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn all_are_stored() -> Outcome {
    let bus = bus().await;
    let publisher = sales::Publisher::new(&bus).organization("acme");
    let views = (0..1_000).map(|_| tidings::testing::example::<PageViewed>());
    shown!(4);
    assert_eq!((loaded.events, loaded.last_sequence), (1_000, Some(1_000)));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn what_is_taken_back_never_comes() -> Outcome {
    let bus = bus().await;
    let publisher = sales::Publisher::new(&bus).organization("acme");
    let reminder: OrderShipped = tidings::testing::example();
    let tomorrow = Timestamp::now() + Duration::from_secs(24 * 60 * 60);
    shown!(5);
    assert!(taken_back);
    Ok(())
}

fn to_disk() -> Result<Config, ConfigError> {
    shown!(6);
    Ok(config)
}

#[test]
fn groups_are_a_setting_of_the_connection() {
    assert!(to_disk().is_ok());
}
