//! Messages that are held back.

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::shared::{Heard, ORDERS, alone, crowd, crowded, stored};
use super::*;
use crate::broker::jetstream::waiting::outlet::{MOST, Queue};
use crate::broker::jetstream::waiting::table::MANY;

/// A client library that has taken these, and has room for so many more.
#[derive(Clone)]
struct Taken {
    messages: Arc<Mutex<Vec<OutboundMessage>>>,
    room: Arc<AtomicUsize>,
}

impl Queue for Taken {
    fn has_room(&mut self) -> bool {
        self.room.load(Ordering::Relaxed) > 0
    }

    fn take(&mut self, message: OutboundMessage) {
        self.room.fetch_sub(1, Ordering::Relaxed);
        self.messages.lock().expect("nobody has panicked").push(message);
    }
}

impl Taken {
    fn opened(waiting: &Waiting) -> Self {
        let taken = Self { messages: Arc::default(), room: Arc::new(AtomicUsize::new(10_000)) };
        let reader = tokio::spawn(std::future::pending::<()>()).abort_handle();
        waiting.opened(taken.clone(), "_INBOX.a.", &reader);
        taken
    }

    /// The numbers of those that were taken, and the tokens of their answers.
    fn all(&self) -> Vec<(usize, Token)> {
        let messages = self.messages.lock().expect("nobody has panicked");
        let one = |message: &OutboundMessage| {
            let number = std::str::from_utf8(&message.payload).expect("a number");
            let reply = message.reply.as_deref().and_then(|reply| reply.strip_prefix("_INBOX.a."));
            let token = reply.and_then(Token::parse).expect("an answer is asked for");
            (number.parse().expect("a number"), token)
        };
        messages.iter().map(one).collect()
    }

    fn count(&self) -> usize {
        self.messages.lock().expect("nobody has panicked").len()
    }

    fn tokens(&self) -> BTreeSet<Token> {
        self.all().into_iter().map(|(_, token)| token).collect()
    }
}

fn send(waiting: &Waiting, heard: &Heard, number: usize) -> bool {
    send_to(waiting, heard, number, "a.b").1
}

fn send_to(waiting: &Waiting, heard: &Heard, number: usize, subject: &str) -> (Seat, bool) {
    send_as(waiting, heard.ear(ORDERS, number), number, subject)
}

fn send_as(waiting: &Waiting, ear: Ear, number: usize, subject: &str) -> (Seat, bool) {
    let payload = number.to_string().into();
    let message = OutboundMessage { subject: subject.into(), payload, headers: None, reply: None };
    let wait = Wait { shares: true, ..wait(subject, Some(FIRST)) };
    waiting.send(wait, ear, message).expect("a connection")
}

/// Where many wait.
fn busy() -> (Waiting, Heard, Taken) {
    let (waiting, heard) = crowded();
    let taken = Taken::opened(&waiting);
    (waiting, heard, taken)
}

fn numbers(range: std::ops::Range<usize>) -> Vec<usize> {
    range.collect()
}

fn sent(taken: &Taken) -> Vec<usize> {
    taken.all().into_iter().map(|(number, _)| number).collect()
}

#[tokio::test]
async fn where_few_wait_nothing_is_held_back() {
    let (waiting, heard) = (waiting(), Heard::default());
    says(&waiting, alone(&waiting, &heard, 900).token, stored(1));
    let taken = Taken::opened(&waiting);
    for number in 0..MANY {
        assert!(send(&waiting, &heard, number));
        assert_eq!(taken.count(), number + 1);
    }
    assert_eq!(taken.tokens().len(), MANY);
    assert!(send(&waiting, &heard, MANY));
    assert_eq!(taken.count(), MANY, "now there are many");
}

#[tokio::test]
async fn others_who_wait_do_not_make_them_many() {
    let waiting = waiting();
    let heard = Heard::default();
    says(&waiting, alone(&waiting, &heard, 900).token, stored(1));
    let taken = Taken::opened(&waiting);
    crowd(&waiting, Whose::Consumer);
    crowd(&waiting, Whose::Stream("OTHERS"));
    let watched: Vec<OnItsWay> = (0..MANY).map(|_| waiting.watch("a.b", PATIENCE)).collect();
    assert!(send(&waiting, &heard, 0));
    assert_eq!(taken.count(), 1);
    drop(watched);
}

#[tokio::test]
async fn they_leave_together_once_there_are_enough_or_an_answer_comes() {
    let (waiting, heard, taken) = busy();
    for number in 0..MOST {
        assert_eq!(taken.count(), 0);
        assert!(send(&waiting, &heard, number));
    }
    assert_eq!(sent(&taken), numbers(0..MOST));
    let first = taken.all()[0].1;
    assert_eq!(taken.tokens(), BTreeSet::from([first]));

    // Of those that wait for more, the first leave with the next answer; those after them are answered by themselves.
    for number in MOST..MOST + 3 {
        assert!(send(&waiting, &heard, number));
    }
    assert_eq!(taken.count(), MOST);
    says(&waiting, first, stored(11));
    assert_eq!(sent(&taken), numbers(0..MOST + 3));
    assert!(send(&waiting, &heard, MOST + 3));
    assert!(waiting.flush());
    let tokens: Vec<Token> = taken.all().into_iter().map(|(_, token)| token).collect();
    assert!(tokens[MOST] == tokens[MOST + 2] && tokens[MOST] != first);
    assert!(tokens[MOST + 3] != tokens[MOST] && tokens[MOST + 3] != first);
}

