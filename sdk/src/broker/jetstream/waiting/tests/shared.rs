//! Subjects that are used again, and by several.

use std::collections::HashMap;
use std::sync::Mutex;

use super::*;
use crate::broker::jetstream::waiting::table::MANY;

const STREAM: &str = "ORDERS";
const ORDERS: Whose = Whose::Stream(STREAM);

/// What each was told, by the number that it was given.
#[derive(Clone, Default)]
struct Heard(Arc<Mutex<HashMap<usize, Result<Answer, BrokerError>>>>);

impl Heard {
    fn ear(&self, whose: Whose, number: usize) -> Ear {
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

    fn sequence(&self, number: usize) -> Option<u64> {
        match self.0.lock().expect("nobody has panicked").get(&number) {
            Some(Ok(Answer::Word(sequence))) => Some(*sequence),
            _ => None,
        }
    }

    fn is_unclear(&self, number: usize) -> bool {
        let told = self.0.lock().expect("nobody has panicked");
        matches!(told.get(&number), Some(Err(BrokerError::Unavailable(_))))
    }

    fn nothing(&self, number: usize) -> bool {
        !self.0.lock().expect("nobody has panicked").contains_key(&number)
    }
}

fn enter_as(waiting: &Waiting, ear: Ear, shares: bool) -> Seat {
    let wait = Wait { shares, ..wait("a.b", Some(FIRST)) };
    waiting.enter(wait, ear).expect("a connection")
}

/// So many wait that others share, and what these are told.
fn crowded() -> (Waiting, Heard) {
    let waiting = waiting();
    for _ in 0..MANY {
        enter_as(&waiting, Ear::First(Box::new(drop)), false);
    }
    (waiting, Heard::default())
}

fn share<const N: usize>(waiting: &Waiting, heard: &Heard) -> [Seat; N] {
    std::array::from_fn(|number| enter_as(waiting, heard.ear(ORDERS, number), true))
}

fn stored(sequence: u64) -> Message {
    answer(&format!(r#"{{"stream":"{STREAM}","seq":{sequence}}}"#))
}

fn refused() -> Message {
    answer(
        r#"{"error":{"code":503,"err_code":10077,"description":"full"},"stream":"ORDERS","seq":0}"#,
    )
}

#[tokio::test]
async fn a_subject_is_used_again_once_all_was_said_on_it() {
    let (waiting, heard) = (waiting(), Heard::default());
    let own = |number| enter_as(&waiting, heard.ear(ORDERS, number), false);
    let [first, second] = [0, 1].map(own);
    waiting.give_up(second);
    says(&waiting, first.token, stored(7));
    assert_eq!(heard.sequence(0), Some(7));

    let [again, other] = [2, 3].map(own);
    assert_eq!(again.token, first.token);
    assert!(other.token != second.token, "its answer may yet come");
    // The leader before and the one after have told of the first.
    says(&waiting, again.token, stored(7));
    assert!(heard.is_unclear(2));
    let [another] = [4].map(own);
    assert!(another.token != first.token, "whose answer comes next is not known");
}

#[tokio::test]
async fn where_another_answer_may_come_a_subject_is_not_used_again() {
    for last in [
        r#"{"stream":"ORDERS","seq":5,"duplicate":true}"#,
        // A stream of this name in another domain may have taken it, too.
        r#"{"stream":"ORDERS","domain":"hub","seq":9}"#,
        r#"{"stream":"OTHER","seq":9}"#,
    ] {
        let (waiting, heard) = (waiting(), Heard::default());
        let first = enter_as(&waiting, heard.ear(ORDERS, 0), false);
        says(&waiting, first.token, answer(last));
        let told = heard.0.lock().expect("nobody has panicked").remove(&0);
        assert!(matches!(told, Some(Ok(Answer::Other(_)))), "{last}: {told:?}");
        assert!(enter_as(&waiting, heard.ear(ORDERS, 1), false).token != first.token, "{last}");
    }
    let (waiting, heard) = (waiting(), Heard::default());
    let first = enter_as(&waiting, heard.ear(ORDERS, 0), false);
    says(&waiting, first.token, stored(1));
    let other = enter_as(&waiting, heard.ear(Whose::Stream("OTHER"), 1), false);
    assert!(other.token != first.token, "its sequences are others");
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
async fn where_it_is_not_clear_who_is_meant_nobody_is() {
    for other in [
        refused(),
        answer(r#"{"stream":"ORDERS","seq":5,"duplicate":true}"#),
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
    assert!(heard.nothing(0) && heard.is_unclear(1) && heard.nothing(2));

    let (waiting, heard) = crowded();
    let [first, second] = share::<2>(&waiting, &heard);
    says(&waiting, first.token, stored(11));
    assert!(waiting.withdraw(second));
    assert_eq!(heard.sequence(0), Some(11));

    let (waiting, heard) = crowded();
    let [first, second] = share::<2>(&waiting, &heard);
    let apart = waiting.apart(second).expect("it waits");
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
    assert!(told.values().all(|told| matches!(told, Err(BrokerError::TimedOut(PATIENCE)))));
}

#[tokio::test]
async fn a_consumers_word_has_no_sequence_and_none_is_told_before_all_have_come() {
    let (waiting, heard) = crowded();
    let seats: [Seat; 2] =
        std::array::from_fn(|number| enter_as(&waiting, heard.ear(Whose::Consumer, number), true));
    says(&waiting, seats[0].token, answer(""));
    assert!(heard.nothing(0) && heard.nothing(1));
    says(&waiting, seats[0].token, answer(""));
    assert!(heard.sequence(0).is_some() && heard.sequence(1).is_some());
}

/// A stream that does whatever a stream may do with what it is sent, and what is true of each message.
#[tokio::test]
async fn whatever_a_server_does_nobody_is_told_what_is_not_so() {
    let mut words = 0;
    for seed in 0..1000 {
        let mut random = fastrand::Rng::with_seed(seed);
        let (waiting, heard) = (waiting(), Heard::default());
        let (mut seats, mut truth) = (Vec::new(), HashMap::new());
        // Answers on their way, which overtake each other, and those that may come once more.
        let (mut coming, mut repeated): (Vec<(Token, Message)>, Vec<(Token, Message)>) =
            Default::default();
        let mut sequence = 0;
        for number in 0..300 {
            let shares = random.u8(..10) > 0;
            let seat = enter_as(&waiting, heard.ear(ORDERS, number), shares);
            match random.u16(..400) {
                0 | 1 => _ = waiting.withdraw(seat),
                // It is lost on its way.
                2 => seats.push(seat),
                3 => {
                    seats.push(seat);
                    coming.push((seat.token, refused()));
                }
                rest => {
                    seats.push(seat);
                    sequence += 1;
                    truth.insert(number, sequence);
                    coming.push((seat.token, stored(sequence)));
                    if rest < 24 {
                        repeated.push((seat.token, stored(sequence)));
                    }
                }
            }
            while coming.len() > 100 || random.u8(..10) == 0 && !coming.is_empty() {
                let at = random.usize(..coming.len().min(30));
                let (token, message) = coming.remove(at);
                says(&waiting, token, message);
            }
            if random.u8(..50) == 0 && !repeated.is_empty() {
                let (token, message) = repeated.swap_remove(random.usize(..repeated.len()));
                says(&waiting, token, message);
            }
            if random.u16(..400) == 0 && !seats.is_empty() {
                waiting.give_up(seats.swap_remove(random.usize(..seats.len())));
            }
        }
        let told = heard.0.lock().expect("nobody has panicked");
        for (number, told) in &*told {
            if let Ok(Answer::Word(sequence)) = told {
                assert_eq!(truth.get(number), Some(sequence), "seed {seed}: {number}");
            }
        }
        words += told.values().filter(|told| matches!(told, Ok(Answer::Word(_)))).count();
    }
    assert!(words > 100_000, "{words} were told");
}
