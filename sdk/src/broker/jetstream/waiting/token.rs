//! Which answer is whose, and which subjects of answers are used again.

use std::collections::VecDeque;

/// Bits of a token that say which place of the table is meant; the rest tells those apart who have had it.
const PLACE_BITS: u32 = 24;

/// Tells an answer whose it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in super::super) struct Token(u64);

/// So many vacant places rest before the first of them is used again: whoever answers late finds nobody, and is noticed.
pub(super) const REST: usize = 64;

/// The tokens that were given out.
#[derive(Debug, Default)]
pub(super) struct Tokens {
    /// How many were new.
    all: u64,
    /// Those of vacant places, the last one last.
    vacant: VecDeque<Token>,
}

impl Tokens {
    /// One for a vacant place, of so many in all; the one that it had before if that `may_be_used` again, and says so.
    pub(super) fn take(
        &mut self,
        places: usize,
        may_be_used: impl FnOnce(Token) -> bool,
    ) -> (Token, bool) {
        let rested = self.vacant.len() > REST;
        let place = match self.vacant.pop_front_if(|_| rested) {
            Some(token) if may_be_used(token) => return (token, true),
            Some(token) => token.place(),
            None => places,
        };
        self.all += 1;
        (Token(self.all << PLACE_BITS | place as u64), false)
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
