//! Which answer is whose, and which subjects of answers are used again.

use super::Whose;

/// Bits of a token that say which place of the table is meant; the rest tells those apart who have had it.
const PLACE_BITS: u32 = 24;

/// Tells an answer whose it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in super::super) struct Token(u64);

/// The last that a stream has said under a token: what it says of later messages has greater sequences.
pub(super) type Last = Option<(&'static str, u64)>;

/// The tokens that were given out.
#[derive(Debug, Default)]
pub(super) struct Tokens {
    /// How many were new.
    all: u64,
    /// How many places there are.
    places: usize,
    /// Those of vacant places, the last one last.
    vacant: Vec<(Token, State)>,
}

/// Whether a token may be given out once more.
#[derive(Clone, Copy, Debug)]
pub(super) enum State {
    /// Every answer has come. One that comes twice is known by its sequence.
    Answered(Last),
    /// Another answer may yet come.
    Open,
}

impl Tokens {
    /// One for a vacant place, and the last that was said under it.
    pub(super) fn take(&mut self, whose: Option<Whose>) -> (Token, Last) {
        let place = match self.vacant.pop() {
            Some((token, State::Answered(last))) if knows(whose, last) => return (token, last),
            Some((token, _)) => token.place(),
            None => {
                self.places += 1;
                self.places - 1
            }
        };
        self.all += 1;
        (Token(self.all << PLACE_BITS | place as u64), None)
    }

    /// Its place is vacant.
    pub(super) fn give_back(&mut self, token: Token, state: State) {
        self.vacant.push((token, state));
    }
}

/// Whether an answer that was meant for those before would be known as such.
fn knows(whose: Option<Whose>, last: Last) -> bool {
    match (whose, last) {
        (None, _) => false,
        (Some(Whose::Stream(stream)), Some((other, _))) => stream == other,
        // A consumer's word is none of a stream's, nor the other way round, and a consumer says it once.
        (Some(_), _) => true,
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
