//! Core NATS beside the events: what is heard, asked and answered without a stream.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tidings::Tidings;
use tidings::messaging::{CoreError, Json, Message, Messages, Refusal};
use tokio::sync::{Notify, mpsc, oneshot};
use tokio::task::JoinHandle;

use super::on_both_brokers;
use crate::fixture::{PATIENCE, courier, next, sent};

on_both_brokers!(
    everybody_hears_what_they_listen_to_and_nothing_else,
    one_of_a_group_hears_each_message,
    headers_and_bytes_arrive_as_they_were_sent,
    a_question_is_answered,
    where_nobody_listens_that_is_known_at_once,
    who_is_not_answered_waits_no_longer_than_asked,
    a_failure_to_answer_is_told_to_who_asked,
    questions_are_answered_side_by_side_and_no_more_than_so_many,
    answering_ends_when_what_was_begun_is_answered,
    who_has_drained_hears_what_had_come_and_nothing_more,
    with_the_bus_everything_that_listens_ends,
    what_cannot_be_sent_is_refused,
    events_are_heard_too,
    a_message_that_a_stream_captures_is_stored,
);

async fn listen(bus: &Tidings, subject: &str) -> Messages {
    bus.core().subscribe(subject).await.expect("it listens")
}

async fn say(bus: &Tidings, subject: &str, text: &str) {
    bus.core().publish(subject, text).await.expect("sent");
}

async fn heard(messages: &mut Messages) -> Option<Message> {
    let next = tokio::time::timeout(PATIENCE, messages.next()).await;
    next.expect("in time").expect("allowed")
}

/// The subject and text of the next message.
async fn line(messages: &mut Messages) -> String {
    let message = heard(messages).await.expect("a message");
    let text = String::from_utf8(message.payload().to_vec()).expect("text");
    format!("{} {text}", message.subject())
}

/// Runs until it is told to end.
struct Answers {
    end: oneshot::Sender<()>,
    task: JoinHandle<Result<(), CoreError>>,
}

impl Answers {
    async fn end(self) {
        let _ = self.end.send(());
        let ended = tokio::time::timeout(PATIENCE, self.task).await;
        ended.expect("in time").expect("no panic").expect("it ends well");
    }
}

macro_rules! answer {
    ($messages:expr, $answer:expr) => {{
        let (end, ended) = oneshot::channel::<()>();
        Answers { end, task: tokio::spawn($messages.answer($answer).until(ended)) }
    }};
}

async fn everybody_hears_what_they_listen_to_and_nothing_else(bus: Tidings) {
    let mut exact = listen(&bus, "chat.berlin.hello").await;
    let mut one = listen(&bus, "chat.*.hello").await;
    let mut rest = listen(&bus, "chat.berlin.>").await;
    for (subject, text) in [
        ("chat.berlin.hello", "1"),
        ("chat.hamburg.hello", "2"),
        ("chat.berlin.bye.now", "3"),
        ("chat.berlin", "4"),
        ("chatter.berlin.hello", "5"),
        ("chat.berlin.hello", "6"),
    ] {
        say(&bus, subject, text).await;
    }
    assert_eq!(line(&mut exact).await, "chat.berlin.hello 1");
    assert_eq!(line(&mut exact).await, "chat.berlin.hello 6");
    assert_eq!(line(&mut one).await, "chat.berlin.hello 1");
    assert_eq!(line(&mut one).await, "chat.hamburg.hello 2");
    assert_eq!(line(&mut one).await, "chat.berlin.hello 6");
    assert_eq!(line(&mut rest).await, "chat.berlin.hello 1");
    assert_eq!(line(&mut rest).await, "chat.berlin.bye.now 3");
    assert_eq!(line(&mut rest).await, "chat.berlin.hello 6");
}

