//! Who sits where.

use std::sync::Arc;

use async_nats::{Message, Subject};

use super::denial::Doubts;
use super::place::{Hearing, Member, Place, Told};
use super::said::Said;
use super::token::{Taken, Tokens};
use super::{Ear, Seat, Silence, Token, Whose};
use crate::broker::{BrokerError, ConnectionState};

/// Where fewer wait for somebody's word, each has a subject of his own for it.
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
    /// Those who are not alone in answering, so that whoever waits for them has a subject that nobody else has had.
    strange: Vec<Whose>,
    /// The greatest sequences that streams have told.
    greatest: Vec<(&'static str, u64)>,
    /// How many wait, and how many of them for whose word.
    waiting: usize,
    crowds: Vec<(Whose, usize)>,
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

    /// Gives somebody a seat: beside others if he shares and there are many, under a token that others have had if he shares. Says
    /// whether what he sends may wait for what others send.
    pub(super) fn seat(&mut self, member: Member, shares: bool) -> (Token, bool) {
        let whose = member.ear.whose();
        let shares = whose.filter(|whose| shares && !self.strange.contains(whose));
        let joins = shares.filter(|whose| {
            // Of a stream that has told nothing yet, nothing can be known again.
            let is_known = *whose == Whose::Consumer || self.told(*whose) > 0;
            is_known && *self.crowd(*whose) >= MANY && self.may_share(*whose)
        });
        self.waiting += 1;
        if let Some(whose) = whose {
            *self.crowd(whose) += 1;
        }
        // What is acknowledged, by whichever consumer, does not wait: answers to others tell nothing of when its own comes.
        let waits = matches!(joins, Some(Whose::Stream(_)));
        let at = joins.and_then(|own| self.joinable.iter().position(|(whose, _)| *whose == own));
        if let Some(at) = at {
            let token = self.joinable[at].1;
            if let Some(place) = self.place(token).filter(|place| place.has_room()) {
                place.join(member);
                return (token, waits);
            }
            self.joinable.swap_remove(at);
        }
        let places = &self.places;
        let suits = |token: Token| {
            let place = &places[token.place()];
            match shares {
                // What is said once more is known by whom it is from.
                Some(own) => place.is_done() && place.whose() == Some(own),
                None => !place.is_done(),
            }
        };
        let (token, is_used) = match self.tokens.take(places.len(), suits) {
            Taken::Suits(token) if shares.is_some() => (token, true),
            Taken::Suits(token) => (self.tokens.renew(token), false),
            Taken::New(token) => (token, false),
        };
        if token.place() == self.places.len() {
            self.places.push(Place::vacant(token));
        }
        let after = whose.map_or(0, |whose| self.told(whose));
        self.places[token.place()].begin(token, is_used, after, member);
        self.joinable.extend(joins.map(|whose| (whose, token)));
        (token, waits)
    }

    /// What was to wait is sent: nobody sits down any more beside those who have sent it, and waits for later answers with them.
    pub(super) fn part(&mut self) {
        self.joinable.retain(|(whose, _)| *whose == Whose::Consumer);
    }

    /// How many wait for somebody's word.
    fn crowd(&mut self, by: Whose) -> &mut usize {
        let at = self.crowds.iter().position(|(whose, _)| *whose == by).unwrap_or_else(|| {
            self.crowds.push((by, 0));
            self.crowds.len() - 1
        });
        &mut self.crowds[at].1
    }

    /// So many wait no more.
    fn went(&mut self, whose: Option<Whose>, many: usize) {
        self.waiting -= many;
        if let Some(whose) = whose {
            *self.crowd(whose) -= many;
        }
    }

    /// The greatest sequence that a stream has told.
    fn told(&self, whose: Whose) -> u64 {
        let Whose::Stream(stream) = whose else { return 0 };
        self.greatest.iter().find(|(own, _)| *own == stream).map_or(0, |(_, told)| *told)
    }

    fn tells(&mut self, whose: Option<Whose>, sequence: u64) {
        let Some(Whose::Stream(stream)) = whose else { return };
        match self.greatest.iter_mut().find(|(own, _)| *own == stream) {
            Some((_, told)) => *told = sequence.max(*told),
            None => self.greatest.push((stream, sequence)),
        }
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
        let Some(place) = self.places.get(token.place()) else { return };
        if place.token() != token {
            return;
        }
        let whose = place.whose();
        let known = whose.map_or(0, |whose| self.told(whose));
        if place.is_done() && !place.is_repeated(&message, said, known) {
            self.notice_stranger(whose);
        }
        let Some(place) = self.place(token) else { return };
        let hearing = place.hear(message, said);
        match hearing {
            Hearing::More => return,
            Hearing::Over => {}
            Hearing::Old => self.forget(whose),
            Hearing::Strange => self.notice_stranger(whose),
        }
        self.conclude(token, told);
    }

    /// A stream may have been made anew, or repeat itself: no token is used again of those under which it has told anything.
    fn forget(&mut self, whose: Option<Whose>) {
        self.greatest.retain(|(own, _)| whose != Some(Whose::Stream(own)));
        self.places.iter_mut().filter(|place| place.members().is_empty()).for_each(Place::spend);
    }

    fn notice_stranger(&mut self, whose: Option<Whose>) {
        self.strange.extend(whose.filter(|whose| !self.strange.contains(whose)));
    }

    /// Takes somebody from his seat, if he still waits there. Whoever calls it sees to those who have shared with him.
    pub(super) fn leave(&mut self, seat: Seat) -> Option<Member> {
        let place = self.place(seat.token)?;
        let member = place.leave(seat.number)?;
        let is_vacant = place.members().is_empty();
        self.went(member.ear.whose(), 1);
        self.doubts.went(&member.subject);
        if is_vacant {
            self.vacate(seat.token);
        }
        Some(member)
    }

    /// Somebody has left for whom there will be no answer: the others may have all of theirs.
    pub(super) fn left(&mut self, token: Token, told: &mut Vec<Told>) {
        if self.place(token).is_some_and(|place| place.is_over()) {
            self.conclude(token, told);
        }
    }

    /// There is no more to wait for under this token.
    fn conclude(&mut self, token: Token, told: &mut Vec<Told>) {
        let quiet = self.doubts.is_empty();
        let Some(place) = self.place(token) else { return };
        // Whoever has no answer may have been denied.
        let (whose, answered) = (place.whose(), place.is_over());
        let subjects = place.members().iter().filter(|_| !(quiet && answered));
        let subjects: Vec<Subject> = subjects.map(|member| member.subject.clone()).collect();
        let from = told.len();
        let greatest = place.conclude(told);
        self.went(whose, told.len() - from);
        self.tells(whose, greatest);
        self.vacate(token);
        if let Some(whose) = whose
            && told[from..].iter().any(|(_, told)| told.is_err())
        {
            self.unshared.retain(|(other, _)| *other != whose);
            self.unshared.push((whose, AFTERWARDS));
        }
        subjects.iter().for_each(|subject| self.doubts.went(subject));
        for subject in subjects {
            if answered {
                self.answered(&subject, told);
            } else {
                self.gave_up(&subject);
            }
        }
    }

    /// Somebody has had his answer. That may leave no doubt that others are denied.
    pub(super) fn answered(&mut self, subject: &Subject, told: &mut Vec<Told>) {
        if !self.doubts.is_empty() {
            self.judged(subject, told);
        }
    }

    fn gave_up(&mut self, subject: &Subject) {
        let waiting = self.waiting_on(subject);
        self.doubts.given_up(subject, waiting);
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
                _ => members.extend(self.leave(seat)),
            }
        }
        members.iter().for_each(|Member { subject, .. }| self.gave_up(subject));
        members
    }

    /// Those on a subject who have been denied without a doubt.
    pub(super) fn judged(&mut self, subject: &str, told: &mut Vec<Told>) {
        let Some((all, words)) = self.doubts.certain(subject) else { return };
        let meant = self.seats(|member| &*member.subject == subject && member.denials < all);
        self.doubts.settled(subject, meant.len());
        for seat in &meant {
            let Some(member) = self.leave(*seat) else { continue };
            let denied = BrokerError::Denied(words.to_string());
            told.push((member.ear, Err(Silence::Because(denied))));
        }
        meant.into_iter().for_each(|seat| self.left(seat.token, told));
    }

    /// Nobody waits any more, and none of their answers will be one of those that come now.
    pub(super) fn clear(&mut self) -> Vec<Ear> {
        self.doubts = Doubts::default();
        self.joinable.clear();
        self.unshared.clear();
        self.strange.clear();
        self.greatest.clear();
        self.waiting = 0;
        self.crowds.clear();
        let mut ears = Vec::new();
        for place in &mut self.places {
            if !place.members().is_empty() {
                ears.extend(place.clear());
                self.tokens.give_back(place.token());
            }
            place.spend();
        }
        ears
    }

    /// Nobody waits under this token.
    fn vacate(&mut self, token: Token) {
        self.joinable.retain(|(_, joinable)| *joinable != token);
        self.tokens.give_back(token);
    }

    #[cfg(test)]
    pub(super) fn strange(&self) -> &[Whose] {
        &self.strange
    }

    /// Panics where it contradicts itself.
    #[cfg(test)]
    pub(super) fn check(&self) {
        use std::collections::BTreeSet;
        let members: usize = self.places.iter().map(|place| place.members().len()).sum();
        assert_eq!(members, self.waiting);
        for (whose, count) in &self.crowds {
            let of_place = |place: &&Place| place.whose() == Some(*whose);
            let places = self.places.iter().filter(of_place);
            assert_eq!(places.map(|place| place.members().len()).sum::<usize>(), *count);
        }
        let vacant: Vec<Token> = self.tokens.vacant().collect();
        let distinct: BTreeSet<usize> = vacant.iter().map(|token| token.place()).collect();
        assert_eq!(distinct.len(), vacant.len(), "one is vacant twice");
        let occupied = self.places.iter().filter(|place| !place.members().is_empty()).count();
        assert_eq!(vacant.len() + occupied, self.places.len());
        for (at, place) in self.places.iter().enumerate() {
            assert_eq!(place.token().place(), at);
        }
        for token in vacant {
            let place = &self.places[token.place()];
            assert!(place.token() == token && place.members().is_empty());
        }
        for (whose, token) in &self.joinable {
            let place = &self.places[token.place()];
            assert!(place.token() == *token && place.whose() == Some(*whose));
            assert!(!place.members().is_empty());
        }
        for (subject, awaited) in self.doubts.awaited() {
            assert_eq!(awaited, self.waiting_on(subject), "{subject}");
        }
    }
}
