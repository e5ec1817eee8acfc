//! Subjects that are used again, and by several.

use std::collections::{HashMap, HashSet};
use std::sync::Mutex;

use super::*;
use crate::broker::jetstream::waiting::table::MANY;
use crate::broker::jetstream::waiting::token::REST;

const STREAM: &str = "ORDERS";
pub(super) const ORDERS: Whose = Whose::Stream(STREAM);

/// What each was told, by the number that it was given.
#[derive(Clone, Default)]
pub(super) struct Heard(Arc<Mutex<HashMap<usize, Result<Answer, BrokerError>>>>);

impl Heard {
    pub(super) fn ear(&self, whose: Whose, number: usize) -> Ear {
        let all = Arc::clone(&self.0);
        Ear::Word(
            whose,
            Box::new(move |told| {
                let told = told.map_err(Silence::of_a_publish);
                let before = all.lock().expect("nobody has panicked").insert(number, told);
                assert!(before.is_none(), "{number} was told twice");
            }),
        )
    }

    pub(super) fn sequence(&self, number: usize) -> Option<u64> {
        match self.0.lock().expect("nobody has panicked").get(&number) {
            Some(Ok(Answer::Word(sequence))) => Some(*sequence),
            _ => None,
        }
    }

    pub(super) fn is_unclear(&self, number: usize) -> bool {
        let told = self.0.lock().expect("nobody has panicked");
        matches!(told.get(&number), Some(Err(BrokerError::Unavailable(_))))
    }

    pub(super) fn nothing(&self, number: usize) -> bool {
        !self.0.lock().expect("nobody has panicked").contains_key(&number)
    }
}

fn enter_as(waiting: &Waiting, ear: Ear, shares: bool) -> Seat {
    let wait = Wait { shares, ..wait("a.b", Some(FIRST)) };
    waiting.enter(wait, ear).expect("a connection")
}

/// So many wait for a stream that has told something that others share, and what these are told.
pub(super) fn crowded() -> (Waiting, Heard) {
    let waiting = waiting();
    let first = alone(&waiting, &Heard::default(), 0);
    says(&waiting, first.token, stored(1));
    crowd(&waiting, ORDERS);
    (waiting, Heard::default())
}

/// So many wait for a word that others share who do so.
pub(super) fn crowd(waiting: &Waiting, whose: Whose) {
    let nobody = Heard::default();
    for number in 0..MANY {
        enter_as(waiting, nobody.ear(whose, number), false);
    }
}

fn share<const N: usize>(waiting: &Waiting, heard: &Heard) -> [Seat; N] {
    std::array::from_fn(|number| enter_as(waiting, heard.ear(ORDERS, number), true))
}

