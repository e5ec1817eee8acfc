//! Those who wait on one subject.
//!
//! A server remembers where the last few hundred subjects lead, and looks up every other one. With a subject of its own for each
//! answer, that is a fifth of what a publish costs it. So subjects are used [again](super::token), and where many wait for the
//! word of one stream, several share one. Which answer is whose is not known then, and need not be: once as many were stored as
//! were sent, each was, and their sequences are in their order. Where anything else is said, nobody knows of whom, and each
//! sends his again, under a subject of his own.

use std::fmt;
use std::time::Duration;

use async_nats::{Message, Subject};
use tokio::time::Instant;

use super::said::Said;
use super::token::{Last, State};
use super::{Answer, Ear, Silence, Token, Whose};
use crate::broker::BrokerError;

/// So many share a subject at most.
const MOST: usize = 16;

/// Somebody who waits.
pub(super) struct Member {
    pub(super) number: u32,
    pub(super) subject: Subject,
    /// None where there is no end to it.
    pub(super) until: Option<Instant>,
    pub(super) patience: Duration,
    pub(super) is_answered: bool,
    /// Denials of its subject before it came: none of them is its own.
    pub(super) denials: u64,
    pub(super) ear: Ear,
}

/// What somebody is told.
pub(super) type Told = (Ear, Result<Answer, Silence>);

#[derive(Debug)]
pub(super) struct Place {
    token: Token,
    whose: Option<Whose>,
    last: Last,
    /// In the order in which they have sent theirs.
    members: Vec<Member>,
    /// What a stream has given their messages.
    sequences: Vec<u64>,
    others: Vec<Message>,
}

impl Place {
    pub(super) fn vacant(token: Token) -> Self {
        let (members, sequences, others) = (Vec::new(), Vec::new(), Vec::new());
        Self { token, whose: None, last: None, members, sequences, others }
    }

    /// Somebody comes to wait here, under this token.
    pub(super) fn begin(&mut self, token: Token, last: Last, member: Member) {
        (self.token, self.last, self.whose) = (token, last, member.ear.whose());
        self.members.push(member);
    }

    pub(super) fn token(&self) -> Token {
        self.token
    }

    pub(super) fn whose(&self) -> Option<Whose> {
        self.whose
    }

    pub(super) fn members(&self) -> &[Member] {
        &self.members
    }

    /// Whether somebody else may share it.
    pub(super) fn is_open(&self) -> bool {
        self.sequences.is_empty()
            && self.others.is_empty()
            && (1..MOST).contains(&self.members.len())
    }

    pub(super) fn join(&mut self, member: Member) {
        self.members.push(member);
    }

    /// He waits no more.
    pub(super) fn leave(&mut self, number: u32) -> Option<Member> {
        let at = self.members.iter().position(|member| member.number == number)?;
        Some(self.members.remove(at))
    }

    /// Takes in an answer. True says that there is no more to wait for.
    pub(super) fn hear(&mut self, message: Message, said: &Said) -> bool {
        let sequence = match (self.whose, said) {
            // It says nothing else, so that the first is as good as the next.
            (Some(Whose::Consumer), Said::Settled) => Some(self.sequences.len() as u64),
            (Some(Whose::Stream(own)), Said::Stored { stream, sequence })
                if message.payload.get(stream.clone()) == Some(own.as_bytes()) =>
            {
                // A leader and the one after it may both tell that they have stored a message.
                if self.sequences.contains(sequence) {
                    return false;
                }
                if self.last.is_some_and(|(_, last)| *sequence <= last) {
                    return self.confuse();
                }
                Some(*sequence)
            }
            _ => None,
        };
        match sequence {
            Some(sequence) => self.sequences.push(sequence),
            None if self.members.len() == 1 || *said == Said::Refused => self.others.push(message),
            None => return self.confuse(),
        }
        self.is_over()
    }

    /// Whether as many answers have come as there are to come.
    pub(super) fn is_over(&self) -> bool {
        self.sequences.len() + self.others.len() >= self.members.len()
    }

    /// Nobody knows any more whom an answer is for.
    pub(super) fn confuse(&mut self) -> bool {
        self.others.clear();
        self.sequences.clear();
        true
    }

    /// Who is told what, now that it is over. Afterwards it is vacant.
    pub(super) fn conclude(&mut self, told: &mut Vec<Told>) -> State {
        let Self { members, sequences, others, .. } = self;
        let all = members.len();
        if others.is_empty() && sequences.len() == all {
            sequences.sort_unstable();
            let last = match (self.whose, sequences.last()) {
                (Some(Whose::Stream(stream)), Some(sequence)) => Some((stream, *sequence)),
                _ => self.last,
            };
            let words = sequences.drain(..).map(|sequence| Ok(Answer::Word(sequence)));
            told.extend(members.drain(..).map(|member| member.ear).zip(words));
            return State::Answered(last);
        }
        let clear = sequences.is_empty() && others.len() == all;
        sequences.clear();
        let mut others = others.drain(..).filter(|_| clear);
        told.extend(members.drain(..).map(|member| {
            let other = others.next().map(Answer::Other);
            (member.ear, other.ok_or_else(|| Silence::Because(unclear())))
        }));
        State::Open
    }
}

fn unclear() -> BrokerError {
    BrokerError::Unavailable("an answer may be meant for another message".into())
}

impl fmt::Debug for Member {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Member").field("subject", &self.subject).finish_non_exhaustive()
    }
}
