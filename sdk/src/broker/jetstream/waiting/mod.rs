//! Who waits for an answer of the server, and what ends the wait.
//!
//! One table for a connection: what ends the wait of many (the connection is lost, no answer can be heard) ends it here, for
//! all at once, and nobody has to watch for it by himself. Nobody is called while the table is locked.

mod denial;
mod on_its_way;
mod place;
mod said;
mod sweeper;
mod table;
#[cfg(test)]
mod tests;
mod token;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_nats::{Message, Subject};
use tokio::runtime::Handle;
use tokio::sync::oneshot;
use tokio::task::AbortHandle;
use tokio::time::Instant;

pub(super) use self::on_its_way::OnItsWay;
use self::place::{Member, Told};
use self::said::Said;
use self::sweeper::Sweeper;
use self::table::Table;
pub(super) use self::token::Token;
use crate::broker::{BrokerError, ConnectionState};

/// Hears the answer, or why there is none.
pub(super) enum Ear {
    /// Whatever comes first is the answer.
    First(Box<dyn FnOnce(Result<Message, Silence>) + Send>),
    /// It waits for somebody's word.
    Word(Whose, Box<dyn FnOnce(Result<Answer, Silence>) + Send>),
}

/// Whose word is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Whose {
    /// A consumer's, that a delivery is settled.
    Consumer,
    /// A stream's, that a message is stored.
    Stream(&'static str),
}

/// What is said to whoever waits for a word.
#[derive(Debug)]
pub(super) enum Answer {
    /// The word; a stream's has the sequence of a new message.
    Word(u64),
    /// Something else.
    Other(Message),
}

/// Why there is no answer.
#[derive(Debug)]
pub(super) enum Silence {
    /// The server does not let this connection hear answers, and says so with these words. What was sent may have been taken.
    Deaf(Arc<str>),
    Because(BrokerError),
}

impl Ear {
    fn whose(&self) -> Option<Whose> {
        match self {
            Self::First(_) => None,
            Self::Word(whose, _) => Some(*whose),
        }
    }

    fn tell(self, told: Result<Answer, Silence>) {
        match (self, told) {
            (Self::First(ear), Ok(Answer::Other(message))) => ear(Ok(message)),
            (Self::First(_), Ok(Answer::Word(_))) => {
                debug_assert!(false, "its place waits for nobody's word");
            }
            (Self::First(ear), Err(silence)) => ear(Err(silence)),
            (Self::Word(_, ear), told) => ear(told),
        }
    }
}

impl Silence {
    pub(super) fn of_a_request(self) -> BrokerError {
        match self {
            Self::Deaf(words) => BrokerError::Denied(words.to_string()),
            Self::Because(error) => error,
        }
    }

    /// Of something that is stored, perhaps: that was not denied.
    pub(super) fn of_a_publish(self) -> BrokerError {
        match self {
            Self::Deaf(words) => BrokerError::Unavailable(format!("no answer is heard: {words}")),
            Self::Because(error) => error,
        }
    }
}

/// Everybody who waits. Clones are one table.
#[derive(Clone, Debug)]
pub(super) struct Waiting {
    table: Arc<Mutex<Table>>,
    order: Arc<Mutex<()>>,
    /// That of whoever connected: it outlives those of single callers, and the connection ends with it.
    runtime: Option<Handle>,
}

/// Somebody's, among those who wait on one subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Seat {
    pub(super) token: Token,
    number: u32,
}

/// What somebody waits for.
pub(super) struct Wait {
    /// Where it is sent.
    pub(super) subject: Subject,
    /// For how long he waits.
    pub(super) patience: Duration,
    /// The connection through which it has to go; none for the one that stands or the next.
    pub(super) connection: Option<ConnectionState>,
    /// Whether there is to be an answer; else it is only waited for a denial.
    pub(super) is_answered: bool,
    /// Whether he may share the subject of his answer with others, and take one that others have had: what he sends was not sent
    /// before, and can be sent again.
    pub(super) shares: bool,
}

/// Answers that were read together, to be looked up together.
#[derive(Default)]
pub(super) struct Answers {
    come: Vec<(Token, Message, Said)>,
    /// Empty but while they are looked up.
    told: Vec<Told>,
}

impl Answers {
    pub(super) fn push(&mut self, token: Token, answer: Message) {
        let said = Said::in_answer(&answer);
        self.come.push((token, answer, said));
    }

    pub(super) fn len(&self) -> usize {
        self.come.len()
    }
}

impl Waiting {
    pub(super) fn new() -> Self {
        Self { table: Arc::default(), order: Arc::default(), runtime: Handle::try_current().ok() }
    }

