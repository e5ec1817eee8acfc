//! Those who wait on one subject.
//!
//! A server remembers where the last few hundred subjects lead, and has to look up all others. With a subject of its own for each
//! answer, that was a fifth of what a publish cost it. So subjects are used [again](super::token), and where many wait for the
//! word of one stream, several share one. Which answer is whose is not known then, and need not be: once as many messages are
//! stored as were sent, each is, and the stream has given them sequences in their order. Where anything else is said, nobody
//! knows of whom, and each sends his again, under a subject of his own.

use std::fmt;
use std::time::Duration;

use async_nats::{Message, Subject};
use tokio::time::Instant;

use super::said::Said;
use super::token::Past;
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

/// What an answer means to those who wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hearing {
    /// There is more to wait for.
    More,
    /// They are to be told.
    Over,
    /// They are, and somebody answers who is not the one: nobody can tell who is meant by what.
    Strange,
}

#[derive(Debug)]
pub(super) struct Place {
    token: Token,
    whose: Option<Whose>,
    /// What was said before they came; of a vacant place, before it is vacant.
    past: Past,
    /// In the order in which they have sent theirs.
    members: Vec<Member>,
    /// How many have a consumer's word; or what a stream has given their messages.
    words: Vec<u64>,
    others: Vec<Message>,
}

impl Place {
    pub(super) fn vacant(token: Token) -> Self {
        let (members, words, others) = (Vec::new(), Vec::new(), Vec::new());
        Self { token, whose: None, past: Past::Open, members, words, others }
    }

    /// Somebody comes to wait here, under this token.
    pub(super) fn begin(&mut self, token: Token, past: Past, member: Member) {
        (self.token, self.past, self.whose) = (token, past, member.ear.whose());
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
    pub(super) fn has_room(&self) -> bool {
        self.words.is_empty() && self.others.is_empty() && (1..MOST).contains(&self.members.len())
    }

    pub(super) fn join(&mut self, member: Member) {
        self.members.push(member);
    }

    /// He waits no more.
    pub(super) fn leave(&mut self, number: u32) -> Option<Member> {
        let at = self.members.iter().position(|member| member.number == number)?;
        Some(self.members.remove(at))
    }

    /// Takes in an answer.
    pub(super) fn hear(&mut self, message: Message, said: &Said) -> Hearing {
        let (alone, is_new) = (self.members.len() == 1, matches!(self.past, Past::Open));
        match (self.whose, said) {
            (None, _) => self.others.push(message),
            (Some(Whose::Consumer), Said::Settled) => self.words.push(0),
            (Some(Whose::Stream(own)), Said::Stored(by, sequence)) if by.is(own, &message) => {
                // A leader and the one after it may both tell that they have stored a message.
                if self.words.contains(sequence) {
                    return Hearing::More;
                }
                if self.past.has(own, *sequence) {
                    return self.confuse();
                }
                self.words.push(*sequence);
            }
            (Some(Whose::Stream(own)), Said::Refused(by)) if by.is(own, &message) => {
                self.others.push(message);
            }
            (Some(Whose::Stream(own)), Said::Duplicate(by)) if alone && by.is(own, &message) => {
                self.others.push(message);
            }
            (Some(Whose::Stream(_)), Said::NoStream) => self.others.push(message),
            _ => {
                match alone && is_new {
                    // Whatever it is, it is for him.
                    true => self.others.push(message),
                    false => _ = self.confuse(),
                }
                return Hearing::Strange;
            }
        }
        if self.is_over() { Hearing::Over } else { Hearing::More }
    }

    /// Whether an answer that comes when all were told is one of theirs once more.
    pub(super) fn has_heard(&self, message: &Message, said: &Said) -> bool {
        match (self.past, said) {
            // More may be said.
            (Past::Open, _) => true,
            (Past::Over(Some((own, last))), Said::Stored(by, sequence)) => {
                by.is(own, message) && *sequence <= last
            }
            _ => false,
        }
    }

    /// Nobody waits here any more.
    pub(super) fn clear(&mut self) -> impl Iterator<Item = Ear> {
        self.confuse();
        self.past = Past::Open;
        self.members.drain(..).map(|member| member.ear)
    }

    /// Whether as many answers have come as there are to come.
    pub(super) fn is_over(&self) -> bool {
        self.words.len() + self.others.len() >= self.members.len()
    }

    /// Nobody knows any more whom an answer is for.
    pub(super) fn confuse(&mut self) -> Hearing {
        self.others.clear();
        self.words.clear();
        Hearing::Over
    }

    /// Who is told what, now that it is over. Afterwards it is vacant, and this was said.
    pub(super) fn conclude(&mut self, told: &mut Vec<Told>) -> Past {
        let Self { members, words, others, .. } = self;
        let all = members.len();
        if others.is_empty() && words.len() == all {
            words.sort_unstable();
            if let (Some(Whose::Stream(stream)), Some(last)) = (self.whose, words.last()) {
                self.past = Past::Over(Some((stream, *last)));
            } else if matches!(self.past, Past::Open) {
                self.past = Past::Over(None);
            }
            let words = words.drain(..).map(|sequence| Ok(Answer::Word(sequence)));
            told.extend(members.drain(..).map(|member| member.ear).zip(words));
            return self.past;
        }
        self.past = Past::Open;
        let (refused, answered) = (others.len() == all, others.len() + words.len() == all);
        words.clear();
        let mut others = others.drain(..);
        told.extend(members.drain(..).map(|member| {
            let word = match others.next().filter(|_| refused) {
                Some(message) => Ok(Answer::Other(message)),
                None if answered => Err(Silence::Because(BrokerError::Mixed)),
                None => Err(Silence::Because(unclear())),
            };
            (member.ear, word)
        }));
        self.past
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
