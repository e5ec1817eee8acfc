//! The automaton of a regular expression, whose states are the places in it that match one character (Glushkov's).

use std::collections::BTreeMap;
use std::ops::Range;

use regress::Regex;

use super::parse::Part;

/// Larger automatons are not built.
const MAX_STATES: usize = 400;

/// A part that is repeated between `n` and so many more times is taken for one that may be repeated for ever.
const MANY: u32 = 10;

/// A part that is repeated more often than this is repeated this often.
const MAX_COPIES: u32 = 24;

/// Which states may follow each other.
#[derive(Debug, Default)]
pub(super) struct Automaton {
    /// The characters that lead into each state.
    pub(super) characters: Vec<Characters>,
    /// The states that follow each, and in how many ways.
    pub(super) follow: Vec<BTreeMap<usize, u32>>,
    /// The states with which a match is found, whatever stands behind it.
    pub(super) accepting: Vec<usize>,
    /// Groups that are repeated: where they are written, and their states.
    pub(super) loops: Vec<(Range<usize>, Range<usize>)>,
    /// What is looked at by itself, ahead or behind.
    pub(super) around: Vec<Self>,
    /// Something that may match nothing is repeated a certain number of times, each of which may be the empty one.
    pub(super) padded: Option<Range<usize>>,
}

/// The states that a part begins and ends with.
#[derive(Debug, Default)]
struct Ends {
    is_nullable: bool,
    first: Vec<usize>,
    last: Vec<usize>,
}

impl Automaton {
    /// The automaton of an expression; none where it is too large.
    pub(super) fn new(pattern: &str, part: &Part) -> Option<Self> {
        let mut alphabet = Alphabet::new(pattern);
        Self::of(part, &mut alphabet)
    }

    fn of(part: &Part, alphabet: &mut Alphabet<'_>) -> Option<Self> {
        let mut builder = Builder { automaton: Self::default(), alphabet, may_fail: false };
        let ends = builder.part(part)?;
        let mut automaton = builder.automaton;
        if !builder.may_fail {
            automaton.accepting = ends.last;
        }
        Some(automaton)
    }
}

struct Builder<'b, 'p> {
    automaton: Automaton,
    alphabet: &'b mut Alphabet<'p>,
    /// Whether something is asserted, so that more is needed for a match than to get to its last state.
    may_fail: bool,
}

impl Builder<'_, '_> {
    fn part(&mut self, part: &Part) -> Option<Ends> {
        match part {
            Part::One(source) => {
                let characters = self.alphabet.characters(source.clone());
                self.state(characters)
            }
            Part::End => {
                let end = self.alphabet.end();
                self.state(end)
            }
            Part::Assertion => {
                self.may_fail = true;
                Some(Ends { is_nullable: true, ..Ends::default() })
            }
            Part::Around(inner) => {
                self.may_fail = true;
                let around = Automaton::of(inner, self.alphabet)?;
                self.automaton.around.push(around);
                Some(Ends { is_nullable: true, ..Ends::default() })
            }
            Part::Sequence(parts) => {
                let mut ends = Ends { is_nullable: true, ..Ends::default() };
                for part in parts {
                    let next = self.part(part)?;
                    ends = self.behind(ends, next);
                }
                Some(ends)
            }
            Part::Alternatives(parts) => {
                let mut ends = Ends::default();
                for part in parts {
                    let one = self.part(part)?;
                    ends.is_nullable |= one.is_nullable;
                    ends.first.extend(one.first);
                    ends.last.extend(one.last);
                }
                Some(ends)
            }
            Part::Repeated { part, least, most, source } => {
                self.repeated(part, *least, *most, source)
            }
        }
    }

    fn state(&mut self, characters: Characters) -> Option<Ends> {
        let state = self.automaton.characters.len();
        self.automaton.characters.push(characters);
        self.automaton.follow.push(BTreeMap::new());
        let ends = Ends { is_nullable: false, first: vec![state], last: vec![state] };
        (state < MAX_STATES).then_some(ends)
    }

