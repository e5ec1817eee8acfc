//! Who waits for an answer of the server, and what ends the wait.
//!
//! One table for a connection: what ends the wait of many (the connection is lost, no answer can be heard) ends it here, for
//! all at once, and nobody has to watch for it by himself. Nobody is called while the table or the outlet is locked.

mod denial;
mod on_its_way;
mod outlet;
mod place;
mod said;
mod sweeper;
mod table;
#[cfg(test)]
mod tests;
mod token;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_nats::message::OutboundMessage;
use async_nats::{Message, Subject};
use futures_util::FutureExt as _;
use tokio::runtime::Handle;
use tokio::sync::{Notify, oneshot};
use tokio::task::AbortHandle;
use tokio::task::coop::consume_budget;
use tokio::time::Instant;

pub(super) use self::on_its_way::OnItsWay;
pub(super) use self::outlet::{Outlet, Queue};
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
    common: Arc<Common>,
    /// That of whoever connected: it outlives those of single callers, and the connection ends with it.
    runtime: Option<Handle>,
}

/// What its clones have in common. Locked in this order, behind the state of the connection.
#[derive(Debug, Default)]
struct Common {
    outlet: Mutex<Option<Outlet>>,
    table: Mutex<Table>,
    /// Nothing is held back any more.
    flushed: Notify,
}

/// Somebody's, among those who wait on one subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Seat {
    pub(super) token: Token,
    number: u32,
}

