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

use super::outlet::MOST;
use super::said::Said;
use super::{Answer, Ear, Silence, Token, Whose};
use crate::broker::BrokerError;

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
    /// They are, and a stream says what it has said before, or has been made anew.
    Old,
    /// They are, and somebody answers who is not the one: nobody can tell who is meant by what.
    Strange,
}

/// Those who wait under one token, or nobody.
#[derive(Debug)]
pub(super) struct Place {
    token: Token,
    whose: Option<Whose>,
    /// Whether others have had the token; of a vacant place, whether others may have it, as everything was said.
    is_used: bool,
    /// The greatest sequence that the stream had told when they came: their messages have greater ones.
    after: u64,
    /// In the order in which they have sent theirs.
    members: Vec<Member>,
    /// The sequences that the stream has given; a 0 for each word of a consumer.
    words: Vec<u64>,
    others: Vec<Message>,
}

impl Place {
    pub(super) fn vacant(token: Token) -> Self {
        let (members, words, others) = (Vec::new(), Vec::new(), Vec::new());
        Self { token, whose: None, is_used: false, after: 0, members, words, others }
    }

    /// Somebody comes to wait here.
    pub(super) fn begin(&mut self, token: Token, is_used: bool, after: u64, member: Member) {
        (self.token, self.is_used, self.after) = (token, is_used, after);
        self.whose = member.ear.whose();
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

    /// He waits no more. Where nobody is left, what was said is forgotten.
    pub(super) fn leave(&mut self, number: u32) -> Option<Member> {
        let at = self.members.iter().position(|member| member.number == number)?;
        let member = self.members.remove(at);
        if self.members.is_empty() {
            self.confuse();
            self.is_used = false;
        }
        Some(member)
    }

    /// Takes in an answer.
    pub(super) fn hear(&mut self, message: Message, said: &Said) -> Hearing {
        let Some(whose) = self.whose else {
            self.others.push(message);
            return Hearing::Over;
        };
        let is_expected = match (whose, said) {
            (Whose::Consumer, Said::Settled) => {
                self.words.push(0);
                return self.heard();
            }
            (Whose::Stream(own), Said::Stored(by, sequence)) if by.is(own, &message) => {
                // A leader and the one after it may both tell that they have stored a message.
                if self.words.contains(sequence) {
                    return Hearing::More;
                }
                if *sequence <= self.after {
                    self.confuse();
                    return Hearing::Old;
                }
                self.words.push(*sequence);
                return self.heard();
            }
            (Whose::Stream(own), Said::Refused(by)) if by.may_be(own, &message) => {
                self.others.push(message);
                return self.heard();
            }
            (Whose::Stream(_), Said::NoStream) => {
                self.others.push(message);
                return self.heard();
            }
            (Whose::Stream(own), Said::Duplicate(by)) => by.is(own, &message),
            (Whose::Consumer, Said::NoStream) => true,
            _ => false,
        };
        if self.members.len() == 1 && !self.is_used {
            // Whatever it is, it is for him.
            self.others.push(message);
        } else {
            self.confuse();
        }
        if is_expected { Hearing::Over } else { Hearing::Strange }
    }

    fn heard(&self) -> Hearing {
        if self.is_over() { Hearing::Over } else { Hearing::More }
    }

    /// Whether nobody waits here any more, and everything was said.
    pub(super) fn is_done(&self) -> bool {
        self.is_used && self.members.is_empty()
    }

    /// Whether an answer that comes when everything was said is one of those that were, once more; `told` is the greatest
    /// sequence that the stream has told.
    pub(super) fn is_repeated(&self, message: &Message, said: &Said, told: u64) -> bool {
        match (self.whose, said) {
            (Some(Whose::Stream(own)), Said::Stored(by, sequence)) => {
                by.is(own, message) && *sequence <= told
            }
            _ => false,
        }
    }

    /// Whether as many answers have come as there are to come.
    pub(super) fn is_over(&self) -> bool {
        self.words.len() + self.others.len() >= self.members.len()
    }

    /// Nobody knows any more whom an answer is for.
    pub(super) fn confuse(&mut self) {
        self.others.clear();
        self.words.clear();
    }

    /// Nobody waits here any more.
    pub(super) fn clear(&mut self) -> impl Iterator<Item = Ear> {
        self.confuse();
        self.is_used = false;
        self.members.drain(..).map(|member| member.ear)
    }

    /// Everything is said, but its token is not to be used again.
    pub(super) fn spend(&mut self) {
        self.is_used = false;
    }

    /// Tells all of them, and is vacant. Gives the greatest sequence.
    pub(super) fn conclude(&mut self, told: &mut Vec<Told>) -> u64 {
        let Self { members, words, others, .. } = self;
        let all = members.len();
        self.is_used = others.is_empty() && words.len() == all && self.whose.is_some();
        if self.is_used {
            words.sort_unstable();
            let greatest = words.last().copied().unwrap_or_default();
            let words = words.drain(..).map(|sequence| Ok(Answer::Word(sequence)));
            told.extend(members.drain(..).map(|member| member.ear).zip(words));
            return greatest;
        }
        let answered = others.len() + words.len() == all;
        // Some are refused sooner than others, but one refusal is like the other.
        let refused = others.len() == all
            && others.iter().all(|other| {
                (&other.payload, other.status) == (&others[0].payload, others[0].status)
            });
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
        0
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
