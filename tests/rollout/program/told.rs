//! What an instance tells.

use std::time::Duration;

use tidings::kv::BucketConfig;
use tidings::{Context, Handled, Inbox, PublishError, Published, Reject, Service, Tidings};

/// Between two events of a till: some hundred a second are published.
const PAUSE: Duration = Duration::from_millis(5);

/// The event is in its stream.
pub(crate) fn stored(event: &Published) {
    println!("stored {}", event.id);
}

/// The event is handled by this subscription.
pub(crate) fn handled<S: Service>(subscription: &str, what: &str, cx: &Context<S>) -> Handled {
    let version = cx.published_version().ok_or_else(|| Reject::because("it says no version"))?;
    println!("{subscription} {what} {} {} {version}", cx.event_id(), cx.sequence());
    Ok(())
}

/// Marks that all instances of a service share.
pub(crate) async fn inbox(bus: &Tidings) -> Result<Inbox, Box<dyn std::error::Error>> {
    Ok(Inbox::kv(bus.ensure_bucket(&BucketConfig::new("SHOP_INBOX")).await?))
}

/// Sells until the process is told to end; every fifth sale is a return of the one before it.
pub(crate) async fn selling(
    sell: impl AsyncFn(String, bool) -> Result<Published, PublishError>,
) -> Result<(), PublishError> {
    let ended = tidings::shutdown_signal();
    tokio::pin!(ended);
    for sale in 0_u64.. {
        let id = format!("{}-{}", std::process::id(), sale - u64::from(sale % 5 == 4));
        stored(&sell(id, sale % 5 == 4).await?);
        tokio::select! {
            () = &mut ended => break,
            () = tokio::time::sleep(PAUSE) => {}
        }
    }
    Ok(())
}
