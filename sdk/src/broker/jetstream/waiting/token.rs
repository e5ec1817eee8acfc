//! Which answer is whose, and which subjects of answers are used again.

use std::collections::VecDeque;

use super::Whose;

/// Bits of a token that say which place of the table is meant; the rest tells those apart who have had it.
const PLACE_BITS: u32 = 24;

/// Tells an answer whose it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in super::super) struct Token(u64);

/// So many vacant places rest before the first of them is used again: whoever answers late finds nobody, and is noticed.
pub(super) const REST: usize = 64;

/// How far it is looked for a token that suits.
const LOOK: usize = 8;

/// What was said under a token.
#[derive(Clone, Copy, Debug)]
pub(super) enum Past {
    /// Everything that there is to say. A stream's later words have greater sequences than its last.
    Over(Option<(&'static str, u64)>),
    /// Nothing, or more may yet be said.
    Open,
}

/// The tokens that were given out.
#[derive(Debug, Default)]
pub(super) struct Tokens {
    /// How many were new.
    all: u64,
    /// How many places there are.
    places: usize,
    /// Those of vacant places, the last one last.
    vacant: VecDeque<(Token, Past)>,
}

impl Tokens {
    /// One for a vacant place, and what was said under it before. None may be used again by whoever waits for nobody's word.
    pub(super) fn take(&mut self, whose: Option<Whose>) -> (Token, Past) {
        let rested = self.vacant.len().saturating_sub(REST).min(LOOK);
        let suits = |(_, past): &(Token, Past)| past.suits(whose);
        let at = self.vacant.iter().take(rested).position(suits);
        let rested = (rested > 0).then(|| self.vacant.remove(at.unwrap_or(0))).flatten();
        let place = match rested {
            Some((token, past)) if past.suits(whose) => return (token, past),
            Some((token, _)) => token.place(),
            None => {
                self.places += 1;
                self.places - 1
            }
        };
        self.all += 1;
        (Token(self.all << PLACE_BITS | place as u64), Past::Open)
    }

    /// Its place is vacant.
    pub(super) fn give_back(&mut self, token: Token, past: Past) {
        self.vacant.push_back((token, past));
    }

    /// Those are not used again under which this was said.
    pub(super) fn spend(&mut self, such: impl Fn(Past) -> bool) {
        let spent = self.vacant.iter_mut().filter(|(_, past)| such(*past));
        spent.for_each(|(_, past)| *past = Past::Open);
    }
}

impl Past {
    /// Whether an answer that was meant for those before would be known as such.
    pub(super) fn suits(self, whose: Option<Whose>) -> bool {
        match (whose, self) {
            (None, _) | (_, Self::Open) => false,
            (Some(Whose::Stream(stream)), Self::Over(Some((other, _)))) => stream == other,
            // A consumer's word is none of a stream's, nor the other way round, and a consumer says it once.
            (Some(_), Self::Over(_)) => true,
        }
    }

    /// Whether a stream has said this before, or something later.
    pub(super) fn has(self, stream: &str, sequence: u64) -> bool {
        matches!(self, Self::Over(Some((own, last))) if own == stream && sequence <= last)
    }
}

impl Token {
    pub(super) fn place(self) -> usize {
        (self.0 & ((1 << PLACE_BITS) - 1)) as usize
    }

    /// The subject that an answer comes on. Neither formatted nor grown: there is one for everything that is sent.
    pub(in super::super) fn behind(self, prefix: &str) -> String {
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

    pub(in super::super) fn parse(text: &str) -> Option<Self> {
        u64::from_str_radix(text, 16).ok().map(Self)
    }
}
