use std::num::NonZeroU32;

use tidings::{Reason, Tidings, Timestamp};

use super::{Outcome, samples};

#[tokio::test(start_paused = true)]
async fn nothing_is_found_where_nothing_failed() -> Outcome {
    let bus = samples().await;
    let (yesterday, last_month) = (Timestamp::UNIX_EPOCH, Timestamp::UNIX_EPOCH);
    let rate = NonZeroU32::new(50).expect("more than none");
    shown!(1);
    Ok(())
}

async fn sweeper(bus: Tidings, an_hour: tokio::time::Sleep) -> Outcome {
    shown!(2);
    Ok(())
}
