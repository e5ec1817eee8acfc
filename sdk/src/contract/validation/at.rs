use std::cell::RefCell;
use std::fmt::{self, Display, Write as _};

use super::number::Numeric;
use super::{Constrained, Entries, Invalid, Items, Number, Properties, Text, Violation};

/// A place in a payload that is being checked.
#[derive(Clone, Copy, Debug)]
pub struct At<'a> {
    findings: &'a Findings,
    parent: Option<&'a Self>,
    step: Step<'a>,
    /// Its value, and all in it, is personal data: neither values nor keys are told.
    personal: bool,
}

/// The way from the place around it.
#[derive(Clone, Copy, Debug)]
enum Step<'a> {
    Root,
    /// A name from the schema.
    Property(&'a str),
    /// A name from the payload.
    Key(&'a str),
    Index(usize),
}

/// What was found so far.
#[derive(Debug, Default)]
pub(super) struct Findings(RefCell<Found>);

#[derive(Debug, Default)]
struct Found {
    violations: Vec<Violation>,
    more: bool,
}

impl Findings {
    pub(super) fn into_result(self, event_type: &'static str) -> Result<(), Invalid> {
        let Found { violations, more } = self.0.into_inner();
        match violations.as_slice() {
            [] => Ok(()),
            _ => Err(Invalid { event_type, violations, more }),
        }
    }
}

impl<'a> At<'a> {
    pub(super) fn root(findings: &'a Findings) -> Self {
        Self { findings, parent: None, step: Step::Root, personal: false }
    }

    fn child<'s>(&'s self, step: Step<'s>) -> At<'s> {
        At { findings: self.findings, parent: Some(self), step, personal: self.personal }
    }

    /// A property that the schema names.
    pub fn property<'s>(&'s self, name: &'s str) -> At<'s> {
        self.child(Step::Property(name))
    }

    /// A property that the schema does not name.
    pub(super) fn key<'s>(&'s self, key: &'s str) -> At<'s> {
        self.child(Step::Key(key))
    }

    /// An item of a list.
    pub fn index<'s>(&'s self, index: usize) -> At<'s> {
        self.child(Step::Index(index))
    }

    /// Checks so many items of a list. It is written once, not for each type of them.
    pub(super) fn indices(&self, length: usize, check: &dyn Fn(At<'_>, usize)) {
        for index in 0..length {
            if self.is_over() {
                return;
            }
            check(self.index(index), index);
        }
    }

    /// The value is personal data.
    #[must_use]
    pub fn personal(self) -> Self {
        Self { personal: true, ..self }
    }

    pub(super) fn is_personal(&self) -> bool {
        self.personal
    }

    /// The value has a type with constraints of its own.
    pub fn part<T: Constrained>(self, part: &T) {
        part.check(self);
    }

    /// The value is a string.
    pub fn text(self, text: &'a str) -> Text<'a> {
        Text::of_value(self, text)
    }

    /// The value is a number, and so neither infinite nor NaN.
    pub fn number<N: Numeric>(self, number: &N) -> Number<'a, N> {
        Number::new(self, *number)
    }

    /// The value is a constant.
    pub fn only(self, value: bool, constant: bool) {
        if value != constant {
            self.report_value("const", &constant, &value);
        }
    }

    /// The value is a list with another schema for each of its places.
    pub fn tuple<T>(self, tuple: &T, check: impl Fn(At<'_>, &T)) {
        check(self, tuple);
    }

    /// The value is a list.
    pub fn items<T>(self, items: &'a [T]) -> Items<'a, T> {
        Items { at: self, items }
    }

    /// The value is an object whose properties the schema does not name.
    pub fn entries<M>(self, map: &'a M) -> Entries<'a, M> {
        Entries { at: self, map }
    }

    /// The value is an object: of its properties, so many are always there, and others perhaps.
    pub fn properties(self, always: usize, perhaps: &[bool]) -> Properties<'a> {
        let present = always + perhaps.iter().filter(|there| **there).count();
        Properties { at: self, present }
    }

    /// Where a property is present, others must be too.
    pub fn requires(&self, property: &str, present: bool, others: &[(&str, bool)]) {
        let missing = others.iter().find(|(_, there)| present && !there);
        if let Some((missing, _)) = missing {
            let demand = format_args!("`{missing}` beside `{property}`");
            self.report("dependentRequired", &demand, &"an object without it");
        }
    }

    /// Whether so much was found that nothing further would be listed.
    pub(super) fn is_over(&self) -> bool {
        self.findings.0.borrow().more
    }

    /// Reports a value, unless it is personal.
    pub(super) fn report_value(
        &self,
        keyword: &'static str,
        demand: &dyn Display,
        value: &dyn Display,
    ) {
        match self.personal {
            true => self.report(keyword, demand, &"personal data (not shown)"),
            false => self.report(keyword, demand, value),
        }
    }

    /// Reports a violation whose words tell nothing of a value.
    #[cold]
    pub(super) fn report(&self, keyword: &'static str, demand: &dyn Display, found: &dyn Display) {
        let mut all = self.findings.0.borrow_mut();
        if all.violations.len() == Invalid::LISTED {
            all.more = true;
            return;
        }
        let mut pointer = String::new();
        self.write_pointer(&mut pointer);
        let (demand, found) = (demand.to_string(), found.to_string());
        all.violations.push(Violation { pointer, keyword, demand, found });
    }

    /// RFC 6901.
    fn write_pointer(&self, out: &mut String) {
        let Some(parent) = self.parent else { return };
        parent.write_pointer(out);
        match self.step {
            Step::Root => {}
            Step::Key(_) if parent.personal => out.push_str("/*"),
            Step::Property(name) | Step::Key(name) => {
                out.push('/');
                out.push_str(&name.replace('~', "~0").replace('/', "~1"));
            }
            Step::Index(index) => {
                // A `String` takes every text.
                let _ = write!(out, "/{index}");
            }
        }
    }
}

/// So many of something.
pub(super) struct Count(pub(super) usize, pub(super) &'static str, pub(super) &'static str);

impl Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(count, one, many) = self;
        write!(f, "{count} {}", if *count == 1 { one } else { many })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::validation::found;

    #[test]
    fn pointers_are_escaped() {
        let words = found(|at| at.property("a/b~c").index(3).only(true, false));
        assert_eq!(words, ["`/a~1b~0c/3`: found true, where `const` is false"]);
    }

    #[test]
    fn so_many_violations_are_listed() {
        let violations = |count: usize| {
            let findings = Findings::default();
            let at = At::root(&findings);
            at.items(&vec![true; count]).each(|at, item| at.only(*item, false));
            findings.into_result("test").expect_err("all are wrong")
        };
        let all = violations(Invalid::LISTED);
        assert_eq!((all.violations().len(), all.has_more()), (Invalid::LISTED, false));
        let some = violations(1_000_000);
        assert_eq!((some.violations().len(), some.has_more()), (Invalid::LISTED, true));
        assert!(some.to_string().ends_with("; and more"), "{some}");
    }

    #[test]
    fn a_property_may_want_others() {
        let wants =
            |present, other| found(|at| at.requires("card", present, &[("address", other)]));
        assert!(wants(false, false).is_empty() && wants(true, true).is_empty());
        assert_eq!(
            wants(true, false),
            [
                "the payload: found an object without it, where `dependentRequired` is `address` beside `card`"
            ]
        );
    }
}
