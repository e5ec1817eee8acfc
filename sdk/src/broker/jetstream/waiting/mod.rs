//! Who waits for an answer of the server, and what ends the wait.
//!
//! One table for a connection: what ends the wait of many (the connection is lost, no answer can be heard) ends it here, for
//! all at once, and nobody has to watch for it by himself. Nobody is called while the table is locked.

mod denial;
mod on_its_way;
mod sweeper;
#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_nats::{Message, Subject};
use slab::Slab;
use tokio::runtime::Handle;
use tokio::sync::oneshot;
use tokio::task::AbortHandle;
use tokio::time::Instant;

use self::denial::Doubts;
pub(super) use self::on_its_way::OnItsWay;
use self::sweeper::Sweeper;
use crate::broker::{BrokerError, ConnectionState};

/// Bits of a token that say which place of the table is meant; the rest tells those apart who have had it.
const PLACE_BITS: u32 = 24;

/// Hears the answer, or why there is none.
pub(super) type Ear = Box<dyn FnOnce(Result<Message, Silence>) + Send>;

/// Why there is no answer.
#[derive(Debug)]
pub(super) enum Silence {
    /// The server does not let this connection hear answers, and says so with these words. What was sent may have been taken.
    Deaf(Arc<str>),
    Because(BrokerError),
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
    /// That of whoever connected: it outlives those of single callers, and the connection ends with it.
    runtime: Option<Handle>,
}

#[derive(Debug, Default)]
struct Table {
    places: Slab<Place>,
    /// How many have come.
    all: u64,
    /// The connection that stands.
    connection: Option<ConnectionState>,
    /// The server's words, while it does not let this connection hear answers.
    deaf: Option<Arc<str>>,
    doubts: Doubts,
    /// Whether somebody looks for those whose patience is at an end.
    swept: bool,
}

struct Place {
    token: Token,
    subject: Subject,
    /// None where there is no end to it.
    until: Option<Instant>,
    patience: Duration,
    is_answered: bool,
    /// Denials of its subject before it came: none of them is its own.
    denials: u64,
    ear: Ear,
}

/// Tells an answer whose it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Token(u64);

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
}

/// Those whose wait has come to an end, and why.
type Ended = Vec<(Ear, BrokerError)>;

impl Waiting {
    pub(super) fn new() -> Self {
        Self { table: Arc::default(), runtime: Handle::try_current().ok() }
    }

    /// Runs a task at home.
    pub(super) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) -> AbortHandle {
        match &self.runtime {
            Some(runtime) => runtime.spawn(task).abort_handle(),
            None => tokio::spawn(task).abort_handle(),
        }
    }

    /// Takes a place, before something is sent.
    ///
    /// # Errors
    /// No answer would come. The ear hears nothing of it.
    pub(super) fn enter(&self, wait: Wait, ear: Ear) -> Result<Token, BrokerError> {
        let Wait { subject, patience, connection, is_answered } = wait;
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
        table.all += 1;
        let denials = table.doubts.entered(&subject);
        let (all, place) = (table.all, table.places.vacant_entry());
        let token = Token(all << PLACE_BITS | place.key() as u64);
        place.insert(Place { token, subject, until, patience, is_answered, denials, ear });
        let idle = !std::mem::replace(&mut table.swept, true);
        drop(table);
        if idle {
            let sweeper = Sweeper(Arc::downgrade(&self.table));
            self.spawn(sweeper.sweep());
        }
        Ok(token)
    }

    /// An answer has come. Nobody may be waiting for it any more.
    pub(super) fn answered(&self, token: Token, answer: Message) {
        let mut table = self.lock();
        let Some(place) = table.take(token) else { return };
        let ended = table.answered(&place.subject);
        drop(table);
        (place.ear)(Ok(answer));
        tell(ended);
    }

    /// Nobody waits any more; what was sent may yet be answered, or denied.
    pub(super) fn give_up(&self, token: Token) {
        let place = self.lock().give_all_up(vec![token]);
        drop(place);
    }

    /// There is no answer to wait for: nothing was sent, or the word came in another way. False where the wait has come to an
    /// end before, and the ear was told.
    pub(super) fn withdraw(&self, token: Token) -> bool {
        let mut table = self.lock();
        let Some(place) = table.take(token) else { return false };
        let ended = table.answered(&place.subject);
        drop(table);
        tell(ended);
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
        let hopeless = table.places.iter().filter(|(_, place)| place.is_answered);
        let hopeless: Vec<Token> = hopeless.map(|(_, place)| place.token).collect();
        let all = table.give_all_up(hopeless);
        drop(table);
        all.into_iter().for_each(|place| (place.ear)(Err(Silence::Deaf(Arc::clone(&words)))));
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
        let ended = table.judged(subject);
        drop(table);
        tell(ended);
    }

    /// Waits for a denial alone: of something to which the server gives no answer.
    pub(super) fn watch(&self, subject: &str, patience: Duration) -> OnItsWay {
        let (tell, denial) = oneshot::channel();
        let subject = subject.into();
        let wait = Wait { subject, patience, connection: None, is_answered: false };
        let hear = move |word: Result<Message, Silence>| {
            // What else ends the wait is watched for by whoever waits.
            if let Err(Silence::Because(denied @ BrokerError::Denied(_))) = word {
                let _ = tell.send(denied);
            }
        };
        let token = self.enter(wait, Box::new(hear)).ok();
        OnItsWay { waiting: self.clone(), token, denial }
    }

    fn lock(&self) -> MutexGuard<'_, Table> {
        lock(&self.table)
    }
}

