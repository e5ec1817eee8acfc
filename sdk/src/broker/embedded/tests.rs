//! Provisioning, publishing and reading, as the rest of the SDK sees them.

use std::time::Duration;

use bytes::Bytes;

use super::fixture::{CONSUMER, LIMITS, SECOND, STREAM, broker, message, publish, stream};
use super::stream::stored_size;
use super::*;
use crate::broker::MESSAGE_ID;
use crate::catalog::Start;

async fn send(broker: &Embedded, message: &Outgoing) -> Result<Stored, BrokerError> {
    broker.send(message)?.await
}

fn code(outcome: Result<(), BrokerError>) -> Option<u64> {
    match outcome {
        Ok(()) => None,
        Err(BrokerError::Refused { code, .. }) => Some(code),
        Err(error) => panic!("{error}"),
    }
}

async fn state(broker: &Embedded) -> (u64, u64) {
    let state = broker.consumer_state("S", CONSUMER.durable).await.expect("a consumer");
    (state.pending, state.unsettled)
}

#[tokio::test]
async fn streams_that_a_server_would_refuse_are_refused() {
    let broker = broker(LIMITS).await;
    for (name, subjects, expected) in [
        ("T", &["t.>", "u"] as &[&str], None),
        ("U", &["s.a"], Some(SUBJECTS_OVERLAP)),
        ("U", &["v", "*.b"], Some(SUBJECTS_OVERLAP)),
        ("U", &["v.>", "v.a"], Some(INVALID_CONFIG)),
        ("U", &["v", "v"], Some(INVALID_CONFIG)),
        ("U", &["v..a"], Some(INVALID_CONFIG)),
        ("S", &["s.>", "v"], None),
        ("S", &["s.>", "t.a"], Some(SUBJECTS_OVERLAP)),
    ] {
        let outcome =
            broker.ensure_stream(&stream(name, Box::leak(subjects.into())), &LIMITS).await;
        assert_eq!(code(outcome), expected, "{name} {subjects:?}");
    }
    let limits = StreamLimits { max_age: Some(SECOND), ..LIMITS };
    assert_eq!(code(broker.ensure_stream(&STREAM, &limits).await), Some(INVALID_CONFIG));
}

#[tokio::test]
async fn consumers_that_a_server_would_refuse_are_refused() {
    let broker = broker(LIMITS).await;
    for (filters, expected) in [
        (&["s.a", "s.b"] as &[&str], None),
        (&[], None),
        (&["x.y"], None),
        (&["s.a", "s.>"], Some(FILTERS_OVERLAP)),
        (&["s..a"], Some(INVALID_CONFIG)),
    ] {
        let filters = Box::leak(filters.into());
        let outcome = broker.ensure_consumer(&ConsumerSpec { filters, ..CONSUMER }).await;
        assert_eq!(code(outcome), expected);
    }
}

#[tokio::test]
async fn what_does_not_exist_is_named() {
    let empty = Embedded::new();
    let missing = empty.ensure_consumer(&CONSUMER).await;
    assert!(matches!(missing, Err(BrokerError::StreamMissing(name)) if name == "S"));
    let missing = empty.next_message("S", ">", 0).await;
    assert!(matches!(missing, Err(BrokerError::StreamMissing(name)) if name == "S"));

    let broker = broker(LIMITS).await;
    let missing = broker.pull(CONSUMER).expect_err("no consumer yet");
    let BrokerError::ConsumerMissing { stream, consumer } = missing else { panic!("{missing}") };
    assert_eq!((stream.as_str(), consumer.as_str()), ("S", CONSUMER.durable));
    let missing = broker.consumer_state("S", "c").await;
    assert!(matches!(missing, Err(BrokerError::ConsumerMissing { .. })));
}

#[tokio::test]
async fn a_message_goes_to_the_stream_that_it_names_or_nowhere() {
    let broker = broker(LIMITS).await;
    broker.ensure_stream(&stream("T", &["t.>"]), &LIMITS).await.expect("a stream");
    for (subject, expected) in [
        ("s.a", "stored"),
        ("s.*", "stored"),
        ("t.a", "10060"),
        ("u", "missing"),
        ("s", "missing"),
        ("s..a", "missing"),
        ("s.a b", "missing"),
        ("", "missing"),
    ] {
        let outcome = match send(&broker, &message(subject, "")).await {
            Ok(Stored { duplicate: false, .. }) => "stored",
            Err(BrokerError::Refused { code: WRONG_STREAM, .. }) => "10060",
            Err(BrokerError::NoStream(name)) if name == subject => "missing",
            other => panic!("{subject:?}: {other:?}"),
        };
        assert_eq!(outcome, expected, "{subject:?}");
    }
    let nothing = broker.next_message("T", ">", 0).await.expect("a stream");
    assert!(nothing.is_none(), "what is refused is not stored");
}

