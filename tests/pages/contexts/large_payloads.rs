use std::time::Duration;

use tidings::objects::ObjectsConfig;

use super::{Outcome, bus};

#[tokio::test]
async fn what_was_put_is_read() -> Outcome {
    let bus = bus().await;
    let month = Duration::from_secs(30 * 24 * 60 * 60);
    let bytes = vec![7_u8; 300_000];
    shown!(1);
    Ok(())
}
