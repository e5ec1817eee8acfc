//! Messages on their way to the client library, held back for a moment where many wait.
//!
//! What the library is given one by one, while its task writes, it writes two or three at a time. Given together,
//! messages cost the client and the server less. As Nagle has it, they are held until there are enough, or an answer to earlier
//! ones comes: with so many on their way it comes soon. Where none comes, the [sweeper](super::sweeper) sees to them.

use std::collections::VecDeque;
use std::fmt;
use std::future::poll_fn;
use std::pin::pin;
use std::task::{Context, Waker};

use async_nats::message::OutboundMessage;
use async_nats::{Client, Subject};
use futures_util::SinkExt as _;
use tokio::task::AbortHandle;
use tokio::task::coop::unconstrained;

use super::Token;

/// So many are held back at most. It is also how many share a subject.
pub(super) const MOST: usize = 16;

/// That of the client library, for what it is to write.
pub(in super::super) trait Queue: Send {
    /// Whether there is room for one more.
    fn has_room(&mut self) -> bool;

    /// Takes a message, for which there is room.
    fn take(&mut self, message: OutboundMessage);
}

/// Where those leave who may share the subjects of their answers.
pub(in super::super) struct Outlet {
    queue: Box<dyn Queue>,
    /// What the subjects of answers begin with, and who reads those.
    prefix: Box<str>,
    reader: AbortHandle,
    held: VecDeque<OutboundMessage>,
    /// The last subject of answers: the next to leave shares it as a rule.
    last: Option<(Token, Subject)>,
}

impl Outlet {
    pub(in super::super) fn new(
        queue: impl Queue + 'static,
        prefix: &str,
        reader: AbortHandle,
    ) -> Self {
        let (queue, held) = (Box::new(queue), VecDeque::with_capacity(MOST));
        Self { queue, prefix: prefix.into(), reader, held, last: None }
    }

    /// Holds a message, whose answer has this token. False where there is no room, or nobody would read the answer.
    pub(super) fn hold(&mut self, token: Token, mut message: OutboundMessage) -> bool {
        // What is not valid the library refuses with a reason, where it is asked in the other way.
        if self.reader.is_finished() || self.is_full() || !message.subject.is_valid() {
            return false;
        }
        message.reply = Some(self.reply(token));
        self.held.push_back(message);
        true
    }

    fn reply(&mut self, token: Token) -> Subject {
        match &self.last {
            Some((last, reply)) if *last == token => reply.clone(),
            _ => {
                let reply = Subject::from(token.behind(&self.prefix));
                self.last.insert((token, reply)).1.clone()
            }
        }
    }

    /// Whether this one reads the answers, and still does.
    pub(super) fn is_read_by(&self, reader: &AbortHandle) -> bool {
        !self.reader.is_finished() && self.reader.id() == reader.id()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.held.is_empty()
    }

    pub(super) fn is_full(&self) -> bool {
        self.held.len() >= MOST
    }

    /// Hands over what is held, as far as there is room.
    pub(super) fn hand_over(&mut self) {
        while !self.held.is_empty() && self.queue.has_room() {
            self.held.pop_front().into_iter().for_each(|message| self.queue.take(message));
        }
    }

    /// None of what is held is sent any more.
    pub(super) fn clear(&mut self) {
        self.held.clear();
    }
}

impl Queue for Client {
    fn has_room(&mut self) -> bool {
        // Nobody is woken when there is room: it is asked again soon. So what the task has left of its turn must not count.
        let mut nobody = Context::from_waker(Waker::noop());
        let ready = poll_fn(|cx| self.poll_ready_unpin(cx));
        pin!(unconstrained(ready)).poll(&mut nobody).is_ready()
    }

    fn take(&mut self, message: OutboundMessage) {
        // Where the library has ended, who waits is told so with the connection, or waits in vain. So does one that the server takes
        // no more, as it is too large since it was held, and others with it.
        let _ = self.start_send_unpin(message);
    }
}

impl fmt::Debug for Outlet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outlet").field("held", &self.held.len()).finish_non_exhaustive()
    }
}