#[tokio::test]
async fn the_headers_count_towards_the_largest_message() {
    let broker = broker(LIMITS).await;
    let mut outgoing = message("s.a", "1");
    outgoing.payload = Bytes::new();
    let headers = crate::broker::size::published(&outgoing);
    outgoing.payload = vec![0; MAX_PAYLOAD - headers].into();
    assert!(send(&broker, &outgoing).await.is_ok());
    outgoing.payload = vec![0; MAX_PAYLOAD - headers + 1].into();
    let refused = send(&broker, &outgoing).await;
    assert!(
        matches!(refused, Err(BrokerError::TooLarge { size: 1_048_577, limit: 1_048_576 })),
        "{refused:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn an_id_is_stored_once_in_a_window_over_the_whole_stream() {
    let broker = broker(LIMITS).await;
    let stored = |sequence, duplicate| Stored { sequence, duplicate };
    publish(&broker, "s.a");
    assert_eq!(send(&broker, &message("s.a", "7")).await.ok(), Some(stored(2, false)));
    assert_eq!(send(&broker, &message("s.b", "7")).await.ok(), Some(stored(2, true)));
    tokio::time::advance(LIMITS.duplicate_window - Duration::from_millis(1)).await;
    assert_eq!(send(&broker, &message("s.a", "7")).await.ok(), Some(stored(2, true)));
    tokio::time::advance(Duration::from_millis(1)).await;
    assert_eq!(send(&broker, &message("s.a", "7")).await.ok(), Some(stored(3, false)));
}

#[tokio::test]
async fn an_expectation_that_fails_is_a_conflict_even_for_a_duplicate() {
    let broker = broker(LIMITS).await;
    for (subject, id, expected, outcome) in [
        ("s.a", "1", 0, Ok(1)),
        ("s.a", "1", 0, Err(1)),
        ("s.a", "2", 0, Err(1)),
        ("s.a", "2", 1, Ok(2)),
        ("s.b", "3", 2, Err(0)),
        ("s.b", "3", 0, Ok(3)),
    ] {
        let expected_last_subject_sequence = Some(expected);
        let outgoing = Outgoing { expected_last_subject_sequence, ..message(subject, id) };
        let actual = match send(&broker, &outgoing).await {
            Ok(stored) => Ok(stored.sequence),
            Err(BrokerError::Conflict { actual: Some(actual) }) => Err(actual),
            Err(error) => panic!("{error}"),
        };
        assert_eq!(actual, outcome, "{subject} {id} after {expected}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_subject_whose_messages_have_expired_is_as_new() {
    let limits = StreamLimits { max_age: Some(3600 * SECOND), ..LIMITS };
    let broker = broker(limits).await;
    publish(&broker, "s.a");
    tokio::time::advance(3600 * SECOND).await;
    let outgoing = Outgoing { expected_last_subject_sequence: Some(0), ..message("s.a", "1") };
    assert_eq!(send(&broker, &outgoing).await.map(|stored| stored.sequence).ok(), Some(2));
}

#[tokio::test(start_paused = true)]
async fn messages_are_read_back_as_they_were_sent() {
    let broker = broker(LIMITS).await;
    let first = {
        publish(&broker, "s.a");
        broker.last_message("S", "s.a").await.expect("a stream").expect("a message")
    };
    tokio::time::advance(3600 * SECOND).await;
    let mut outgoing = message("s.a", "7");
    outgoing.headers.insert("ce-type", "a.b").expect("a valid header");
    send(&broker, &outgoing).await.expect("stored");
    let read = broker.next_message("S", "s.*", 2).await.expect("a stream").expect("a message");
    assert_eq!((read.subject.as_str(), read.sequence), ("s.a", 2));
    assert_eq!(read.payload, outgoing.payload);
    let headers: Vec<_> = read.headers.iter().collect();
    assert_eq!(headers, [("ce-type", "a.b"), (MESSAGE_ID, "7")]);
    assert_eq!(read.time.duration_since(first.time).as_secs(), 3600, "time is tokio's");
    assert!(first.headers.is_empty(), "an empty id is none");
}

#[tokio::test(start_paused = true)]
async fn the_limits_remove_the_oldest_messages_from_stream_and_consumers() {
    let broker = broker(StreamLimits { max_age: Some(3600 * SECOND), ..LIMITS }).await;
    broker.ensure_consumer(&CONSUMER).await.expect("a consumer");
    publish(&broker, "s.a");
    tokio::time::advance(1800 * SECOND).await;
    for subject in ["s.b", "s.b", "s.b"] {
        publish(&broker, subject);
    }
    assert_eq!(state(&broker).await, (4, 0));
    tokio::time::advance(1800 * SECOND).await;
    assert_eq!(state(&broker).await, (3, 0));
    assert!(broker.last_message("S", "s.a").await.expect("a stream").is_none());

    let one = stored_size(&message("s.b", ""));
    let tighter = StreamLimits { max_bytes: Some(2 * one), ..LIMITS };
    broker.ensure_stream(&STREAM, &tighter).await.expect("nothing to do");
    assert_eq!(state(&broker).await, (3, 0), "nothing is taken away");
    broker.set_limits("S", &tighter).expect("an update");
    assert_eq!(state(&broker).await, (2, 0));
    assert_eq!(publish(&broker, "s.b"), 5);
    let oldest = broker.next_message("S", ">", 0).await.expect("a stream").expect("a message");
    assert_eq!(oldest.sequence, 4);
}

#[tokio::test]
async fn a_new_consumer_starts_where_it_says_and_keeps_its_place() {
    for (start, pending) in [(Start::All, 2), (Start::New, 0)] {
        let broker = broker(LIMITS).await;
        let spec = ConsumerSpec { start, filters: &["s.a"], ..CONSUMER };
        for subject in ["s.a", "s.b", "s.a"] {
            publish(&broker, subject);
        }
        broker.ensure_consumer(&spec).await.expect("a consumer");
        assert_eq!(state(&broker).await, (pending, 0), "{start:?}");
        publish(&broker, "s.a");
        broker.ensure_consumer(&spec).await.expect("the same again");
        assert_eq!(state(&broker).await, (pending + 1, 0), "{start:?}");
        let wider = ConsumerSpec { filters: &["s.*"], ..spec };
        publish(&broker, "s.b");
        broker.ensure_consumer(&wider).await.expect("other filters");
        let passed_over = if pending == 0 { 0 } else { 1 };
        assert_eq!(state(&broker).await, (pending + 2 + passed_over, 0), "{start:?}");
    }
}

#[tokio::test]
async fn handing_out_and_settling_shows_in_the_state() {
    let broker = broker(LIMITS).await;
    broker.ensure_consumer(&CONSUMER).await.expect("a consumer");
    let mut pull = broker.pull(CONSUMER).expect("a pull");
    publish(&broker, "s.a");
    publish(&broker, "s.a");
    let delivery = pull.next(1).await.expect("a delivery");
    assert_eq!(state(&broker).await, (1, 1));
    delivery.settle.retry(SECOND).await.expect("settled");
    assert_eq!(state(&broker).await, (1, 1), "it waits for its retry");
    delivery.settle.ack().await.expect("settled");
    assert_eq!(state(&broker).await, (1, 0));
}

#[tokio::test]
async fn nothing_is_done_after_the_broker_was_closed() {
    let broker = broker(LIMITS).await;
    broker.ensure_consumer(&CONSUMER).await.expect("a consumer");
    let mut pull = broker.pull(CONSUMER).expect("a pull");
    publish(&broker, "s.a");
    let delivery = pull.next(1).await.expect("a delivery");
    broker.ping().await.expect("open");
    broker.clone().close().await.expect("closed");
    let outcomes = [
        send(&broker, &message("s.a", "")).await.map(drop),
        broker.ensure_stream(&STREAM, &LIMITS).await,
        broker.ensure_consumer(&CONSUMER).await,
        broker.consumer_state("S", CONSUMER.durable).await.map(drop),
        broker.pull(CONSUMER).map(drop),
        broker.next_message("S", ">", 0).await.map(drop),
        broker.last_message("S", "s.a").await.map(drop),
        broker.ping().await,
        broker.close().await,
        pull.next(1).await.map(drop),
        delivery.settle.ack().await,
    ];
    for (case, outcome) in outcomes.into_iter().enumerate() {
        assert!(matches!(outcome, Err(BrokerError::Closed)), "case {case}: {outcome:?}");
    }
}
