//! Which answer is whose, and which subjects of answers are used again.

use std::collections::VecDeque;

/// Bits of a token that say which place of the table is meant; the rest tells those apart who have had it.
const PLACE_BITS: u32 = 24;

/// Tells an answer whose it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in super::super) struct Token(u64);

/// So many vacant places rest before the first of them is used again: whoever answers late finds nobody, and is noticed.
pub(super) const REST: usize = 64;

/// Among so many of those that have rested for longest it is looked for one that suits.
const LOOK: usize = 8;

/// A token for somebody who comes.
pub(super) enum Taken {
    /// That of a vacant place, which suits.
    Suits(Token),
    New(Token),
}

/// The tokens that were given out.
#[derive(Debug, Default)]
pub(super) struct Tokens {
    /// How many were new.
    all: u64,
    /// Those of vacant places, the last one last.
    vacant: VecDeque<Token>,
}

impl Tokens {
    /// One for a place, of so many in all: a vacant one that suits, if any of those does that have rested for longest.
    pub(super) fn take(&mut self, places: usize, suits: impl Fn(Token) -> bool) -> Taken {
        let rested = self.vacant.len().saturating_sub(REST);
        let mut longest = self.vacant.iter().take(rested.min(LOOK));
        if let Some(at) = longest.position(|token| suits(*token))
            && let Some(token) = self.vacant.remove(at)
        {
            return Taken::Suits(token);
        }
        // Where there are few, it is not one that suits somebody else.
        let oldest = self.vacant.pop_front_if(|_| rested >= LOOK);
        self.all += 1;
        let place = oldest.map_or(places, Token::place);
        Taken::New(Token(self.all << PLACE_BITS | place as u64))
    }

    /// Another in the place of one under which more may be said.
    pub(super) fn renew(&mut self, token: Token) -> Token {
        self.all += 1;
        Token(self.all << PLACE_BITS | token.place() as u64)
    }

    /// Its place is vacant.
    pub(super) fn give_back(&mut self, token: Token) {
        self.vacant.push_back(token);
    }

    #[cfg(test)]
    pub(super) fn vacant(&self) -> impl Iterator<Item = Token> {
        self.vacant.iter().copied()
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