async fn one_of_a_group_hears_each_message(bus: Tidings) {
    const COUNT: usize = 200;
    let mut alone = listen(&bus, "work.>").await;
    let (told, mut heard) = mpsc::unbounded_channel();
    for member in 0..3 {
        let core = bus.core();
        // As on a server, a group is its name, whatever its members listen to.
        let subject = if member == 0 { "work.>" } else { "work.*" };
        let mut messages = core.subscribe(subject).group("workers").await.expect("it listens");
        let told = told.clone();
        tokio::spawn(async move {
            while let Ok(Some(message)) = messages.next().await {
                let _ = told.send((member, message.payload().to_vec()));
            }
        });
    }
    for number in 0..COUNT {
        say(&bus, "work.todo", &number.to_string()).await;
    }
    let (mut members, mut numbers) = (BTreeSet::new(), BTreeSet::new());
    for _ in 0..COUNT {
        let (member, number) = next(&mut heard).await;
        members.insert(member);
        assert!(numbers.insert(number), "each is heard once");
        line(&mut alone).await;
    }
    assert_eq!(members.len(), 3, "they share the work");
    // What would come a second time would have come by now.
    bus.core().publish("work.todo", "last").confirmed().await.expect("sent");
    assert_eq!(next(&mut heard).await.1, b"last");
    assert_eq!(line(&mut alone).await, "work.todo last");
}

async fn headers_and_bytes_arrive_as_they_were_sent(bus: Tidings) {
    let mut messages = listen(&bus, "raw").await;
    let bytes: Vec<u8> = (0..=255).collect();
    let sending = bus.core().publish("raw", bytes.clone());
    sending.header("x-tone", "Grüße").header("x-other", "").await.expect("sent");
    bus.core().publish("raw", ()).await.expect("sent");
    let message = heard(&mut messages).await.expect("a message");
    assert_eq!(message.headers().get("X-Tone"), Some("Grüße"));
    assert_eq!(message.headers().get("x-other"), Some(""));
    assert_eq!(&message.payload()[..], &bytes[..]);
    assert!(!message.wants_answer());
    let empty = heard(&mut messages).await.expect("a message");
    assert!(empty.payload().is_empty() && empty.headers().is_empty());
}

async fn a_question_is_answered(bus: Tidings) {
    let mut questions = listen(&bus, "math.*").await;
    let answering = tokio::spawn(async move {
        let question = heard(&mut questions).await.expect("a question");
        assert!(question.wants_answer());
        assert_eq!(question.headers().get("x-unit"), Some("m"));
        let number: i64 = question.json().expect("a number");
        question.respond(Json(json!({ "square": number * number }))).await.expect("sent");
        question.respond(Json("a second answer is one too many")).await.expect("sent");
    });
    let asking = bus.core().request("math.square", Json(12)).header("x-unit", "m");
    let answer = asking.await.expect("an answer");
    assert_eq!(answer.json::<Value>().expect("JSON"), json!({ "square": 144 }));
    let Err(CoreError::Decode { source, .. }) = answer.json::<u32>() else { panic!("no number") };
    assert!(source.to_string().contains("expected u32"), "{source}");
    answering.await.expect("it answers");
}

async fn where_nobody_listens_that_is_known_at_once(bus: Tidings) {
    let asking = bus.core().request("nobody.home", "?").timeout(Duration::from_secs(3600));
    let outcome = tokio::time::timeout(PATIENCE, asking.into_future()).await.expect("at once");
    let Err(CoreError::NoResponders { subject }) = outcome else { panic!("{outcome:?}") };
    assert_eq!(subject, "nobody.home");
    // Who has gone listens no more.
    let messages = listen(&bus, "nobody.home").await;
    drop(messages);
    bus.core().publish("nobody.home", ()).confirmed().await.expect("sent");
    let outcome = bus.core().request("nobody.home", "?").await;
    assert!(matches!(outcome, Err(CoreError::NoResponders { .. })), "{outcome:?}");
}

async fn who_is_not_answered_waits_no_longer_than_asked(bus: Tidings) {
    let mut silent = listen(&bus, "silent").await;
    let patience = Duration::from_millis(300);
    let begun = tokio::time::Instant::now();
    let outcome = bus.core().request("silent", "?").timeout(patience).await;
    let Err(CoreError::TimedOut { after, .. }) = outcome else { panic!("{outcome:?}") };
    assert_eq!(after, patience);
    assert!(begun.elapsed() >= patience);
    assert_eq!(line(&mut silent).await, "silent ?", "it was heard");
}