    /// Runs a task at home.
    pub(super) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) -> AbortHandle {
        match &self.runtime {
            Some(runtime) => runtime.spawn(task).abort_handle(),
            None => tokio::spawn(task).abort_handle(),
        }
    }

    /// While it is held, nobody else who may share comes, or sends what he has come for. No ear may send anything at once.
    pub(super) fn order(&self) -> MutexGuard<'_, ()> {
        self.order.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a seat, before something is sent. Those who share hold the [order](Self::order) until theirs is sent.
    ///
    /// # Errors
    /// No answer would come. The ear hears nothing of it.
    pub(super) fn enter(&self, wait: Wait, ear: Ear) -> Result<Seat, BrokerError> {
        let Wait { subject, patience, connection, is_answered, shares } = wait;
        let until = Instant::now().checked_add(patience);
        let mut table = self.lock();
        match (table.connection, connection) {
            (Some(ConnectionState::Closed), _) => return Err(BrokerError::Closed),
            (now, Some(wanted)) if now != Some(wanted) => return Err(lost()),
            _ => {}
        }
        if let Some(words) = table.deaf.as_ref().filter(|_| is_answered) {
            return Err(BrokerError::Denied(words.to_string()));
        }
        let denials = table.doubts.came(&subject);
        let number = table.next_number();
        let member = Member { number, subject, until, patience, is_answered, denials, ear };
        let token = table.seat(member, shares);
        let idle = !std::mem::replace(&mut table.swept, true);
        drop(table);
        if idle {
            let sweeper = Sweeper(Arc::downgrade(&self.table));
            self.spawn(sweeper.sweep());
        }
        Ok(Seat { token, number })
    }

    /// Gives a seat that may be shared for one of his own, before anything is sent. None where the wait has come to an end.
    pub(super) fn move_apart(&self, seat: Seat) -> Option<Seat> {
        let mut told = Vec::new();
        let mut table = self.lock();
        let mut member = table.leave(seat)?;
        member.denials = table.doubts.came(&member.subject);
        let token = table.seat(member, false);
        table.left(seat.token, &mut told);
        drop(table);
        tell(told);
        Some(Seat { token, ..seat })
    }

    /// Answers have come. Nobody may be waiting for them any more.
    pub(super) fn answered(&self, answers: &mut Answers) {
        let Answers { come, told } = answers;
        let mut table = self.lock();
        for (token, message, said) in come.drain(..) {
            table.hear(token, message, &said, told);
        }
        drop(table);
        told.drain(..).for_each(|(ear, told)| ear.tell(told));
    }

    /// Nobody waits any more; what was sent may yet be answered, or denied.
    pub(super) fn give_up(&self, seat: Seat) {
        let mut told = Vec::new();
        let members = self.lock().give_up(vec![seat], &mut told);
        drop(members);
        tell(told);
    }

    /// There is no answer to wait for: nothing was sent, or the word came in another way. False where the wait has come to an
    /// end before, and the ear was told.
    pub(super) fn withdraw(&self, seat: Seat) -> bool {
        let mut told = Vec::new();
        let mut table = self.lock();
        let Some(member) = table.leave(seat) else { return false };
        table.answered(&member.subject, &mut told);
        table.left(seat.token, &mut told);
        drop(table);
        tell(told);
        true
    }

    /// The connection has changed: what was asked through the one before gets no answer any more. Those who wait for one are
    /// told when what is returned is dropped.
    pub(super) fn moved(&self, to: ConnectionState) -> Unanswered {
        let mut table = self.lock();
        let before = table.connection.replace(to);
        if matches!(to, ConnectionState::Connected(_)) {
            table.deaf = None;
        }
        let closed = to == ConnectionState::Closed;
        // What is asked while disconnected goes out with the next connection.
        let stays = before.is_none_or(|before| before == ConnectionState::Disconnected);
        let ears = if stays && !closed { Vec::new() } else { table.clear() };
        Unanswered { ears, closed }
    }

    /// No answer can be heard until there is another connection.
    pub(super) fn deafened(&self, words: &str) {
        let mut table = self.lock();
        let words: Arc<str> = words.into();
        table.deaf = Some(Arc::clone(&words));
        // Denials are heard.
        let hopeless = table.seats(|member| member.is_answered);
        let mut told = Vec::new();
        let all = table.give_up(hopeless, &mut told);
        drop(table);
        let deaf = || Err(Silence::Deaf(Arc::clone(&words)));
        all.into_iter().for_each(|member| member.ear.tell(deaf()));
        tell(told);
    }

    /// The server has denied a publish with these words.
    pub(super) fn denied(&self, words: &str) {
        let Some(subject) = words.split('"').nth(1) else { return };
        let mut table = self.lock();
        let waiting = table.waiting_on(subject);
        if waiting == 0 {
            return;
        }
        table.doubts.denied(subject, words, waiting);
        let mut told = Vec::new();
        table.judged(subject, &mut told);
        drop(table);
        tell(told);
    }

    /// Waits for a denial alone: of something to which the server gives no answer.
    pub(super) fn watch(&self, subject: &str, patience: Duration) -> OnItsWay {
        let (tell, denial) = oneshot::channel();
        let subject = subject.into();
        let wait = Wait { subject, patience, connection: None, is_answered: false, shares: false };
        let hear = move |word: Result<Message, Silence>| {
            // What else ends the wait is watched for by whoever waits.
            if let Err(Silence::Because(denied @ BrokerError::Denied(_))) = word {
                let _ = tell.send(denied);
            }
        };
        let seat = self.enter(wait, Ear::First(Box::new(hear))).ok();
        OnItsWay { waiting: self.clone(), seat, denial }
    }

    fn lock(&self) -> MutexGuard<'_, Table> {
        lock(&self.table)
    }
}

fn lock(table: &Mutex<Table>) -> MutexGuard<'_, Table> {
    table.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Those whose connection is gone.
pub(super) struct Unanswered {
    ears: Vec<Ear>,
    closed: bool,
}

impl Drop for Unanswered {
    fn drop(&mut self) {
        let error = || if self.closed { BrokerError::Closed } else { lost() };
        self.ears.drain(..).for_each(|ear| ear.tell(Err(Silence::Because(error()))));
    }
}

fn tell(told: Vec<Told>) {
    told.into_iter().for_each(|(ear, told)| ear.tell(told));
}

fn lost() -> BrokerError {
    BrokerError::Unavailable("the connection was lost".into())
}