#[tokio::test(start_paused = true)]
async fn where_no_answer_comes_they_leave_nevertheless() {
    let (waiting, heard, taken) = busy();
    assert!(send(&waiting, &heard, 0));
    assert_eq!(taken.count(), 0);
    let before = Instant::now();
    while taken.count() == 0 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    assert!(before.elapsed() < Duration::from_millis(200));
    says(&waiting, taken.all()[0].1, stored(11));
    assert_eq!(heard.sequence(0), Some(11));
}

#[tokio::test]
async fn where_there_is_no_room_they_wait_in_their_order_and_others_behind_them() {
    let (waiting, heard, taken) = busy();
    taken.room.store(2, Ordering::Relaxed);
    for number in 0..MOST + 2 {
        assert!(send(&waiting, &heard, number));
    }
    let (seat, is_sent) = send_to(&waiting, &heard, 800, "a.b");
    assert!(!is_sent && taken.count() == 2);
    let apart = waiting.move_apart(seat).expect("it waits");
    let mut flushed = Box::pin(waiting.flushed());
    assert!(flushed.as_mut().now_or_never().is_none());

    taken.room.store(100, Ordering::Relaxed);
    says(&waiting, Token::parse("0").expect("a token"), stored(1));
    flushed.await;
    assert_eq!(sent(&taken), numbers(0..MOST + 2));
    for (number, token) in taken.all() {
        says(&waiting, token, stored(number as u64 + 11));
    }
    says(&waiting, apart.token, stored(99));
    let told: Vec<_> = (0..MOST + 2).filter_map(|number| heard.sequence(number)).collect();
    assert_eq!(told, (11..29).collect::<Vec<u64>>());
    assert_eq!(heard.sequence(800), Some(99));
}

#[tokio::test]
async fn what_is_held_when_the_connection_is_lost_is_never_sent() {
    let (waiting, heard, taken) = busy();
    assert!(send(&waiting, &heard, 0));
    drop(waiting.moved(ConnectionState::Disconnected));
    assert!(heard.is_unclear(0) && waiting.flush());
    drop(waiting.moved(FIRST));
    says(&waiting, Token::parse("0").expect("a token"), stored(1));
    assert_eq!(taken.count(), 0);
    // The library is let go with the last connection, and none is taken after it.
    let room = Arc::downgrade(&taken.room);
    drop(waiting.moved(ConnectionState::Closed));
    drop(taken);
    assert!(room.upgrade().is_none());
    let late = Taken::opened(&waiting);
    assert_eq!(Arc::strong_count(&late.room), 1);
}

#[tokio::test]
async fn what_nobody_would_read_the_answer_to_is_not_sent_nor_what_is_not_valid() {
    let (waiting, heard, taken) = busy();
    assert!(!send_to(&waiting, &heard, 0, "a b").1);
    let reader = tokio::spawn(std::future::ready(()));
    let handle = reader.abort_handle();
    reader.await.expect("it ends");
    waiting.opened(taken.clone(), "_INBOX.a.", &handle);
    assert!(!send(&waiting, &heard, 1));
    assert!(waiting.flush());
    assert_eq!(taken.count(), 0);
}

#[tokio::test]
async fn whoever_gives_up_what_is_held_leaves_the_others_in_the_dark() {
    let (waiting, heard, taken) = busy();
    let (seat, _) = send_to(&waiting, &heard, 0, "a.b");
    assert!(send(&waiting, &heard, 1));
    waiting.give_up(seat);
    assert!(heard.is_unclear(0) && heard.is_unclear(1) && heard.nothing(2));
    // It is sent all the same, as what has left already is; nobody takes its answers for those of others.
    assert!(waiting.flush());
    assert_eq!(sent(&taken), numbers(0..2));
}

#[tokio::test]
async fn each_kind_shares_with_its_own_and_acknowledgements_do_not_wait() {
    let (waiting, heard, taken) = busy();
    crowd(&waiting, Whose::Consumer);
    for number in 0..4 {
        assert!(send(&waiting, &heard, number));
    }
    for number in 4..6 {
        // What was published before comes before.
        assert!(send_as(&waiting, heard.ear(Whose::Consumer, number), number, "$JS.ACK.a").1);
        assert_eq!(sent(&taken), numbers(0..number + 1));
    }
    assert!(send(&waiting, &heard, 6) && waiting.flush());
    let tokens: Vec<Token> = taken.all().into_iter().map(|(_, token)| token).collect();
    assert!(tokens[0] == tokens[3] && tokens[4] == tokens[5]);
    assert_eq!(taken.tokens().len(), 3, "one left alone, behind the others");
}

#[tokio::test(start_paused = true)]
async fn what_there_was_no_room_for_leaves_though_nobody_waits_any_more() {
    let (waiting, heard, taken) = busy();
    taken.room.store(0, Ordering::Relaxed);
    assert!(send(&waiting, &heard, 0));
    tokio::time::sleep(2 * PATIENCE).await;
    assert!(!heard.nothing(0) && taken.count() == 0);
    taken.room.store(1, Ordering::Relaxed);
    tokio::time::sleep(PATIENCE / 10).await;
    assert_eq!(sent(&taken), [0]);
}

#[tokio::test]
async fn an_outlet_is_known_by_who_reads_the_answers() {
    let (waiting, heard, taken) = busy();
    assert!(send(&waiting, &heard, 0));
    let other = tokio::spawn(std::future::pending::<()>()).abort_handle();
    waiting.opened(taken.clone(), "_INBOX.a.", &other);
    assert!(send(&waiting, &heard, 1));
    // The same once more changes nothing.
    waiting.opened(taken.clone(), "_INBOX.b.", &other);
    assert!(waiting.flush());
    // What the first held has left before, and is waited for by itself.
    assert_eq!(sent(&taken), [0, 1]);
    says(&waiting, taken.all()[1].1, stored(11));
    assert_eq!(heard.sequence(1), Some(11));
}
