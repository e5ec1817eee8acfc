//! Finds regular expressions that take exponential time.
//!
//! Where one state of the automaton can be reached again by the same text in two ways, a text of `n` such turns can be
//! read in 2ⁿ ways, and all are tried when nothing fits at its end (Weber and Seidl 1991: exponential ambiguity).

use std::collections::BTreeSet;
use std::ops::Range;

use super::automaton::Automaton;
use super::parse::parse;

/// Pairs of states whose ways are followed; what has more is not judged.
const MAX_STEPS: usize = 400_000;

/// The part of a regular expression that matches one text in so many ways that time has no end; none in most.
pub(crate) fn slow_part(pattern: &str) -> Option<&str> {
    // Without a group that is repeated there is one way through each loop.
    if ![")*", ")+", "){"].iter().any(|repeated| pattern.contains(repeated)) {
        return None;
    }
    let part = parse(pattern)?;
    let automaton = Automaton::new(pattern, &part)?;
    automaton.slow().map(|source| &pattern[source])
}

impl Automaton {
    fn slow(&self) -> Option<Range<usize>> {
        let around = || self.around.iter().find_map(Self::slow);
        self.padded.clone().or_else(|| self.ambiguous()).or_else(around)
    }

    /// Where a state can be reached again in two ways.
    fn ambiguous(&self) -> Option<Range<usize>> {
        let reached: Vec<BTreeSet<usize>> =
            (0..self.follow.len()).map(|from| self.reached(from)).collect();
        let mut seen = BTreeSet::new();
        for state in 0..self.follow.len() {
            if !reached[state].contains(&state) || seen.contains(&state) {
                continue;
            }
            let ring: BTreeSet<usize> =
                reached[state].iter().copied().filter(|at| reached[*at].contains(&state)).collect();
            if let Some((one, other)) = self.two_ways(&ring) {
                return self.around_both(one, other);
            }
            seen.extend(ring);
        }
        None
    }

    /// What follows a state. Where a match is found nothing is tried again.
    fn next(&self, state: usize) -> impl Iterator<Item = usize> {
        self.follow[state].keys().copied().filter(|next| !self.accepting.contains(next))
    }

    fn reached(&self, from: usize) -> BTreeSet<usize> {
        let mut reached = BTreeSet::new();
        let mut waiting = vec![from];
        if self.accepting.contains(&from) {
            return reached;
        }
        while let Some(state) = waiting.pop() {
            waiting.extend(self.next(state).filter(|next| reached.insert(*next)));
        }
        reached
    }

    /// Two states of a ring that one text leads to from one state, and another text back to one.
    fn two_ways(&self, ring: &BTreeSet<usize>) -> Option<(usize, usize)> {
        for from in ring {
            let twice =
                self.follow[*from].iter().find(|(to, ways)| **ways > 1 && ring.contains(to));
            if let Some((to, _)) = twice {
                return Some((*from, *to));
            }
        }
        let mut steps = 0;
        // Pairs of two states that one text leads to from one; each state of the ring leads to each.
        let mut apart = BTreeSet::new();
        let mut waiting: Vec<(usize, usize)> = ring.iter().map(|state| (*state, *state)).collect();
        while let Some(pair) = waiting.pop() {
            for one in self.next(pair.0).filter(|next| ring.contains(next)) {
                for other in self.next(pair.1).filter(|next| ring.contains(next)) {
                    steps += 1;
                    if steps > MAX_STEPS {
                        return None;
                    }
                    if one == other && pair.0 != pair.1 {
                        return Some(pair);
                    }
                    let next = (one.min(other), one.max(other));
                    let is_possible = self.characters[one].meet(&self.characters[other]);
                    if one != other && is_possible && apart.insert(next) {
                        waiting.push(next);
                    }
                }
            }
        }
        None
    }

    /// The smallest group that is repeated and has both states.
    fn around_both(&self, one: usize, other: usize) -> Option<Range<usize>> {
        let has_both = |states: &Range<usize>| states.contains(&one) && states.contains(&other);
        let around = self.loops.iter().filter(|(_, states)| has_both(states));
        around.min_by_key(|(source, _)| source.len()).map(|(source, _)| source.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::slow_part;

    #[test]
    fn what_matches_in_many_ways_is_found() {
        for (pattern, part) in [
            ("^(a+)+$", "(a+)+"),
            ("^(a*)*$", "(a*)*"),
            ("^(a|a)*$", "(a|a)*"),
            ("^(?:a|aa)+$", "(?:a|aa)+"),
            (r"^(\w|\d)+$", r"(\w|\d)+"),
            (r"^(\w+\s?)*$", r"(\w+\s?)*"),
            (r"^(\s*\w+\s*)*$", r"(\s*\w+\s*)*"),
            ("^(a?b?)*$", "(a?b?)*"),
            ("^(.*,)*$", "(.*,)*"),
            ("x(?=(a+)+b)y", "(a+)+"),
            (r"^(a+)+\b", "(a+)+"),
            ("^(a{1,20}){1,20}$", "(a{1,20}){1,20}"),
            ("^(a?){30}a{30}$", "(a?){30}"),
            ("^(?<name>[a-z]+)*@", "(?<name>[a-z]+)*"),
            (r"^([a-zA-Z0-9_.-])+@(([a-zA-Z0-9-])+.)+([a-zA-Z0-9]{2,4})+$", "(([a-zA-Z0-9-])+.)+"),
            (r"^(\u{61}|[a-z])+$", r"(\u{61}|[a-z])+"),
            (r"^(日|\p{L})+$", r"(日|\p{L})+"),
        ] {
            assert_eq!(slow_part(pattern), Some(part), "{pattern}");
        }
    }

    #[test]
    fn what_matches_in_one_way_is_not() {
        for pattern in [
            "^a+$",
            "^(a+b)+$",
            "^(ab|cd)*$",
            "(a+)+",
            r"^(\d{4})+$",
            r"^(\d{1,3}\.){3}\d{1,3}$",
            r"^\w+(\s\w+)*$",
            r"^[^\s@]+@([^\s@.]+\.)+[^\s@.]+$",
            r"^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,}$",
            "^(?=.*[a-z])(?=.*[0-9]).+$",
            r"^([A-Z]{2}|[0-9]{3})(-([A-Z]{2}|[0-9]{3}))*$",
            r"^(\p{Lu}\p{Ll}*)+$",
            r"^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?!$)|$)){4}$",
            r"^P(?!$)(\d+Y)?(\d+M)?(\d+D)?(T(?=\d)(\d+H)?(\d+M)?(\d+S)?)?$",
            r"^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9a-z-]+(\.[0-9a-z-]+)*)?$",
            r"^(/[^/~]*(~[01][^/~]*)*)*$",
        ] {
            assert_eq!(slow_part(pattern), None, "{pattern}");
        }
    }

    #[test]
    fn judging_takes_no_time_itself() {
        let words: Vec<String> = (0..2000).map(|word| format!("word{word}")).collect();
        assert_eq!(slow_part(&format!("^({})+$", words.join("|"))), None);
        assert_eq!(slow_part(&format!("^({})*$", "(a{9}){9}".repeat(50))), None);
        let deep = 3000;
        assert_eq!(slow_part(&format!("{}a{}", "(".repeat(deep), ")*".repeat(deep))), None);
    }
}
