//! Who sits where.

use std::sync::Arc;

use async_nats::{Message, Subject};

use super::denial::Doubts;
use super::place::{Hearing, Member, Place, Told};
use super::said::Said;
use super::token::{Past, Tokens};
use super::{Ear, Seat, Silence, Token, Whose};
use crate::broker::{BrokerError, ConnectionState};

/// Where fewer wait, each has a subject of his own for his answer.
pub(super) const MANY: usize = 64;

/// How many have their own, too, after it was not clear what some of those were told who have shared one.
const AFTERWARDS: u32 = 10_000;

#[derive(Debug, Default)]
pub(super) struct Table {
    /// By the places that tokens tell.
    places: Vec<Place>,
    tokens: Tokens,
    /// Those beside whom the next who waits for the same word may sit.
    joinable: Vec<(Whose, Token)>,
    /// For whose word so many that come do not share.
    unshared: Vec<(Whose, u32)>,
    /// Those who are not alone in answering, so that each wait takes a subject that nobody else has had.
    strange: Vec<Whose>,
    /// How many wait.
    waiting: usize,
    /// Who was the last to come.
    number: u32,
    /// The connection that stands.
    pub(super) connection: Option<ConnectionState>,
    /// The server's words, while it does not let this connection hear answers.
    pub(super) deaf: Option<Arc<str>>,
    pub(super) doubts: Doubts,
    /// Whether somebody looks for those whose patience is at an end.
    pub(super) swept: bool,
}

impl Table {
    pub(super) fn is_empty(&self) -> bool {
        self.waiting == 0
    }

    /// Tells whoever comes next from those beside whom he may sit.
    pub(super) fn next_number(&mut self) -> u32 {
        self.number = self.number.wrapping_add(1);
        self.number
    }

    /// All who wait and are such.
    pub(super) fn seats(&self, such: impl Fn(&Member) -> bool) -> Vec<Seat> {
        let mut seats = Vec::new();
        for place in &self.places {
            let such = place.members().iter().filter(|member| such(member));
            seats.extend(such.map(|member| Seat { token: place.token(), number: member.number }));
        }
        seats
    }

    pub(super) fn waiting_on(&self, subject: &str) -> usize {
        let members = self.places.iter().flat_map(Place::members);
        members.filter(|member| &*member.subject == subject).count()
    }

    /// Where those wait whose answers have this token.
    fn place(&mut self, token: Token) -> Option<&mut Place> {
        let place = self.places.get_mut(token.place())?;
        (place.token() == token && !place.members().is_empty()).then_some(place)
    }

    /// Gives somebody a seat, beside others if there are many.
    pub(super) fn seat(&mut self, member: Member, shares: bool) -> Token {
        let whose = member.ear.whose().filter(|whose| !self.strange.contains(whose));
        let shared = whose.filter(|whose| shares && self.waiting >= MANY && self.may_share(*whose));
        self.waiting += 1;
        let at = shared.and_then(|own| self.joinable.iter().position(|(whose, _)| *whose == own));
        if let Some(at) = at {
            let token = self.joinable[at].1;
            if let Some(place) = self.place(token).filter(|place| place.has_room()) {
                place.join(member);
                return token;
            }
            self.joinable.swap_remove(at);
        }
        let (token, past) = self.tokens.take(whose);
        if token.place() == self.places.len() {
            self.places.push(Place::vacant(token));
        }
        self.places[token.place()].begin(token, past, member);
        self.joinable.extend(shared.map(|whose| (whose, token)));
        token
    }

    fn may_share(&mut self, with: Whose) -> bool {
        let Some(at) = self.unshared.iter().position(|(whose, _)| *whose == with) else {
            return true;
        };
        let left = &mut self.unshared[at].1;
        *left -= 1;
        if *left == 0 {
            self.unshared.swap_remove(at);
        }
        false
    }

    /// An answer has come. Nobody may be waiting for it any more.
    pub(super) fn hear(
        &mut self,
        token: Token,
        message: Message,
        said: &Said,
        told: &mut Vec<Told>,
    ) {
        let Some(place) = self.places.get_mut(token.place()) else { return };
        if place.token() != token {
            return;
        }
        let (whose, vacant) = (place.whose(), place.members().is_empty());
        let hearing = match vacant {
            true if place.has_heard(&message, said) => return,
            true => Hearing::Strange,
            false => place.hear(message, said),
        };
        if hearing == Hearing::Strange {
            self.strange.extend(whose.filter(|whose| !self.strange.contains(whose)));
        }
        if !vacant && hearing != Hearing::More {
            self.conclude(token, told);
        }
    }

