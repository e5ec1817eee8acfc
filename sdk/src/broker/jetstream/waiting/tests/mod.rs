mod outlet;
mod shared;

use futures_util::FutureExt as _;

use super::*;

const WORDS: &str = "Permissions Violation for Publish to \"a.b\"";
const PATIENCE: Duration = Duration::from_secs(5);
const FIRST: ConnectionState = ConnectionState::Connected(1);

type Hope = oneshot::Receiver<Result<Message, BrokerError>>;

fn waiting() -> Waiting {
    let waiting = Waiting::new();
    drop(waiting.moved(FIRST));
    waiting
}

fn wait(subject: &str, connection: Option<ConnectionState>) -> Wait {
    Wait {
        subject: subject.into(),
        patience: PATIENCE,
        connection,
        is_answered: true,
        shares: false,
    }
}

fn ear(tell: oneshot::Sender<Result<Message, BrokerError>>) -> Ear {
    Ear::First(Box::new(move |word| drop(tell.send(word.map_err(Silence::of_a_request)))))
}

fn enter(waiting: &Waiting, subject: &str) -> (Seat, Hope) {
    let (tell, word) = oneshot::channel();
    let wait = wait(subject, Some(FIRST));
    let seat = waiting.enter(wait, ear(tell));
    (seat.expect("a connection"), word)
}

fn answered(waiting: &Waiting, seat: Seat) {
    says(waiting, seat.token, answer("+"));
}

fn says(waiting: &Waiting, token: Token, answer: Message) {
    let mut answers = Answers::default();
    answers.push(token, answer);
    waiting.answered(&mut answers);
}

fn answer(body: &str) -> Message {
    Message {
        subject: "_INBOX.a".into(),
        reply: None,
        payload: body.to_owned().into(),
        headers: None,
        status: None,
        description: None,
        length: body.len(),
    }
}

fn deaf() -> Ear {
    Ear::First(Box::new(|_| panic!("it hears nothing")))
}

fn is_denied(word: &mut Hope) -> bool {
    matches!(word.try_recv(), Ok(Err(BrokerError::Denied(_))))
}

#[tokio::test]
async fn an_answer_goes_to_whom_it_is_for_and_to_nobody_else() {
    let waiting = waiting();
    let (first, mut one) = enter(&waiting, "a.b");
    let (second, mut other) = enter(&waiting, "a.b");
    answered(&waiting, second);
    assert!(matches!(other.try_recv(), Ok(Ok(_))) && one.try_recv().is_err());
    // Another has the place now, and a late answer is none of his.
    let (_, mut later) = enter(&waiting, "a.b");
    answered(&waiting, second);
    assert!(later.try_recv().is_err());
    let token = Token::parse(&first.token.behind("")).expect("a token");
    says(&waiting, token, answer("+"));
    assert!(matches!(one.try_recv(), Ok(Ok(_))));
}

#[tokio::test(start_paused = true)]
async fn patience_ends_whether_others_come_or_not() {
    let waiting = waiting();
    let (_, one) = enter(&waiting, "a.b");
    tokio::time::sleep(PATIENCE / 2).await;
    let (_, mut later) = enter(&waiting, "a.b");
    let word = one.await.expect("a word");
    assert!(matches!(word, Err(BrokerError::TimedOut(PATIENCE))), "{word:?}");
    assert!(later.try_recv().is_err());
    let word = later.await.expect("a word");
    assert!(matches!(word, Err(BrokerError::TimedOut(PATIENCE))), "{word:?}");
    let (_, after) = enter(&waiting, "a.b");
    assert!(after.await.expect("a word").is_err(), "who comes when nobody was left is seen too");
}

#[tokio::test]
async fn with_the_connection_all_are_lost_and_nobody_is_let_in_who_means_it() {
    let waiting = waiting();
    let (_, mut word) = enter(&waiting, "a.b");
    drop(waiting.moved(ConnectionState::Disconnected));
    assert!(matches!(word.try_recv(), Ok(Err(BrokerError::Unavailable(_)))));
    let refused = waiting.enter(wait("a.b", Some(FIRST)), deaf());
    assert!(matches!(refused, Err(BrokerError::Unavailable(_))));

    // Whoever takes the next connection too waits for it.
    let (tell, mut word) = oneshot::channel();
    waiting.enter(wait("a.b", None), ear(tell)).expect("a place");
    drop(waiting.moved(ConnectionState::Connected(2)));
    assert!(word.try_recv().is_err());
    drop(waiting.moved(ConnectionState::Connected(3)));
    assert!(matches!(word.try_recv(), Ok(Err(BrokerError::Unavailable(_)))));
    drop(waiting.moved(ConnectionState::Closed));
    let refused = waiting.enter(wait("a.b", None), deaf());
    assert!(matches!(refused, Err(BrokerError::Closed)));
}

#[tokio::test]
async fn who_cannot_hear_answers_is_told_until_there_is_another_connection() {
    let waiting = waiting();
    let (_, mut word) = enter(&waiting, "a.b");
    waiting.deafened(WORDS);
    assert!(is_denied(&mut word));
    let refused = waiting.enter(wait("a.b", None), deaf());
    assert!(matches!(refused, Err(BrokerError::Denied(_))));
    drop(waiting.moved(ConnectionState::Connected(2)));
    assert!(waiting.enter(wait("a.b", None), Ear::First(Box::new(drop))).is_ok());
}