/// Somebody who has just sat down.
struct Sat {
    seat: Seat,
    /// Whether what he sends waits for what others send.
    waits: bool,
    /// Nobody looks for those whose patience is at an end.
    unswept: bool,
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
        Self { common: Arc::default(), runtime: Handle::try_current().ok() }
    }

    /// Runs a task at home.
    pub(super) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) -> AbortHandle {
        match &self.runtime {
            Some(runtime) => runtime.spawn(task).abort_handle(),
            None => tokio::spawn(task).abort_handle(),
        }
    }

    /// Answers are read by this one now: those who share leave through an outlet to the same library.
    pub(super) fn opened(&self, queue: impl Queue + 'static, prefix: &str, reader: &AbortHandle) {
        let mut own = self.common.outlet();
        if own.as_ref().is_some_and(|outlet| outlet.is_read_by(reader)) {
            return;
        }
        if let Some(outlet) = &mut *own {
            self.common.flush_through(outlet);
        }
        let mut table = self.common.table();
        table.part();
        if table.connection != Some(ConnectionState::Closed) {
            *own = Some(Outlet::new(queue, prefix, reader.clone()));
        }
        self.common.flushed.notify_waiters();
    }

    /// Sends what is held back, as far as there is room. False where something is left.
    pub(super) fn flush(&self) -> bool {
        self.common.flush()
    }

    /// Returns once nothing is held back.
    pub(super) async fn flushed(&self) {
        loop {
            let flushed = self.common.flushed.notified();
            if self.flush() {
                return;
            }
            flushed.await;
        }
    }

    /// Takes a seat where several may share, and sends something, at once or soon. Says whether: it may not be possible yet.
    ///
    /// # Errors
    /// No answer would come. The ear hears nothing of it.
    pub(super) fn send(
        &self,
        wait: Wait,
        ear: Ear,
        message: OutboundMessage,
    ) -> Result<(Seat, bool), BrokerError> {
        // Those who share are told in the order in which theirs are sent. No ear may send anything at once.
        let mut outlet = self.common.outlet();
        let sat = self.sit(wait, ear);
        let sent = match (&sat, &mut *outlet) {
            (Ok(sat), Some(outlet)) => self.common.send_through(outlet, sat, message),
            _ => false,
        };
        drop(outlet);
        let Sat { seat, unswept, .. } = sat.map_err(|(error, _)| error)?;
        self.sweep(unswept);
        Ok((seat, sent))
    }

    /// Takes a seat, before something is sent.
    ///
    /// # Errors
    /// No answer would come. The ear hears nothing of it.
    pub(super) fn enter(&self, wait: Wait, ear: Ear) -> Result<Seat, BrokerError> {
        let Sat { seat, unswept, .. } = self.sit(wait, ear).map_err(|(error, _)| error)?;
        self.sweep(unswept);
        Ok(seat)
    }

    /// Takes a seat for whoever has this ear, or gives it back: it may not be dropped while the outlet is locked.
    fn sit(&self, wait: Wait, ear: Ear) -> Result<Sat, (BrokerError, Ear)> {
        // Here it counts, as it does not where something is handed over: others are to run now and then.
        let _ = consume_budget().now_or_never();
        let Wait { subject, patience, connection, is_answered, shares } = wait;
        let until = Instant::now().checked_add(patience);
        let mut table = self.common.table();
        match (table.connection, connection) {
            (Some(ConnectionState::Closed), _) => return Err((BrokerError::Closed, ear)),
            (now, Some(wanted)) if now != Some(wanted) => return Err((lost(), ear)),
            _ => {}
        }
        if let Some(words) = table.deaf.as_ref().filter(|_| is_answered) {
            return Err((BrokerError::Denied(words.to_string()), ear));
        }
        let denials = table.doubts.came(&subject);
        let number = table.next_number();
        let member = Member { number, subject, until, patience, is_answered, denials, ear };
        let (token, waits) = table.seat(member, shares);
        let unswept = !std::mem::replace(&mut table.swept, true);
        Ok(Sat { seat: Seat { token, number }, waits, unswept })
    }

    /// Has somebody look for those whose patience is at an end.
    fn sweep(&self, unswept: bool) {
        if unswept {
            let sweeper = Sweeper(Arc::downgrade(&self.common));
            self.spawn(sweeper.sweep());
        }
    }

    /// Gives a seat that may be shared for one of his own, before anything is sent. None where the wait has come to an end.
    pub(super) fn move_apart(&self, seat: Seat) -> Option<Seat> {
        let mut told = Vec::new();
        let mut table = self.common.table();
        let mut member = table.leave(seat)?;
        member.denials = table.doubts.came(&member.subject);
        let (token, _) = table.seat(member, false);
        table.left(seat.token, &mut told);
        drop(table);
        tell(told);
        Some(Seat { token, ..seat })
    }

    /// Answers have come. Nobody may be waiting for them any more.
    pub(super) fn answered(&self, answers: &mut Answers) {
        let Answers { come, told } = answers;
        let mut table = self.common.table();
        for (token, message, said) in come.drain(..) {
            table.hear(token, message, &said, told);
        }
        drop(table);
        self.flush();
        told.drain(..).for_each(|(ear, told)| ear.tell(told));
    }

    /// Nobody waits any more; what was sent may yet be answered, or denied.
    pub(super) fn give_up(&self, seat: Seat) {
        let mut told = Vec::new();
        let members = self.common.table().give_up(vec![seat], &mut told);
        drop(members);
        tell(told);
    }

    /// There is no answer to wait for: nothing was sent, or the word came in another way. False where the wait has come to an
    /// end before, and the ear was told.
    pub(super) fn withdraw(&self, seat: Seat) -> bool {
        let mut told = Vec::new();
        let mut table = self.common.table();
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
        let mut outlet = self.common.outlet();
        let mut table = self.common.table();
        let before = table.connection.replace(to);
        if matches!(to, ConnectionState::Connected(_)) {
            table.deaf = None;
        }
        let closed = to == ConnectionState::Closed;
        // What is asked while disconnected goes out with the next connection.
        let stays = before.is_none_or(|before| before == ConnectionState::Disconnected);
        let mut ears = Vec::new();
        if !stays || closed {
            ears = table.clear();
            outlet.iter_mut().for_each(Outlet::clear);
            self.common.flushed.notify_waiters();
        }
        drop(table);
        // It would keep the connection.
        outlet.take_if(|_| closed);
        Unanswered { ears, closed }
    }

    /// No answer can be heard until there is another connection.
    pub(super) fn deafened(&self, words: &str) {
        let mut table = self.common.table();
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
        let mut table = self.common.table();
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
}

impl Common {
    fn table(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn outlet(&self) -> MutexGuard<'_, Option<Outlet>> {
        self.outlet.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sends a message, at once or soon. Says whether.
    fn send_through(&self, outlet: &mut Outlet, sat: &Sat, message: OutboundMessage) -> bool {
        if outlet.is_full() {
            self.flush_through(outlet);
        }
        let sent = outlet.hold(sat.seat.token, message);
        if !sat.waits || outlet.is_full() {
            self.flush_through(outlet);
        }
        sent
    }

    /// Sends what is held back, as far as there is room. False where something is left.
    fn flush(&self) -> bool {
        let mut outlet = self.outlet();
        outlet.as_mut().is_none_or(|outlet| self.flush_through(outlet))
    }

    fn flush_through(&self, outlet: &mut Outlet) -> bool {
        if outlet.is_empty() {
            return true;
        }
        // Those who share are answered together where they are sent together.
        self.table().part();
        outlet.hand_over();
        if outlet.is_empty() {
            self.flushed.notify_waiters();
        }
        outlet.is_empty()
    }
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
