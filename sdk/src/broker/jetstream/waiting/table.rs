//! Who sits where.

use std::sync::Arc;

use async_nats::Subject;

use super::denial::Doubts;
use super::place::{Member, Place, Told};
use super::token::{State, Tokens};
use super::{Ear, Seat, Silence, Token, Whose};
use crate::broker::{BrokerError, ConnectionState};

/// Where fewer wait, each has a subject of his own for his answer.
pub(super) const MANY: usize = 64;

/// How many do not share after it was not clear what some of them were told. It may never be: with domains, say.
const AFTERWARDS: u32 = 10_000;

#[derive(Debug, Default)]
pub(super) struct Table {
    /// By the places that tokens tell.
    places: Vec<Place>,
    tokens: Tokens,
    /// Those whom the next who waits for the same word may join.
    open: Vec<(Whose, Token)>,
    /// Those for whose word so many that come do not share.
    apart: Vec<(Whose, u32)>,
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
    pub(super) fn place(&mut self, token: Token) -> Option<&mut Place> {
        let place = self.places.get_mut(token.place())?;
        (place.token() == token && !place.members().is_empty()).then_some(place)
    }

    /// Gives somebody a seat, beside others if there are many.
    pub(super) fn seat(&mut self, member: Member, shares: bool) -> Token {
        let whose = member.ear.whose();
        let shared = whose.filter(|whose| shares && self.waiting >= MANY && self.may_share(*whose));
        self.waiting += 1;
        let open = shared.and_then(|whose| self.open.iter().position(|(open, _)| *open == whose));
        if let Some(at) = open {
            let token = self.open[at].1;
            if let Some(place) = self.place(token).filter(|place| place.is_open()) {
                place.join(member);
                return token;
            }
            self.open.swap_remove(at);
        }
        let (token, last) = self.tokens.take(whose);
        if token.place() == self.places.len() {
            self.places.push(Place::vacant(token));
        }
        self.places[token.place()].begin(token, last, member);
        self.open.extend(shared.map(|whose| (whose, token)));
        token
    }

    fn may_share(&mut self, with: Whose) -> bool {
        let Some(at) = self.apart.iter().position(|(whose, _)| *whose == with) else { return true };
        let left = &mut self.apart[at].1;
        *left -= 1;
        if *left == 0 {
            self.apart.swap_remove(at);
        }
        false
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
            None => self.vacate(token, State::Open),
        }
    }

    /// There is no more to wait for under this token.
    pub(super) fn conclude(&mut self, token: Token, told: &mut Vec<Told>) {
        let doubtful = !self.doubts.is_empty();
        let Some(place) = self.place(token) else { return };
        let subjects = place.members().iter().filter(|_| doubtful);
        let subjects: Vec<Subject> = subjects.map(|member| member.subject.clone()).collect();
        let (from, whose) = (told.len(), place.whose());
        let state = place.conclude(told);
        self.waiting -= told.len() - from;
        self.vacate(token, state);
        let clear = told[from..].iter().all(|(_, told)| told.is_ok());
        if !clear {
            self.apart.retain(|(other, _)| Some(*other) != whose);
            self.apart.extend(whose.map(|whose| (whose, AFTERWARDS)));
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
        if self.doubts.answered(subject) {
            self.judged(subject, told);
        }
    }

    /// Several at once, so that none of them is counted among those who still wait. Whoever shares with one does not know any
    /// more whom an answer is for.
    pub(super) fn give_up(&mut self, seats: Vec<Seat>, told: &mut Vec<Told>) -> Vec<Member> {
        let leave = |seat: Seat| self.leave(seat).map(|member| (member, seat.token));
        let (members, mut tokens): (Vec<_>, Vec<_>) = seats.into_iter().filter_map(leave).unzip();
        tokens.sort_unstable();
        tokens.dedup();
        for token in tokens {
            match self.place(token) {
                Some(place) => {
                    place.confuse();
                    self.conclude(token, told);
                }
                None => self.vacate(token, State::Open),
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
        for seat in meant {
            let Some(member) = self.leave(seat) else { continue };
            self.doubts.settled(subject);
            let denied = BrokerError::Denied(words.to_string());
            told.push((member.ear, Err(Silence::Because(denied))));
            self.left(seat.token, told);
        }
    }

    /// Nobody waits any more.
    pub(super) fn clear(&mut self) -> Vec<Ear> {
        self.doubts = Doubts::default();
        let all = self.give_up(self.seats(|_| true), &mut Vec::new());
        all.into_iter().map(|member| member.ear).collect()
    }

    /// Nobody waits under this token.
    fn vacate(&mut self, token: Token, state: State) {
        self.open.retain(|(_, open)| *open != token);
        self.tokens.give_back(token, state);
    }
}
