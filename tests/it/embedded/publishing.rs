//! What a publisher is told, whatever happens to what it publishes.

use std::time::Duration;

use tidings::testing::Fault;
use tidings::{ConnectionState, PublishError};
use tokio::time::Instant;

use super::{broker, lag};
use crate::fixture::{courier, sent, until};

const SHORT: Duration = Duration::from_millis(300);
/// Longer than an answer is waited for.
const LONG: Duration = Duration::from_secs(7);

#[tokio::test(start_paused = true)]
async fn an_event_is_stored_once_whatever_happens_to_it_on_the_way() {
    for fault in [
        Fault::PublishLost,
        Fault::PublishAnswerLost,
        Fault::PublishDelayed(SHORT),
        Fault::PublishDelayed(LONG),
        Fault::DiskFull,
        Fault::Disconnect(SHORT),
        Fault::Disconnect(LONG),
    ] {
        let (bus, faults) = broker().await;
        faults.inject(fault);
        let published = courier(&bus).parcel_sent(sent("p-1", 0)).await;
        let published = published.unwrap_or_else(|error| panic!("{fault:?}: {error:?}"));
        assert!(!published.duplicate, "{fault:?}");
        assert_eq!(faults.struck(), [fault]);
        // What is still on its way arrives.
        tokio::time::sleep(LONG).await;
        assert_eq!(lag(&bus).await.pending, 1, "{fault:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_enqueued_event_is_stored_once_too() {
    let (bus, faults) = broker().await;
    for fault in [Fault::PublishLost, Fault::PublishAnswerLost, Fault::PublishDelayed(LONG)] {
        faults.inject(fault);
    }
    let mut receipts = Vec::new();
    for step in 0..10 {
        receipts.push(courier(&bus).parcel_sent(sent("p-1", step)).enqueue().await.expect("sent"));
    }
    for receipt in receipts {
        assert!(!receipt.await.expect("stored").duplicate);
    }
    tokio::time::sleep(LONG).await;
    assert_eq!(lag(&bus).await.pending, 10);
}

#[tokio::test(start_paused = true)]
async fn the_event_that_was_expected_is_told_from_one_that_came_before_it() {
    for fault in [Fault::PublishLost, Fault::PublishAnswerLost, Fault::PublishDelayed(LONG)] {
        let (bus, faults) = broker().await;
        faults.inject(fault);
        let own = courier(&bus).parcel_sent(sent("p-1", 0)).expect_last_sequence(0).await;
        assert_eq!(own.expect("stored, and known to be").sequence, Some(1), "{fault:?}");
        let late = courier(&bus).parcel_sent(sent("p-1", 1)).expect_last_sequence(0).await;
        assert!(matches!(late, Err(PublishError::Conflict { last: 1, .. })), "{late:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_not_known_is_called_unknown() {
    let (bus, faults) = broker().await;
    let begun = Instant::now();
    for _ in 0..100 {
        faults.inject(Fault::PublishAnswerLost);
    }
    let error = courier(&bus).parcel_sent(sent("p-1", 0)).await.expect_err("no word came");
    assert!(error.is_unknown(), "{error:?}");
    assert_eq!(lag(&bus).await.pending, 1, "it is stored, and could not be known to be");
    assert!(begun.elapsed() < Duration::from_secs(40), "{:?}", begun.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_disk_that_stays_full_is_a_refusal() {
    let (bus, faults) = broker().await;
    for _ in 0..100 {
        faults.inject(Fault::DiskFull);
    }
    let error = courier(&bus).parcel_sent(sent("p-1", 0)).await.expect_err("refused");
    assert!(matches!(error, PublishError::Rejected { .. }), "{error:?}");
    let reason = std::error::Error::source(&error).expect("a reason").to_string();
    assert!(reason.contains("10077"), "{reason}");
    assert_eq!(lag(&bus).await.pending, 0);
}

#[tokio::test(start_paused = true)]
async fn publishers_wait_for_a_connection_and_the_state_shows() {
    let (bus, faults) = broker().await;
    assert_eq!(bus.connection_state(), ConnectionState::Connected(1));
    faults.disconnect();
    assert_eq!(bus.connection_state(), ConnectionState::Disconnected);
    let publisher = courier(&bus);
    let publishing = tokio::spawn(async move { publisher.parcel_sent(sent("p-1", 0)).await });
    let error = bus.ping().await.expect_err("nobody there");
    assert!(error.to_string().contains("did not answer"), "{error}");
    assert!(!publishing.is_finished());
    faults.reconnect();
    assert_eq!(bus.connection_state(), ConnectionState::Connected(2));
    publishing.await.expect("no panic").expect("stored");
    assert_eq!(lag(&bus).await.pending, 1);
}

#[tokio::test(start_paused = true)]
async fn in_a_long_absence_every_call_ends_in_a_known_outcome_or_says_unknown() {
    let (bus, faults) = broker().await;
    let publisher = courier(&bus);
    let publishing = tokio::spawn(async move {
        let (mut stored, mut unknown) = (0, 0);
        for step in 0..90 {
            match publisher.parcel_sent(sent("p-1", step)).await {
                Ok(_) => stored += 1,
                Err(error) if error.is_unknown() => unknown += 1,
                Err(error) => panic!("{error:?}"),
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        (stored, unknown)
    });
    tokio::time::sleep(Duration::from_secs(30)).await;
    faults.disconnect();
    tokio::time::sleep(Duration::from_secs(100)).await;
    faults.reconnect();
    let mut publishing = publishing;
    let (stored, unknown) = (&mut publishing).await.expect("no panic");
    assert!(stored >= 60 && unknown >= 1, "{stored} stored, {unknown} unknown");
    until("all that was said to be stored is", async || lag(&bus).await.pending >= stored).await;
    assert_eq!(lag(&bus).await.pending, stored);
}
