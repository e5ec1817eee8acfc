//! Who waits while something is on its way to a stream, and who goes next.

use std::collections::{HashSet, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::Instant;

use super::turn::Turn;
use super::word::Tell;
use crate::broker::{MOST_TOGETHER, Outgoing};

/// A batch costs the server files of its own, and the disk as much as about this many messages by themselves. Fewer go by themselves,
/// one right behind the other.
const FEWEST: usize = 16;

/// Bytes of payload that go together: they are all on their way before there is a word.
const MOST_BYTES: usize = 8 << 20;

/// For how long a stream that takes no batches is offered none.
const REFUSAL: Duration = Duration::from_secs(10);

/// The line for one stream.
#[derive(Debug, Default)]
pub(super) struct Line(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    /// Whether it is somebody's turn.
    taken: bool,
    /// Whether that is a task which has not begun.
    handed: bool,
    waiting: VecDeque<Waiting>,
    /// Until then the stream is offered no batches.
    refuses_until: Option<Instant>,
}

#[derive(Debug)]
enum Waiting {
    Message { member: Member, for_groups: bool },
    Turn(oneshot::Sender<Turn>),
}

/// A message, and who is told its word.
#[derive(Debug)]
pub(super) struct Member {
    pub(super) message: Outgoing,
    pub(super) tell: Tell,
}

/// Who goes next.
#[derive(Debug)]
pub(super) enum Next {
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
        let member = Member { message: message.clone(), tell };
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

    /// A turn is over. Tells whether somebody waits; then the turn is handed to a task, which has to [begin](Self::begin).
    pub(super) fn hand_on(&self) -> bool {
        let mut state = self.state();
        state.handed = !state.waiting.is_empty();
        state.taken = state.handed;
        state.handed
    }

    /// Whether a task that the turn was handed to has not begun.
    pub(super) fn is_handed(&self) -> bool {
        self.state().handed
    }

    /// Takes the turn that was handed to a task, if no other has.
    pub(super) fn begin(&self) -> bool {
        std::mem::take(&mut self.state().handed)
    }

    /// Who goes next. If nobody does, the turn is nobody's.
    pub(super) fn next(&self) -> Option<Next> {
        let mut state = self.state();
        let next = state.next(Instant::now());
        state.taken = next.is_some();
        next
    }

    /// Nobody can go any more: all who wait are let go of.
    pub(super) fn abandon(&self) {
        let mut state = self.state();
        (state.taken, state.handed) = (false, false);
        let waiting = std::mem::take(&mut state.waiting);
        drop(state);
        drop(waiting);
    }

    /// The stream takes no batches.
    pub(super) fn is_refused(&self) {
        self.state().refuses_until = Some(Instant::now() + REFUSAL);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn next(&mut self, now: Instant) -> Option<Next> {
        if self.refuses_until.is_some_and(|until| until <= now) {
            self.refuses_until = None;
        }
        let groups = self.refuses_until.is_none();
        // What stands together, and is of one kind.
        let mut members: Vec<Member> = Vec::new();
        let (mut kind, mut bytes, mut ids) = (None, 0, HashSet::new());
        while let Some(first) = self.waiting.front() {
            match first {
                Waiting::Turn(turn) if turn.is_closed() => {}
                Waiting::Turn(_) if members.is_empty() => {
                    let Some(Waiting::Turn(turn)) = self.waiting.pop_front() else { break };
                    return Some(Next::Turn(turn));
                }
                Waiting::Turn(_) => break,
                Waiting::Message { member, .. } if !member.tell.is_awaited() => {}
                Waiting::Message { member, for_groups } => {
                    let for_groups = groups && *for_groups;
                    let own = member.message.payload.len();
                    let fits = members.is_empty() || bytes + own <= MOST_BYTES;
                    if *kind.get_or_insert(for_groups) != for_groups
                        || members.len() == MOST_TOGETHER
                        || !fits
                        || !ids.insert(member.message.message_id.clone())
                    {
                        break;
                    }
                    bytes += own;
                    let Some(Waiting::Message { member, .. }) = self.waiting.pop_front() else {
                        break;
                    };
                    members.push(member);
                    continue;
                }
            }
            // Nobody waits there any more.
            self.waiting.pop_front();
        }
        match (members.len(), kind) {
            (0, _) => None,
            (FEWEST.., Some(true)) => Some(Next::Group(members)),
            _ => Some(Next::Each(members)),
        }
    }
}
