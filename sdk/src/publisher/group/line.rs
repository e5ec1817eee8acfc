//! Who waits while something is on its way to a stream, and who goes next.

use std::collections::{HashSet, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::Instant;

use super::turn::Turn;
use super::word::Tell;
use crate::broker::{ConnectionState, MOST_TOGETHER, Outgoing};

/// A batch costs the server files of its own, and the disk as much as about this many messages by themselves. Fewer go by themselves,
/// one right behind the other.
const FEWEST: usize = 16;

/// Bytes of payload that go together: they are all on their way before there is a word.
const MOST_BYTES: usize = 8 << 20;

/// For how long somebody stands in line: whoever sends again has to know how old a copy gets before it leaves.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);

/// For how long a stream that takes no batches is offered none.
const REFUSAL: Duration = Duration::from_secs(10);

/// The line for one stream.
#[derive(Debug, Default)]
pub(super) struct Line(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    /// Whether it is somebody's turn.
    taken: bool,
    waiting: VecDeque<Waiting>,
    /// Until then the stream is offered no batches.
    refuses_until: Option<Instant>,
    /// The connection through which the last group was stored, until something went wrong with one.
    takes: Option<ConnectionState>,
}

#[derive(Debug)]
#[allow(clippy::large_enum_variant, reason = "nearly all who wait have a message")]
enum Waiting {
    Message { member: Member, for_groups: bool },
    Turn(oneshot::Sender<Turn>),
}

/// A message, and who is told its word.
#[derive(Debug)]
pub(super) struct Member {
    pub(super) message: Outgoing,
    pub(super) tell: Tell,
    /// When it came.
    pub(super) since: Instant,
}

impl Member {
    /// Whether it has waited for too long, whatever for.
    pub(super) fn is_late(&self) -> bool {
        self.since.elapsed() >= PATIENCE
    }
}

/// Who goes next.
#[derive(Debug)]
pub(super) enum Next {
    /// These stood in line for too long, and do not go.
    Late(Vec<Member>),
    /// These, all or not at all.
    Group(Vec<Member>),
    /// These, one right behind the other.
    Each(Vec<Member>),
    /// Whoever waits for this.
    Turn(oneshot::Sender<Turn>),
}

impl Line {
    /// Stands in line with a message; or takes the turn, where it is nobody's, and gets back what is not needed for that.
    pub(super) fn stand(
        &self,
        message: &Outgoing,
        tell: Tell,
        is_for_groups: impl FnOnce() -> bool,
    ) -> Option<Tell> {
        let mut state = self.state();
        if !state.taken {
            state.taken = true;
            return Some(tell);
        }
        // A group may be sent before it is sent one by one.
        let message = Outgoing { is_new: false, ..message.clone() };
        let member = Member { message, tell, since: Instant::now() };
        state.waiting.push_back(Waiting::Message { member, for_groups: is_for_groups() });
        None
    }

    /// Stands in line for a turn; or takes it, where it is nobody's.
    pub(super) fn wait_for_turn(&self) -> Option<oneshot::Receiver<Turn>> {
        let mut state = self.state();
        if !state.taken {
            state.taken = true;
            return None;
        }
        let (give, turn) = oneshot::channel();
        state.waiting.push_back(Waiting::Turn(give));
        Some(turn)
    }

    /// A turn is over. Tells whether somebody waits; then it is the turn of whoever asks.
    pub(super) fn hand_on(&self) -> bool {
        let mut state = self.state();
        state.taken = !state.waiting.is_empty();
        state.taken
    }

    /// Who goes next. If nobody does, the turn is nobody's.
    pub(super) fn next(&self) -> Option<Next> {
        let mut state = self.state();
        let next = state.next();
        state.taken = next.is_some();
        next
    }

    /// Nobody can go any more: all who wait are let go of.
    pub(super) fn abandon(&self) {
        let mut state = self.state();
        state.taken = false;
        let waiting = std::mem::take(&mut state.waiting);
        drop(state);
        drop(waiting);
    }

    /// Whether the stream is known to take batches over this connection. Where nobody knows, it is asked with the first message
    /// of a group.
    pub(super) fn takes(&self, connection: ConnectionState) -> bool {
        self.state().takes == Some(connection)
    }

    /// The last group was stored over this connection, or was not.
    pub(super) fn has_taken(&self, connection: Option<ConnectionState>) {
        self.state().takes = connection;
    }

    /// The stream takes no batches.
    pub(super) fn is_refused(&self) {
        self.state().refuses_until = Some(Instant::now() + REFUSAL);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How somebody who waits goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Late,
    InGroups,
    Alone,
    Turn,
}

impl State {
    fn next(&mut self) -> Option<Next> {
        if self.refuses_until.is_some_and(|until| until <= Instant::now()) {
            self.refuses_until = None;
        }
        let kind = self.first()?;
        // What stands together and goes in one way.
        let mut members = Vec::new();
        let (mut bytes, mut ids) = (0, HashSet::new());
        while self.first() == Some(kind) && members.len() < MOST_TOGETHER {
            if kind == Kind::InGroups
                && let Some(Waiting::Message { member, .. }) = self.waiting.front()
            {
                bytes += member.message.payload.len();
                let fits = bytes <= MOST_BYTES || members.is_empty();
                if !fits || !ids.insert(member.message.message_id.clone()) {
                    break;
                }
            }
            match self.waiting.pop_front()? {
                Waiting::Turn(turn) => return Some(Next::Turn(turn)),
                Waiting::Message { member, .. } => members.push(member),
            }
        }
        Some(match kind {
            Kind::Late => Next::Late(members),
            Kind::InGroups if members.len() >= FEWEST => Next::Group(members),
            _ => Next::Each(members),
        })
    }

    /// How the first in line goes who still waits.
    fn first(&mut self) -> Option<Kind> {
        loop {
            match self.waiting.front()? {
                Waiting::Turn(turn) if turn.is_closed() => {}
                Waiting::Turn(_) => return Some(Kind::Turn),
                Waiting::Message { member, .. } if !member.tell.is_awaited() => {}
                Waiting::Message { member, .. } if member.is_late() => return Some(Kind::Late),
                Waiting::Message { for_groups, .. } => {
                    let in_groups = *for_groups && self.refuses_until.is_none();
                    return Some(if in_groups { Kind::InGroups } else { Kind::Alone });
                }
            }
            self.waiting.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::super::word::Word;
    use super::*;
    use crate::message::headers::Headers;

    fn message(id: &str, bytes: usize) -> Outgoing {
        Outgoing {
            subject: "s.a".into(),
            headers: Headers::new(),
            payload: Bytes::from(vec![0; bytes]),
            message_id: id.into(),
            stream: "S",
            expected_last_subject_sequence: None,
            expected_filter: None,
            claim_check_above: None,
            is_new: false,
        }
    }

    /// A line whose turn is somebody's.
    fn taken() -> Line {
        let line = Line::default();
        assert!(line.wait_for_turn().is_none());
        line
    }

    fn stand(line: &Line, message: &Outgoing, for_groups: bool) {
        assert!(line.stand(message, Tell::call(|_: Word| {}), || for_groups).is_none());
    }

    fn ids(members: &[Member]) -> Vec<&str> {
        members.iter().map(|member| member.message.message_id.as_str()).collect()
    }

    /// What goes next, in short.
    fn next(line: &Line) -> Option<(&'static str, usize)> {
        Some(match line.next()? {
            Next::Group(members) => ("group", members.len()),
            Next::Each(members) => ("each", members.len()),
            Next::Turn(_) => ("turn", 1),
            Next::Late(members) => ("late", members.len()),
        })
    }

    #[tokio::test]
    async fn a_group_is_what_stands_together_and_no_more_than_a_batch_takes() {
        let line = taken();
        for number in 0..1020 {
            stand(&line, &message(&format!("m-{number}"), 10), true);
        }
        stand(&line, &message("alone", 10), false);
        stand(&line, &message("alone-too", 10), false);
        let _turn = line.wait_for_turn().expect("it has to wait");
        drop(line.wait_for_turn().expect("this one goes away"));
        for number in 0..FEWEST - 1 {
            stand(&line, &message(&format!("n-{number}"), 10), true);
        }
        assert_eq!(next(&line), Some(("group", MOST_TOGETHER)));
        assert_eq!(next(&line), Some(("group", 20)));
        assert_eq!(next(&line), Some(("each", 2)));
        assert_eq!(next(&line), Some(("turn", 1)));
        assert_eq!(next(&line), Some(("each", FEWEST - 1)));
        assert_eq!(next(&line), None);
        // And the next one goes at once.
        let tell = line.stand(&message("last", 10), Tell::call(|_: Word| {}), || true);
        assert!(tell.is_some());
    }

    #[tokio::test]
    async fn one_id_is_not_twice_in_a_group_and_bytes_have_a_bound() {
        let line = taken();
        for number in 0..20 {
            stand(&line, &message(&format!("m-{number}"), 10), true);
        }
        stand(&line, &message("m-7", 10), true);
        for number in 0..20 {
            stand(&line, &message(&format!("large-{number}"), 1 << 19), true);
        }
        assert_eq!(next(&line), Some(("group", 20)));
        // The bound is reached with the sixteenth large one and the small one before it.
        let Some(Next::Group(members)) = line.next() else { panic!("a group") };
        assert_eq!((ids(&members)[0], members.len()), ("m-7", 16));
        assert_eq!(next(&line), Some(("each", 5)));
    }

    #[tokio::test(start_paused = true)]
    async fn a_stream_that_takes_no_batches_is_offered_none_for_a_while() {
        let line = taken();
        let fill = || (0..20).for_each(|n| stand(&line, &message(&format!("m-{n}"), 10), true));
        line.is_refused();
        fill();
        assert_eq!(next(&line), Some(("each", 20)));
        tokio::time::advance(REFUSAL).await;
        fill();
        assert_eq!(next(&line), Some(("group", 20)));
    }

    #[tokio::test(start_paused = true)]
    async fn who_stands_for_too_long_does_not_go() {
        let line = taken();
        (0..20).for_each(|n| stand(&line, &message(&format!("m-{n}"), 10), true));
        tokio::time::advance(PATIENCE).await;
        (20..40).for_each(|n| stand(&line, &message(&format!("m-{n}"), 10), true));
        assert_eq!(next(&line), Some(("late", 20)));
        assert_eq!(next(&line), Some(("group", 20)));
    }
}