fn lock(table: &Mutex<Table>) -> MutexGuard<'_, Table> {
    table.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Table {
    /// Who waits under this token, if he still does.
    fn take(&mut self, token: Token) -> Option<Place> {
        let key = usize::try_from(token.0 & ((1 << PLACE_BITS) - 1)).ok()?;
        let own = self.places.get(key).is_some_and(|place| place.token == token);
        own.then(|| self.places.remove(key))
    }

    /// Somebody has had his answer. That may leave no doubt that others are denied.
    fn answered(&mut self, subject: &Subject) -> Ended {
        match self.doubts.answered(subject) {
            true => self.judged(subject),
            false => Ended::new(),
        }
    }

    /// Several at once, so that none of them is counted among those who still wait.
    fn give_all_up(&mut self, tokens: Vec<Token>) -> Vec<Place> {
        let places: Vec<Place> = tokens.into_iter().filter_map(|token| self.take(token)).collect();
        for place in &places {
            let waiting = self.waiting_on(&place.subject);
            self.doubts.given_up(&place.subject, waiting);
        }
        places
    }

    fn waiting_on(&self, subject: &str) -> usize {
        self.places.iter().filter(|(_, place)| &*place.subject == subject).count()
    }

    /// Those on a subject who have been denied without a doubt.
    fn judged(&mut self, subject: &str) -> Ended {
        let mut ended = Ended::new();
        let Some((all, words)) = self.doubts.certain(subject) else { return ended };
        let meant: Vec<Token> = self
            .places
            .iter()
            .filter(|(_, place)| &*place.subject == subject && place.denials < all)
            .map(|(_, place)| place.token)
            .collect();
        for token in meant {
            let Some(place) = self.take(token) else { continue };
            self.doubts.settled(subject);
            ended.push((place.ear, BrokerError::Denied(words.to_string())));
        }
        ended
    }

    fn clear(&mut self) -> Vec<Ear> {
        self.doubts = Doubts::default();
        self.places.drain().map(|place| place.ear).collect()
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
        self.ears.drain(..).for_each(|ear| ear(Err(Silence::Because(error()))));
    }
}

fn tell(ended: Ended) {
    ended.into_iter().for_each(|(ear, error)| ear(Err(Silence::Because(error))));
}

fn lost() -> BrokerError {
    BrokerError::Unavailable("the connection was lost".into())
}

impl Token {
    /// The subject that an answer comes on. Neither formatted nor grown: there is one for everything that is sent.
    pub(super) fn behind(self, prefix: &str) -> String {
        const DIGITS: [char; 16] =
            ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'];
        let digits = (u64::BITS - self.0.leading_zeros()).div_ceil(4).max(1);
        let mut subject = String::with_capacity(prefix.len() + digits as usize);
        subject.push_str(prefix);
        for place in (0..digits).rev() {
            subject.push(DIGITS[(self.0 >> (4 * place) & 0xf) as usize]);
        }
        subject
    }

    pub(super) fn parse(text: &str) -> Option<Self> {
        u64::from_str_radix(text, 16).ok().map(Self)
    }
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Place")
            .field("token", &self.token)
            .field("subject", &self.subject)
            .finish_non_exhaustive()
    }
}