    fn behind(&mut self, before: Ends, after: Ends) -> Ends {
        self.connect(&before.last, &after.first);
        let Ends { is_nullable, mut first, mut last } = after;
        if before.is_nullable {
            first.extend(before.first);
        } else {
            first = before.first;
        }
        if is_nullable {
            last.extend(before.last);
        }
        Ends { is_nullable: before.is_nullable && is_nullable, first, last }
    }

    fn connect(&mut self, from: &[usize], to: &[usize]) {
        for from in from {
            for to in to {
                *self.automaton.follow[*from].entry(*to).or_insert(0) += 1;
            }
        }
    }

    fn repeated(
        &mut self,
        part: &Part,
        least: u32,
        most: Option<u32>,
        source: &Range<usize>,
    ) -> Option<Ends> {
        let begin = self.automaton.characters.len();
        let Some(most) = most.filter(|most| most.saturating_sub(least) < MANY) else {
            let ends = self.part(part)?;
            self.connect(&ends.last, &ends.first);
            if !matches!(part, Part::One(_)) {
                let states = begin..self.automaton.characters.len();
                self.automaton.loops.push((source.clone(), states));
            }
            return Some(Ends { is_nullable: ends.is_nullable || least == 0, ..ends });
        };
        let left_out = most.saturating_sub(MAX_COPIES);
        let (least, most) = (least.saturating_sub(left_out), most - left_out);
        let mut all = Ends { is_nullable: true, ..Ends::default() };
        for copy in 0..most {
            let mut ends = self.part(part)?;
            let has_states = self.automaton.characters.len() > begin;
            if copy >= MANY && ends.is_nullable && has_states {
                self.automaton.padded = Some(source.clone());
            }
            ends.is_nullable |= copy >= least;
            all = self.behind(all, ends);
        }
        Some(all)
    }
}

/// A set of the characters of an [`Alphabet`].
#[derive(Clone, Debug)]
pub(super) struct Characters(Vec<u64>);

impl Characters {
    pub(super) fn meet(&self, others: &Self) -> bool {
        self.0.iter().zip(&others.0).any(|(one, other)| one & other != 0)
    }
}

/// Characters that stand for all: those of many texts, some of many kinds, and those of the expression.
struct Alphabet<'p> {
    pattern: &'p str,
    all: Vec<char>,
    known: BTreeMap<&'p str, Characters>,
}

impl<'p> Alphabet<'p> {
    fn new(pattern: &'p str) -> Self {
        let kinds = "ΑαЯяאم٣हฮ日あ한\u{1680}\u{2003}\u{200d}\u{2028}€–™ⅷ\u{3000}\u{e000}\u{feff}\u{ffff}😀\u{10ffff}";
        let mut all: Vec<char> =
            ('\0'..'\u{180}').chain(kinds.chars()).chain(pattern.chars()).collect();
        all.sort_unstable();
        all.dedup();
        Self { pattern, all, known: BTreeMap::new() }
    }

    /// The characters that a part of the expression matches; all where it cannot be told.
    fn characters(&mut self, source: Range<usize>) -> Characters {
        let source = &self.pattern[source];
        if let Some(known) = self.known.get(source) {
            return known.clone();
        }
        let regex = Regex::with_flags(source, "u");
        let mut buffer = [0; 4];
        let fits = |c: &char| {
            let text = c.encode_utf8(&mut buffer);
            regex.as_ref().map_or(true, |regex| regex.find(text).is_some())
        };
        let fitting: Vec<bool> = self.all.iter().map(fits).collect();
        let characters = self.set(fitting.into_iter().chain([false]));
        self.known.insert(source, characters.clone());
        characters
    }

    /// What stands behind the last character of a text.
    fn end(&self) -> Characters {
        self.set(self.all.iter().map(|_| false).chain([true]))
    }

    fn set(&self, bits: impl Iterator<Item = bool>) -> Characters {
        let mut words = vec![0; (self.all.len() + 1).div_ceil(64)];
        for (at, _) in bits.enumerate().filter(|(_, is_in)| *is_in) {
            words[at / 64] |= 1 << (at % 64);
        }
        Characters(words)
    }
}