async fn a_failure_to_answer_is_told_to_who_asked(bus: Tidings) {
    async fn half(Json(number): Json<u32>) -> Result<Json<u32>, Refusal> {
        match number {
            0 => Err(Refusal::new(404, "there is\nno half of it")),
            1 => panic!("one cannot be halved"),
            n if n % 2 == 1 => Ok(Json("odd".parse()?)),
            n => Ok(Json(n / 2)),
        }
    }
    let answers = answer!(listen(&bus, "half").await, half);
    let ask = async |question: Value| bus.core().request("half", Json(question)).await;
    let refused = async |question: Value| match ask(question).await {
        Err(CoreError::Refused { code, description, .. }) => (code, description),
        other => panic!("{other:?}"),
    };
    assert_eq!(refused(json!(0)).await, (404, "there is no half of it".to_owned()));
    for internal in [1, 3] {
        assert_eq!(refused(json!(internal)).await, (500, "internal error".to_owned()));
    }
    let (code, description) = refused(json!("ada@example.com")).await;
    assert!(code == 400 && description.contains("expected u32"), "{code} {description}");
    assert!(!description.contains("ada@example.com"), "{description}");
    assert_eq!(ask(json!(4)).await.expect("it goes on").json::<u32>().expect("a number"), 2);
    answers.end().await;
}

async fn questions_are_answered_side_by_side_and_no_more_than_so_many(bus: Tidings) {
    let (told, mut begun) = mpsc::unbounded_channel();
    let go = Arc::new(Notify::new());
    let questions = listen(&bus, "slow").await;
    let waiting = Arc::clone(&go);
    let answering = questions.answer(move |Json(number): Json<u32>| {
        let (told, go) = (told.clone(), Arc::clone(&waiting));
        async move {
            let _ = told.send(number);
            go.notified().await;
            Ok(Json(number))
        }
    });
    let (end, ended) = oneshot::channel::<()>();
    let answering = tokio::spawn(answering.concurrency(2).until(ended));
    let core = bus.core();
    let asking: Vec<_> = (0..3)
        .map(|number| tokio::spawn(core.request("slow", Json(number)).into_future()))
        .collect();
    next(&mut begun).await;
    next(&mut begun).await;
    assert!(begun.try_recv().is_err(), "the third has to wait");
    go.notify_one();
    next(&mut begun).await;
    go.notify_waiters();
    go.notify_one();
    for asked in asking {
        asked.await.expect("no panic").expect("an answer");
    }
    drop(end);
    answering.await.expect("no panic").expect("it ends well");
}

async fn answering_ends_when_what_was_begun_is_answered(bus: Tidings) {
    let (told, mut begun) = mpsc::unbounded_channel();
    let questions = listen(&bus, "slow").await;
    let answers = answer!(questions, move |question: Message| {
        let _ = told.send(());
        async move {
            tokio::time::sleep(Duration::from_millis(200)).await;
            Ok(question.payload().clone())
        }
    });
    let asked = tokio::spawn(bus.core().request("slow", "patience").into_future());
    next(&mut begun).await;
    answers.end().await;
    let answer = asked.await.expect("no panic").expect("an answer");
    assert_eq!(&answer.payload()[..], b"patience");
    let outcome = bus.core().request("slow", "?").await;
    assert!(matches!(outcome, Err(CoreError::NoResponders { .. })), "{outcome:?}");
}

async fn who_has_drained_hears_what_had_come_and_nothing_more(bus: Tidings) {
    let mut messages = listen(&bus, "drained").await;
    for number in 0..3 {
        bus.core().publish("drained", number.to_string()).confirmed().await.expect("sent");
    }
    messages.drain().await;
    bus.core().publish("drained", "late").confirmed().await.expect("sent");
    for number in 0..3 {
        assert_eq!(line(&mut messages).await, format!("drained {number}"));
    }
    assert!(heard(&mut messages).await.is_none());
    assert!(heard(&mut messages).await.is_none(), "and it stays so");
}