    /// Takes somebody from his seat, if he still waits there. Whoever calls it sees to those who have shared with him.
    pub(super) fn leave(&mut self, seat: Seat) -> Option<Member> {
        let member = self.place(seat.token)?.leave(seat.number)?;
        self.waiting -= 1;
        Some(member)
    }

    /// Somebody has left for whom there will be no answer: the others may have all of theirs.
    pub(super) fn left(&mut self, token: Token, told: &mut Vec<Told>) {
        match self.place(token).map(|place| place.is_over()) {
            Some(true) => self.conclude(token, told),
            Some(false) => {}
            None => self.vacate(token, Past::Open),
        }
    }

    /// There is no more to wait for under this token.
    fn conclude(&mut self, token: Token, told: &mut Vec<Told>) {
        let Some(place) = self.place(token) else { return };
        let whose = place.whose();
        let subjects: Vec<Subject> =
            place.members().iter().map(|member| member.subject.clone()).collect();
        let from = told.len();
        let past = place.conclude(told);
        self.waiting -= told.len() - from;
        self.vacate(token, past);
        let clear = told[from..].iter().all(|(_, told)| told.is_ok());
        if !clear && let Some(whose) = whose {
            self.unshared.retain(|(other, _)| *other != whose);
            self.unshared.push((whose, AFTERWARDS));
            // Where a stream was made anew, it says what it has said before.
            self.tokens.spend(|past| past.suits(Some(whose)));
        }
        for subject in subjects {
            if clear {
                self.answered(&subject, told);
            } else {
                let waiting = self.waiting_on(&subject);
                self.doubts.given_up(&subject, waiting);
            }
        }
    }

    /// Somebody has had his answer. That may leave no doubt that others are denied.
    pub(super) fn answered(&mut self, subject: &Subject, told: &mut Vec<Told>) {
        if self.doubts.are_on(subject) {
            let waiting = self.waiting_on(subject);
            if self.doubts.answered(subject, waiting) {
                self.judged(subject, told);
            }
        }
    }

    /// Whoever shares with one of them does not know any more whom an answer is for, and is told so, as is the one.
    pub(super) fn give_up(&mut self, seats: Vec<Seat>, told: &mut Vec<Told>) -> Vec<Member> {
        let mut members = Vec::with_capacity(seats.len());
        for seat in seats {
            match self.place(seat.token) {
                Some(place) if place.members().len() > 1 => {
                    place.confuse();
                    self.conclude(seat.token, told);
                }
                _ => members
                    .extend(self.leave(seat).inspect(|_| self.vacate(seat.token, Past::Open))),
            }
        }
        for Member { subject, .. } in &members {
            let waiting = self.waiting_on(subject);
            self.doubts.given_up(subject, waiting);
        }
        members
    }

    /// Those on a subject who have been denied without a doubt.
    pub(super) fn judged(&mut self, subject: &str, told: &mut Vec<Told>) {
        let Some((all, words)) = self.doubts.certain(subject) else { return };
        let meant = self.seats(|member| &*member.subject == subject && member.denials < all);
        let mut tokens = Vec::with_capacity(meant.len());
        for seat in meant {
            let Some(member) = self.leave(seat) else { continue };
            let denied = BrokerError::Denied(words.to_string());
            told.push((member.ear, Err(Silence::Because(denied))));
            tokens.push(seat.token);
        }
        let waiting = self.waiting_on(subject);
        self.doubts.settled(subject, tokens.len(), waiting);
        tokens.dedup();
        tokens.into_iter().for_each(|token| self.left(token, told));
    }

    /// Nobody waits any more, and none of their answers will be one of those that come now.
    pub(super) fn clear(&mut self) -> Vec<Ear> {
        self.doubts = Doubts::default();
        self.tokens.spend(|_| true);
        (self.strange, self.unshared, self.waiting) = Default::default();
        self.joinable.clear();
        let mut ears = Vec::new();
        for place in self.places.iter_mut().filter(|place| !place.members().is_empty()) {
            ears.extend(place.clear());
            self.tokens.give_back(place.token(), Past::Open);
        }
        ears
    }

    /// Nobody waits under this token.
    fn vacate(&mut self, token: Token, past: Past) {
        self.joinable.retain(|(_, joinable)| *joinable != token);
        self.tokens.give_back(token, past);
    }
}
