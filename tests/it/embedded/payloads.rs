//! Payloads beside their messages, whatever happens to either on the way.

use std::time::Duration;

use tidings::testing::Fault;
use tidings::{BrokerError, PublishError};

use super::broker;
use crate::conformance::payloads::shelf;
use crate::fixture::catalog::photos::PhotoTaken;
use crate::fixture::catalog::tracking;
use crate::fixture::{Running, courier, next};

/// Longer than an answer is waited for.
const LONG: Duration = Duration::from_secs(7);

/// Its payload has two parts.
pub(super) fn photo(number: usize) -> PhotoTaken {
    let pixels = format!("{number}").repeat(140_000);
    PhotoTaken { photo_id: "f-1".to_owned(), pixels, turned: number as u64 }
}

#[tokio::test(start_paused = true)]
async fn no_event_is_without_its_payload_whatever_is_lost_or_late() {
    for seed in 0..20 {
        let (bus, faults) = broker().await;
        faults.randomly(
            seed,
            [
                (Fault::PublishLost, 0.1),
                (Fault::PublishAnswerLost, 0.1),
                (Fault::PublishDelayed(Duration::from_millis(300)), 0.1),
                (Fault::PublishDelayed(LONG), 0.1),
                (Fault::Disconnect(Duration::from_secs(1)), 0.05),
            ],
        );
        for number in 0..3 {
            let published = courier(&bus).photo_taken(photo(number)).await;
            let published = published.unwrap_or_else(|error| panic!("{seed}: {error:?}"));
            assert!(!published.duplicate, "{seed}");
        }
        faults.stop();
        // What is still on its way arrives.
        tokio::time::sleep(LONG).await;
        let objects = bus.objects("PHOTOS_EVENTS_payloads").expect("a name");
        let all = objects.list().await.expect("readable");
        assert_eq!(all.len(), 6, "{seed}: three, and their copies in version 1");
        let (shelf, mut sightings) = shelf(false);
        let run = Running::start(bus.run(tracking::Photos::subscriber(shelf)));
        for number in 0..3 {
            assert!(next(&mut sightings).await == photo(number), "{seed}: another photograph");
        }
        assert_eq!(run.stop().await.dead_lettered, 0, "{seed}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_event_whose_payload_cannot_be_put_aside_is_rejected_and_nothing_of_it_stays() {
    let (bus, faults) = broker().await;
    for enqueues in [false, true] {
        faults.inject(Fault::DiskFull);
        let publisher = courier(&bus);
        let photo = publisher.photo_taken(photo(1));
        let word = match enqueues {
            true => photo.enqueue().await.map(drop),
            false => photo.await.map(drop),
        };
        let Err(PublishError::Rejected { source: BrokerError::Refused { code, .. }, .. }) = word
        else {
            panic!("{word:?}");
        };
        assert_eq!(code, 10077);
        let objects = bus.objects("PHOTOS_EVENTS_payloads").expect("a name");
        assert_eq!(objects.list().await.expect("readable"), []);
    }
}