async fn with_the_bus_everything_that_listens_ends(bus: Tidings) {
    let mut messages = listen(&bus, "ending").await;
    let answering = listen(&bus, "ending.question").await;
    let answering = answering.answer(async |question: Message| Ok(question.payload().clone()));
    let answering = tokio::spawn(answering.until(std::future::pending::<()>()));
    bus.core().publish("ending", "heard").confirmed().await.expect("sent");
    bus.close().await.expect("closed");
    assert_eq!(line(&mut messages).await, "ending heard");
    assert!(heard(&mut messages).await.is_none());
    let ended = tokio::time::timeout(PATIENCE, answering).await.expect("in time");
    ended.expect("no panic").expect("it ends well");
    let core = bus.core();
    assert!(matches!(core.publish("ending", ()).await, Err(CoreError::Closed)));
    assert!(matches!(core.request("ending", ()).await, Err(CoreError::Closed)));
    assert!(matches!(core.subscribe("ending").await, Err(CoreError::Closed)));
}

async fn what_cannot_be_sent_is_refused(bus: Tidings) {
    let core = bus.core();
    let mut all = listen(&bus, "limits.>").await;
    for subject in ["", "limits..a", "limits.*", "limits.>", "limits.a b", "limits.a\r\nb"] {
        let outcome = core.publish(subject, ()).await;
        assert!(matches!(outcome, Err(CoreError::Subject { .. })), "{subject:?}: {outcome:?}");
        let outcome = core.request(subject, ()).await;
        assert!(matches!(outcome, Err(CoreError::Subject { .. })), "{subject:?}: {outcome:?}");
    }
    let outcome = core.subscribe("limits.>.a").await.map(drop);
    assert!(matches!(outcome, Err(CoreError::Subject { .. })), "{outcome:?}");
    let outcome = core.subscribe("limits.a").group("a b").await.map(drop);
    assert!(matches!(outcome, Err(CoreError::Group { .. })), "{outcome:?}");
    let outcome = core.publish("limits.a", ()).header("x", "a\r\nb").await;
    assert!(matches!(outcome, Err(CoreError::Header(_))), "{outcome:?}");

    let most = 1024 * 1024;
    let outcome = core.publish("limits.a", vec![0; most + 1]).await;
    let Err(CoreError::TooLarge { size, limit, .. }) = outcome else { panic!("{outcome:?}") };
    assert_eq!((size, limit), (most + 1, most));
    let outcome = core.request("limits.a", vec![0; most]).header("x", "y").await;
    let Err(CoreError::TooLarge { size, .. }) = outcome else { panic!("{outcome:?}") };
    assert_eq!(size, most + "NATS/1.0\r\nx: y\r\n\r\n".len(), "headers count");
    core.publish("limits.a", vec![0; most]).await.expect("just fits");
    assert_eq!(heard(&mut all).await.expect("a message").payload().len(), most);
}

async fn events_are_heard_too(bus: Tidings) {
    let mut parcels = listen(&bus, "parcels.>").await;
    let published = courier(&bus).parcel_sent(sent("p-1", 7)).await.expect("stored");
    let message = heard(&mut parcels).await.expect("an event");
    assert_eq!(message.subject(), "parcels.parcel.sent");
    assert_eq!(message.headers().get("Nats-Msg-Id"), Some(&*published.id));
    let event: Value = message.json().expect("CloudEvents");
    assert_eq!(event["data"], json!({ "parcel_id": "p-1", "step": 7 }));
}

async fn a_message_that_a_stream_captures_is_stored(bus: Tidings) {
    let core = bus.core();
    let published = courier(&bus).parcel_sent(sent("p-1", 0)).await.expect("stored");
    let before = published.sequence.expect("a place");
    let again =
        |id: &'static str| core.request("parcels.parcel.sent", "raw").header("Nats-Msg-Id", id);
    let answer: Value = again("a").await.expect("the stream answers").json().expect("JSON");
    // It is the server that answers, by its own names.
    let stream = bus.stream_name("PARCELS_EVENTS");
    assert_eq!(answer, json!({ "stream": stream, "seq": before + 1 }));
    let answer: Value = again("a").await.expect("the stream answers").json().expect("JSON");
    assert_eq!(answer["duplicate"], json!(true));
}
