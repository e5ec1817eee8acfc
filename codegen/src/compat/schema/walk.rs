use std::collections::{HashMap, HashSet};

use super::types::Types;
use super::view::{Identity, View};
use super::{Difference, Hurts, Rule};
use crate::compat::rules;

/// Pairs of schemas that are compared before the comparison is given up.
const MAX_STEPS: u32 = 20_000;

/// Silent comparisons within each other before the comparison is given up.
const MAX_DEPTH: u32 = 48;

type Pair = (Identity, Identity);

/// One comparison of two documents.
#[derive(Default)]
pub(super) struct Walk<'a> {
    pub(super) found: Vec<Difference>,
    /// Pairs whose differences are reported: what is shared is reported once, and what contains itself comes to an end.
    reported: HashSet<Pair>,
    /// What is known of pairs that are compared silently. While a pair is compared it counts as equal, which is right if
    /// nothing else speaks against it.
    known: HashMap<Pair, Hurts>,
    /// The pairs of `known` in the order in which they came, to forget what rested on a wrong assumption.
    trail: Vec<Pair>,
    /// What is still to be compared: not at once, so that a long chain of schemas needs no deep stack.
    waiting: Vec<Waiting<'a>>,
    steps: u32,
    /// How many silent comparisons are under way, each of which waits for the next.
    depth: u32,
}

struct Waiting<'a> {
    before: View<'a>,
    after: View<'a>,
    at: String,
}

impl<'a> Walk<'a> {
    /// Reports a break of a rule.
    pub(super) fn breaks(&mut self, rule: &'static Rule, at: &str, text: impl Into<String>) {
        self.hurting(rule, rule.hurts, at, text);
    }

    /// Reports a break of a rule that hurts others than usual.
    pub(super) fn hurting(
        &mut self,
        rule: &'static Rule,
        hurts: Hurts,
        at: &str,
        text: impl Into<String>,
    ) {
        self.found.push(Difference {
            rule: Some(rule),
            hurts,
            at: at.to_owned(),
            text: text.into(),
        });
    }

    /// Reports what hurts nobody.
    pub(super) fn note(&mut self, at: &str, text: impl Into<String>) {
        let (at, text) = (at.to_owned(), text.into());
        self.found.push(Difference { rule: None, hurts: Hurts::NOBODY, at, text });
    }

    /// Reports the differences of two schemas, and of all in them.
    pub(super) fn run(&mut self, before: &View<'a>, after: &View<'a>) {
        self.schema(before, after, "");
        while let Some(Waiting { before, after, at }) = self.waiting.pop() {
            self.compare(&before, &after, &at);
        }
    }

    /// Has the differences of two schemas reported.
    pub(super) fn schema(&mut self, before: &View<'a>, after: &View<'a>, at: &str) {
        if self.reported.insert((before.identity(), after.identity())) {
            let (before, after, at) = (before.clone(), after.clone(), at.to_owned());
            self.waiting.push(Waiting { before, after, at });
        }
    }

    /// Whom the change from one schema to another hurts; reports nothing.
    pub(super) fn hurts(&mut self, before: &View<'a>, after: &View<'a>) -> Hurts {
        let pair = (before.identity(), after.identity());
        if let Some(known) = self.known.get(&pair) {
            return *known;
        }
        if self.depth >= MAX_DEPTH {
            self.give_up("");
            return Hurts::BOTH;
        }
        let begun = self.trail.len();
        self.known.insert(pair.clone(), Hurts::NOBODY);
        self.trail.push(pair.clone());
        self.depth += 1;
        let found = std::mem::take(&mut self.found);
        let reported = std::mem::take(&mut self.reported);
        let waiting = std::mem::take(&mut self.waiting);
        self.run(before, after);
        self.waiting = waiting;
        self.reported = reported;
        let differences = std::mem::replace(&mut self.found, found);
        self.depth -= 1;
        let hurts = differences.iter().fold(Hurts::NOBODY, |all, one| all.or(one.hurts));
        if hurts != Hurts::NOBODY {
            for other in self.trail.drain(begun..) {
                self.known.remove(&other);
            }
            self.trail.push(pair.clone());
            self.known.insert(pair, hurts);
        }
        hurts
    }

    fn give_up(&mut self, at: &str) {
        let rule = &rules::too_complex::RULE;
        let is_said = |one: &Difference| one.rule.is_some_and(|one| one.code.id == rule.code.id);
        if !self.found.iter().any(is_said) {
            self.breaks(rule, at, "the schemas are too complex to compare");
        }
    }

    fn compare(&mut self, before: &View<'a>, after: &View<'a>, at: &str) {
        self.steps += 1;
        if self.steps > MAX_STEPS {
            self.give_up(at);
            return;
        }
        match (before.is_never(), after.is_never()) {
            (true, true) => return,
            (true, false) => {
                self.breaks(&rules::type_widened::RULE, at, "values are allowed where none was");
                return;
            }
            (false, true) => {
                self.breaks(&rules::type_narrowed::RULE, at, "no value is allowed any more");
                return;
            }
            (false, false) => {}
        }
        self.personal(before, after, at);
        if self.unions(before, after, at) || self.values(before, after, at) {
            return;
        }
        let common = self.types(before, after, at);
        if common.is_empty() {
            return;
        }
        let is_whole = !before.types().union(after.types()).meets(Types::FRACTION);
        if common.meets(Types::NUMBER) {
            self.numbers(before, after, is_whole, at);
        }
        if common.meets(Types::STRING) {
            self.texts(before, after, at);
        }
        if common.meets(Types::ARRAY) {
            self.arrays(before, after, at);
        }
        if common.meets(Types::OBJECT) {
            self.objects(before, after, at);
        }
        self.conditions(before, after, at);
    }

    /// Reports changed types; returns those that were allowed and still are.
    fn types(&mut self, before: &View<'a>, after: &View<'a>, at: &str) -> Types {
        let (old, new) = (before.types(), after.types());
        let common = old.intersection(new);
        let (lost, gained) = (old.without(new), new.without(old));
        if common.is_empty() {
            self.breaks(&rules::type_changed::RULE, at, format!("{old} becomes {new}"));
            return common;
        }
        if lost.meets(Types::NULL) && old != Types::ALL {
            self.breaks(&rules::null_forbidden::RULE, at, "`null` is not allowed any more");
        }
        if gained.meets(Types::NULL) && new != Types::ALL {
            self.breaks(&rules::null_allowed::RULE, at, "`null` is allowed");
        }
        let beside = |types: Types, all: Types| {
            if all == Types::ALL { types } else { types.without(Types::NULL) }
        };
        let (lost, gained) = (beside(lost, old), beside(gained, new));
        let rule = match (lost.is_empty(), gained.is_empty()) {
            (true, true) => return common,
            (false, true) => &rules::type_narrowed::RULE,
            (true, false) => &rules::type_widened::RULE,
            (false, false) => &rules::type_changed::RULE,
        };
        self.breaks(rule, at, format!("{old} becomes {new}"));
        common
    }

    /// Personal data that is no longer marked loses its protection in logs and documents.
    fn personal(&mut self, before: &View<'a>, after: &View<'a>, at: &str) {
        let pii = "x-pii";
        if let (Some(kind), None) = (before.annotation(pii), after.annotation(pii)) {
            let kind = kind.as_str().unwrap_or("personal");
            let text = format!("it was marked as personal data ({kind}) and is not any more");
            self.breaks(&rules::personal_unmarked::RULE, at, text);
        }
    }
}