#[tokio::test]
async fn what_was_on_its_way_to_a_deaf_ear_may_be_stored() {
    let waiting = waiting();
    let (tell, mut word) = oneshot::channel();
    let hear = move |word: Result<_, Silence>| drop(tell.send(word.map_err(Silence::of_a_publish)));
    waiting.enter(wait("a.b", None), Ear::First(Box::new(hear))).expect("a place");
    waiting.deafened(WORDS);
    assert!(matches!(word.try_recv(), Ok(Err(BrokerError::Unavailable(_)))));
}

#[tokio::test]
async fn who_cannot_hear_answers_hears_denials() {
    let waiting = waiting();
    let mut before = waiting.watch("a.b", PATIENCE);
    waiting.deafened("Permissions Violation for Subscription to \"_INBOX.a.*\"");
    assert!(before.denied().now_or_never().is_none());
    let mut after = waiting.watch("a.c", PATIENCE);
    waiting.denied(WORDS);
    waiting.denied("Permissions Violation for Publish to \"a.c\"");
    assert!(matches!(before.denied().now_or_never(), Some(BrokerError::Denied(_))));
    assert!(matches!(after.denied().now_or_never(), Some(BrokerError::Denied(_))));
}

#[tokio::test(start_paused = true)]
async fn what_was_not_sent_is_told_nothing_and_leaves_no_doubt() {
    let waiting = waiting();
    let (unsent, mut nothing) = enter(&waiting, "a.b");
    let (_, mut word) = enter(&waiting, "a.b");
    assert!(waiting.withdraw(unsent) && !waiting.withdraw(unsent));
    answered(&waiting, unsent);
    tokio::time::sleep(PATIENCE / 2).await;
    assert!(matches!(nothing.try_recv(), Err(oneshot::error::TryRecvError::Closed)));
    waiting.denied(WORDS);
    assert!(is_denied(&mut word), "it alone is meant");
}

#[tokio::test]
async fn a_patience_without_an_end_is_one() {
    let waiting = waiting();
    let (tell, mut word) = oneshot::channel();
    let wait = Wait { patience: Duration::MAX, ..wait("a.b", None) };
    waiting.enter(wait, ear(tell)).expect("a place");
    assert!(word.try_recv().is_err());
}

#[test]
fn with_its_runtime_the_wait_ends() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let (waiting, word) = runtime.block_on(async {
        let waiting = waiting();
        let (_, word) = enter(&waiting, "a.b");
        (waiting, word)
    });
    drop(runtime);
    assert!(matches!(word.now_or_never(), Some(Ok(Err(BrokerError::Unavailable(_))))));
    let (_, word) = enter(&waiting, "a.b");
    assert!(matches!(word.now_or_never(), Some(Ok(Err(_)))), "nobody would ever tell");
}

#[tokio::test]
async fn one_alone_is_meant_by_a_denial() {
    let waiting = waiting();
    let (_, mut word) = enter(&waiting, "a.b");
    let (_, mut other) = enter(&waiting, "a.c");
    waiting.denied(WORDS);
    assert!(is_denied(&mut word) && other.try_recv().is_err());
}

#[tokio::test]
async fn of_several_all_are_meant_or_they_wait_for_answers() {
    let waiting = waiting();
    let [(accepted, _word), (_, mut first), (_, mut second)] =
        [(); 3].map(|()| enter(&waiting, "a.b"));
    waiting.denied(WORDS);
    waiting.denied(WORDS);
    assert!(first.try_recv().is_err() && second.try_recv().is_err());
    answered(&waiting, accepted);
    assert!(is_denied(&mut first) && is_denied(&mut second));
    assert!(waiting.common.table().doubts.is_empty(), "what is over takes no memory");
}

#[tokio::test]
async fn a_denial_before_it_was_sent_is_none_of_its_own() {
    let waiting = waiting();
    let [(first, mut word), (_, mut other)] = [(); 2].map(|()| enter(&waiting, "a.b"));
    waiting.denied(WORDS);
    let (later, mut let_through) = enter(&waiting, "a.b");
    // The permission has come back, and the later one was let through.
    answered(&waiting, later);
    assert!(matches!(let_through.try_recv(), Ok(Ok(_))));
    assert!(word.try_recv().is_err() && other.try_recv().is_err());
    answered(&waiting, first);
    assert!(matches!(word.try_recv(), Ok(Ok(_))) && is_denied(&mut other));
}

#[tokio::test]
async fn where_it_stays_in_doubt_it_is_not_called_denied() {
    let waiting = waiting();
    let (given_up, _) = enter(&waiting, "a.b");
    let (_, mut word) = enter(&waiting, "a.b");
    waiting.give_up(given_up);
    waiting.denied(WORDS);
    assert!(word.try_recv().is_err());
    waiting.denied(WORDS);
    assert!(is_denied(&mut word));
}

#[tokio::test]
async fn what_is_not_answered_is_watched_for_denials_alone() {
    let waiting = waiting();
    let mut watched = waiting.watch("a.b", PATIENCE);
    assert!(watched.denied().now_or_never().is_none());
    waiting.denied(WORDS);
    assert!(matches!(watched.denied().now_or_never(), Some(BrokerError::Denied(_))));
    let mut heard = waiting.watch("a.b", PATIENCE);
    let _ = heard.heard(Ok(()));
    waiting.denied(WORDS);
    assert!(heard.denied().now_or_never().is_none());
}