pub(super) fn stored(sequence: u64) -> Message {
    answer(&format!(r#"{{"stream":"{STREAM}","seq":{sequence}}}"#))
}

fn refused() -> Message {
    answer(
        r#"{"error":{"code":503,"err_code":10077,"description":"full"},"stream":"ORDERS","seq":0}"#,
    )
}

/// Somebody who would share, where there were many.
pub(super) fn alone(waiting: &Waiting, heard: &Heard, number: usize) -> Seat {
    enter_as(waiting, heard.ear(ORDERS, number), true)
}

/// As many publishes, one after the other, as there are until the first subject is used again; theirs are the first sequences.
fn used_up(waiting: &Waiting, heard: &Heard) -> Token {
    let seats: [Seat; REST + 1] = std::array::from_fn(|number| {
        let seat = alone(waiting, heard, number);
        says(waiting, seat.token, stored(number as u64 + 1));
        seat
    });
    assert!((0..=REST).all(|number| heard.sequence(number) == Some(number as u64 + 1)));
    seats[0].token
}

#[tokio::test]
async fn a_subject_is_used_again_once_all_was_said_on_it() {
    let (waiting, heard) = (waiting(), Heard::default());
    let first = used_up(&waiting, &heard);
    let again = alone(&waiting, &heard, 900);
    assert_eq!(again.token, first);
    // The leader before and the one after have told of the first.
    says(&waiting, again.token, stored(1));
    assert!(heard.is_unclear(900));
    // Or the stream was made anew.
    let next = alone(&waiting, &heard, 901);
    assert!(next.token != first);
    says(&waiting, next.token, stored(1));
    assert_eq!(heard.sequence(901), Some(1));
}

#[tokio::test]
async fn a_subject_is_not_used_again_where_its_answer_may_yet_come() {
    let (waiting, heard) = (waiting(), Heard::default());
    let given_up = alone(&waiting, &heard, 900);
    waiting.give_up(given_up);
    used_up(&waiting, &heard);
    let later: Vec<Token> =
        (1000..1100).map(|number| alone(&waiting, &heard, number).token).collect();
    assert!(!later.contains(&given_up.token));
}

#[tokio::test]
async fn the_same_word_twice_finds_nobody_and_means_nothing() {
    let (waiting, heard) = (waiting(), Heard::default());
    let first = used_up(&waiting, &heard);
    says(&waiting, first, stored(1));
    assert_eq!(alone(&waiting, &heard, 900).token, first);
}

/// A leaf node's namesake of the stream, another stream there, one of this name in no domain at all, and somebody else.
const STRANGERS: [&str; 5] = [
    r#"{"stream":"ORDERS","domain":"leaf","seq":1007}"#,
    r#"{"error":{"code":400,"err_code":10060,"description":"expected stream"},"stream":"EDGE","seq":0}"#,
    r#"{"stream":"EDGE","seq":1007}"#,
    r#"{"stream":"ORDERS","seq":1007}"#,
    "thank you",
];

#[tokio::test]
async fn whoever_answers_too_is_noticed_and_nobody_takes_his_word() {
    for stranger in STRANGERS {
        let (waiting, heard) = (waiting(), Heard::default());
        let first = used_up(&waiting, &heard);
        says(&waiting, first, answer(stranger));
        let again = alone(&waiting, &heard, 900);
        assert!(again.token != first, "{stranger}");
        says(&waiting, again.token, stored(900));
        assert_eq!(heard.sequence(900), Some(900));
    }
    // Where he comes so late that somebody has the subject again, that one sends his once more.
    for stranger in
        STRANGERS.into_iter().filter(|said| *said != r#"{"stream":"ORDERS","seq":1007}"#)
    {
        let (waiting, heard) = (waiting(), Heard::default());
        let first = used_up(&waiting, &heard);
        let again = alone(&waiting, &heard, 900);
        assert_eq!(again.token, first);
        says(&waiting, again.token, answer(stranger));
        assert!(heard.is_unclear(900), "{stranger}");
        let later = [901, 902].map(|number| alone(&waiting, &heard, number).token);
        assert!(later.iter().all(|token| *token != first));
    }
}

#[tokio::test]
async fn where_several_may_answer_nobody_shares() {
    let (waiting, heard) = crowded();
    let first = alone(&waiting, &heard, 900);
    says(&waiting, first.token, answer(STRANGERS[0]));
    let told = heard.0.lock().expect("nobody has panicked").remove(&900);
    assert!(matches!(told, Some(Ok(Answer::Other(_)))), "{told:?}");
    let [one, other] = share::<2>(&waiting, &heard);
    assert!(one.token != other.token);
    drop(waiting.moved(ConnectionState::Connected(2)));
    assert!(heard.is_unclear(0) && heard.is_unclear(1));
}

#[tokio::test]
async fn only_whoever_waits_for_the_same_word_has_a_subject_that_was_used() {
    let (waiting, heard) = (waiting(), Heard::default());
    let first = used_up(&waiting, &heard);
    for (number, ear) in [
        (900, heard.ear(Whose::Stream("OTHER"), 900)),
        // Anybody may thank for an event without a word.
        (901, heard.ear(Whose::Consumer, 901)),
    ] {
        let other = enter_as(&waiting, ear, true);
        assert!(other.token.place() > REST, "{number} has a place of its own");
    }
    // What was sent before has another subject.
    assert!(enter_as(&waiting, heard.ear(ORDERS, 902), false).token.place() > REST);
    assert_eq!(alone(&waiting, &heard, 903).token, first);
}

#[tokio::test]
async fn before_a_stream_has_told_anything_nobody_shares() {
    let (waiting, heard) = crowded();
    let other = |number| enter_as(&waiting, heard.ear(Whose::Stream("OTHER"), number), true);
    assert!(other(0).token != other(1).token);
}

#[tokio::test]
async fn with_the_connection_all_that_was_said_is_forgotten() {
    let (waiting, heard) = (waiting(), Heard::default());
    let first = used_up(&waiting, &heard);
    drop(waiting.moved(ConnectionState::Disconnected));
    drop(waiting.moved(FIRST));
    let next = alone(&waiting, &heard, 900);
    assert!(next.token != first);
    says(&waiting, next.token, stored(1));
    assert_eq!(heard.sequence(900), Some(1), "it may be another stream");
}

#[tokio::test]
async fn whose_answer_comes_too_late_is_no_stranger() {
    let (waiting, heard) = (waiting(), Heard::default());
    let first = used_up(&waiting, &heard);
    let again = alone(&waiting, &heard, 900);
    assert_eq!(again.token, first);
    waiting.give_up(again);
    says(&waiting, again.token, stored(900));
    assert!(waiting.common.table().strange().is_empty());
}

#[tokio::test]
async fn many_share_a_subject_and_are_told_when_all_are_stored() {
    let (waiting, heard) = crowded();
    let seats = share::<3>(&waiting, &heard);
    let [token, ..] = seats.map(|seat| seat.token);
    assert!(seats.iter().all(|seat| seat.token == token));
    let apart = enter_as(&waiting, heard.ear(ORDERS, 9), false);
    let other = enter_as(&waiting, heard.ear(Whose::Consumer, 8), true);
    assert!(apart.token != token && other.token != token && other.token != apart.token);

    says(&waiting, token, stored(12));
    says(&waiting, token, stored(11));
    says(&waiting, token, stored(12));
    assert!((0..3).all(|number| heard.nothing(number)), "one may be lost");
    let late = enter_as(&waiting, heard.ear(ORDERS, 3), true);
    assert!(late.token != token, "its answer would be one of theirs");
    says(&waiting, token, stored(15));
    assert_eq!([0, 1, 2].map(|number| heard.sequence(number)), [Some(11), Some(12), Some(15)]);
    assert!(heard.nothing(3) && heard.nothing(9));
}

#[tokio::test]
async fn few_have_subjects_of_their_own_and_not_too_many_have_one() {
    let (alone, heard) = (waiting(), Heard::default());
    let [first, second] = share::<2>(&alone, &heard);
    assert!(first.token != second.token);
    let (waiting, heard) = crowded();
    let seats = share::<40>(&waiting, &heard);
    let mut tokens = seats.map(|seat| seat.token).to_vec();
    tokens.dedup();
    assert_eq!(tokens.len(), 3);
}

#[tokio::test]
async fn where_all_are_refused_each_is() {
    let (waiting, heard) = crowded();
    let [first, _] = share::<2>(&waiting, &heard);
    says(&waiting, first.token, refused());
    assert!(heard.nothing(0) && heard.nothing(1));
    says(&waiting, first.token, refused());
    let told = heard.0.lock().expect("nobody has panicked");
    assert!(told.len() == 2 && told.values().all(|told| matches!(told, Ok(Answer::Other(_)))));
}

#[tokio::test]
async fn where_each_is_refused_in_another_way_nobody_knows_in_which() {
    let (waiting, heard) = crowded();
    let [first, _] = share::<2>(&waiting, &heard);
    says(&waiting, first.token, refused());
    let too_large =
        r#"{"error":{"code":400,"err_code":10054,"description":"large"},"stream":"ORDERS"}"#;
    says(&waiting, first.token, answer(too_large));
    let told = heard.0.lock().expect("nobody has panicked");
    assert!(told.len() == 2);
    assert!(told.values().all(|told| matches!(told, Err(BrokerError::Mixed))), "{told:?}");
}

#[tokio::test]
async fn after_an_unclear_answer_many_have_subjects_of_their_own_for_a_while() {
    let (waiting, heard) = crowded();
    let [first, second] = share::<2>(&waiting, &heard);
    says(&waiting, first.token, refused());
    says(&waiting, first.token, stored(11));
    assert_eq!(first.token, second.token);
    let later = Heard::default();
    let [one, other] = share::<2>(&waiting, &later);
    assert!(one.token != other.token);
}

#[tokio::test]
async fn where_no_stream_takes_it_each_is_told() {
    let (waiting, heard) = crowded();
    let [first, _] = share::<2>(&waiting, &heard);
    for _ in 0..2 {
        let nobody = Message { status: Some(async_nats::StatusCode::NO_RESPONDERS), ..answer("") };
        says(&waiting, first.token, nobody);
    }
    let told = heard.0.lock().expect("nobody has panicked");
    assert!(told.len() == 2 && told.values().all(|told| matches!(told, Ok(Answer::Other(_)))));
}

#[tokio::test]
async fn whoever_shares_with_one_who_is_denied_has_his_word() {
    let (waiting, heard) = crowded();
    let denied = Wait { shares: true, ..wait("a.denied", Some(FIRST)) };
    let denied = waiting.enter(denied, heard.ear(ORDERS, 0)).expect("a connection");
    let other = enter_as(&waiting, heard.ear(ORDERS, 1), true);
    assert_eq!(denied.token, other.token);
    says(&waiting, other.token, stored(11));
    assert!(heard.nothing(1));
    waiting.denied("Permissions Violation for Publish to \"a.denied\"");
    assert_eq!(heard.sequence(1), Some(11));
    waiting.common.table().check();
}

#[tokio::test]
async fn where_some_are_refused_nobody_knows_who_but_that_each_has_been_answered() {
    let (waiting, heard) = crowded();
    let [first, _] = share::<2>(&waiting, &heard);
    says(&waiting, first.token, refused());
    says(&waiting, first.token, stored(11));
    let told = heard.0.lock().expect("nobody has panicked");
    assert!(told.len() == 2);
    assert!(told.values().all(|told| matches!(told, Err(BrokerError::Mixed))), "{told:?}");
}

#[tokio::test]
async fn where_it_is_not_clear_who_is_meant_nobody_is() {
    for other in [
        answer(r#"{"stream":"ORDERS","seq":5,"duplicate":true}"#),
        answer(r#"{"error":{"code":503,"err_code":10077,"description":"full"},"domain":"hub"}"#),
        answer(r#"{"stream":"ORDERS","domain":"hub","seq":9}"#),
        answer(""),
        answer("no word at all"),
    ] {
        let (waiting, heard) = crowded();
        let [first, _] = share::<2>(&waiting, &heard);
        says(&waiting, first.token, stored(11));
        says(&waiting, first.token, other.clone());
        assert!(heard.is_unclear(0) && heard.is_unclear(1), "{:?}", other.payload);
        let [again, apart] = share::<2>(&waiting, &Heard::default());
        assert!(again.token != first.token && apart.token != again.token);
    }
}

#[tokio::test]
async fn whoever_waits_no_more_leaves_the_others_in_the_dark_unless_nothing_was_sent() {
    let (waiting, heard) = crowded();
    let [first, _, third] = share::<3>(&waiting, &heard);
    assert!(waiting.withdraw(third) && !waiting.withdraw(third));
    says(&waiting, first.token, stored(11));
    waiting.give_up(first);
    assert!(heard.is_unclear(0) && heard.is_unclear(1) && heard.nothing(2));

    let (waiting, heard) = crowded();
    let [first, second] = share::<2>(&waiting, &heard);
    says(&waiting, first.token, stored(11));
    assert!(waiting.withdraw(second));
    assert_eq!(heard.sequence(0), Some(11));

    let (waiting, heard) = crowded();
    let [first, second] = share::<2>(&waiting, &heard);
    let apart = waiting.move_apart(second).expect("it waits");
    assert!(apart.token != first.token);
    says(&waiting, apart.token, stored(11));
    assert!(heard.nothing(0) && heard.sequence(1) == Some(11));
}

#[tokio::test(start_paused = true)]
async fn those_who_share_lose_patience_together() {
    let (waiting, heard) = crowded();
    let [first, _] = share::<2>(&waiting, &heard);
    says(&waiting, first.token, stored(11));
    tokio::time::sleep(2 * PATIENCE).await;
    let told = heard.0.lock().expect("nobody has panicked");
    assert!(told.len() == 2);
    assert!(told.values().all(|told| matches!(told, Err(BrokerError::Unavailable(_)))));
}

#[tokio::test]
async fn a_consumers_word_has_no_sequence_and_none_is_told_before_all_have_come() {
    let (waiting, heard) = crowded();
    crowd(&waiting, Whose::Consumer);
    let seats: [Seat; 2] =
        std::array::from_fn(|number| enter_as(&waiting, heard.ear(Whose::Consumer, number), true));
    says(&waiting, seats[0].token, answer(""));
    assert!(heard.nothing(0) && heard.nothing(1));
    says(&waiting, seats[0].token, answer(""));
    assert!(heard.sequence(0).is_some() && heard.sequence(1).is_some());
}

/// A stream that does whatever a stream may do with what it is sent, what is true of each message, denials, and a namesake in
/// another domain now and then.
#[tokio::test]
async fn whatever_a_server_does_nobody_is_told_what_is_not_so() {
    let mut words = 0;
    for seed in 0..40 {
        let mut random = fastrand::Rng::with_seed(seed);
        let (waiting, heard) = (waiting(), Heard::default());
        let (trouble, has_namesake) = (random.u32(100..5000), random.u8(..8) == 0);
        let (mut seats, mut gone, mut truth) = (Vec::new(), HashSet::new(), HashMap::new());
        // Answers on their way, which overtake each other, and those that come once more.
        let (mut coming, mut late): (Vec<_>, Vec<_>) = Default::default();
        let mut sequence = 0;
        for number in 0..1500 {
            let subject = ["a.b", "a.c"][usize::from(random.bool())];
            let wait = Wait { shares: random.u8(..10) > 0, ..wait(subject, Some(FIRST)) };
            let seat = waiting.enter(wait, heard.ear(ORDERS, number)).expect("a connection");
            seats.push((number, seat));
            match random.u32(..trouble) {
                0 => {
                    waiting.withdraw(seat);
                    gone.insert(number);
                }
                // It is lost on its way.
                1 => {}
                2 => coming.push((seat.token, refused())),
                3 => waiting.denied(&format!("Permissions Violation for Publish to \"{subject}\"")),
                4 => {
                    let apart = waiting.move_apart(seat);
                    if let Some(apart) = apart {
                        seats.push((number, apart));
                    }
                }
                _ => {
                    sequence += random.u64(1..3);
                    truth.insert(number, sequence);
                    coming.push((seat.token, stored(sequence)));
                    if random.u8(..50) == 0 {
                        late.push((seat.token, stored(sequence)));
                    }
                }
            }
            if has_namesake {
                let word =
                    format!(r#"{{"stream":"ORDERS","domain":"hub","seq":{}}}"#, 9000 + number);
                late.push((seat.token, answer(&word)));
            }
            while coming.len() > 100 || random.u8(..10) == 0 && !coming.is_empty() {
                let (token, message) = coming.remove(random.usize(..coming.len().min(30)));
                says(&waiting, token, message);
            }
            if random.u8(..4) == 0 && !late.is_empty() {
                let (token, message) = late.swap_remove(random.usize(..late.len()));
                says(&waiting, token, message);
            }
            if random.u32(..trouble) == 0 {
                let (number, seat) = seats.swap_remove(random.usize(..seats.len()));
                waiting.give_up(seat);
                gone.insert(number);
            }
            // What those who share have sent is on its way.
            if random.u8(..12) == 0 {
                waiting.common.table().part();
            }
            if number % 8 == 0 {
                waiting.common.table().check();
            }
        }
        drop(waiting.moved(ConnectionState::Closed));
        waiting.common.table().check();
        let told = heard.0.lock().expect("nobody has panicked");
        for number in 0..1500 {
            match told.get(&number) {
                Some(Ok(Answer::Word(sequence))) => {
                    assert_eq!(truth.get(&number), Some(sequence), "seed {seed}: {number}");
                    words += 1;
                }
                Some(Ok(Answer::Other(message))) => {
                    let namesakes = format!("{}}}", 9000 + number).into_bytes();
                    let is_own =
                        message.payload.ends_with(&namesakes) || !truth.contains_key(&number);
                    assert!(is_own, "seed {seed}: {number} {message:?}");
                }
                Some(Err(BrokerError::Denied(_))) => {
                    assert!(!truth.contains_key(&number), "seed {seed}: {number} is stored");
                }
                Some(Err(_)) => {}
                None => assert!(gone.contains(&number), "seed {seed}: {number} was told nothing"),
            }
        }
    }
    assert!(words > 25_000, "{words} were told");
}
