//! Judges a conversion from one version of an event to another: by the two schemas, and over the examples.

mod fit;
mod tree;

use std::collections::BTreeSet;

use self::fit::Fit;
use self::tree::Tree;
use super::conformance::Checker;
use crate::codes::Code;
use crate::diagnostic::Diagnostic;
use crate::model::{Catalog, Conversion, Event, How, Scope, Version};
use crate::source::Span;

/// A conversion and the versions that it stands between.
pub(super) struct Case<'c> {
    catalog: &'c Catalog,
    /// In a sentence: "the upcast from 1.0 to 2.0".
    pub(super) what: String,
    /// Where it is declared.
    pub(super) span: Span,
    /// Behind what is to be written instead: that Rust can do it, where it can.
    pub(super) or_by_hand: &'static str,
    event: &'c Event,
    pub(super) from: &'c Version,
    pub(super) to: &'c Version,
    conversion: &'c Conversion,
}

/// What is wrong with a conversion.
pub(super) struct Flaw {
    pub(super) span: Span,
    pub(super) message: String,
    /// What it is measured by.
    pub(super) other: Option<(Span, &'static str)>,
    pub(super) help: Option<String>,
}

impl Flaw {
    /// As a finding.
    pub(super) fn of(self, code: &Code) -> Diagnostic {
        let mut finding = code.at(self.span, self.message);
        if let Some((span, label)) = self.other {
            finding = finding.and(span, label);
        }
        finding.help.extend(self.help);
        finding
    }
}

/// What was found about a conversion.
pub(super) struct Verdict {
    /// Steps that find nothing at their place, or something else than they should.
    pub(super) places: Vec<Flaw>,
    /// What becomes of the payload is none of the version that it should be.
    pub(super) result: Vec<Flaw>,
}

/// Every conversion that the catalog declares.
pub(super) fn cases(catalog: &Catalog) -> impl Iterator<Item = Case<'_>> {
    catalog.events.values().flat_map(move |event| {
        let majors = event.majors();
        let cases: Vec<Case<'_>> = majors
            .iter()
            .flat_map(|(major, version)| {
                let link = event.link(*major).and_then(|link| match &link.how {
                    How::Declared(conversion) => Some((link.span, link.from.major, conversion)),
                    How::ByHand => None,
                });
                let upcast = link.and_then(|(span, older, conversion)| {
                    let from = *majors.get(&older)?;
                    let what = format!("the upcast from {} to {}", from.id, version.id);
                    let or_by_hand = ", or do it in Rust: `by: rust`";
                    Some(Case {
                        catalog,
                        what,
                        span,
                        or_by_hand,
                        event,
                        from,
                        to: version,
                        conversion,
                    })
                });
                let downcast = event.downcast(*major).and_then(|downcast| {
                    let (span, conversion) = (downcast.span, &downcast.conversion);
                    let to = *majors.get(&downcast.major)?;
                    let what = format!("the copy of {} in {}", version.id, to.id);
                    let or_by_hand = "";
                    Some(Case {
                        catalog,
                        what,
                        span,
                        or_by_hand,
                        event,
                        from: version,
                        to,
                        conversion,
                    })
                });
                [upcast, downcast].into_iter().flatten()
            })
            .collect();
        cases
    })
}

impl Case<'_> {
    pub(super) fn judge(&self, gaps: &BTreeSet<Span>) -> Verdict {
        let parts = [self.span, self.from.payload.span, self.to.payload.span];
        if parts.iter().any(|part| gaps.contains(part)) {
            return Verdict { places: Vec::new(), result: Vec::new() };
        }
        let scope = Scope::version(self.catalog, self.from);
        let mut tree = Tree::new(scope, gaps, &self.from.payload);
        let mut places = Vec::new();
        for step in &self.conversion.steps {
            if let Err(fault) = tree.apply(step) {
                places.push(Flaw {
                    span: step.span,
                    message: fault.message,
                    other: Some((self.from.span, "this version")),
                    help: fault.help,
                });
            }
        }
        let mut result = Vec::new();
        if places.is_empty() {
            result = Fit::new(self, gaps).of(&tree);
            if result.is_empty() {
                result = self.run(gaps);
            }
        }
        Verdict { places, result }
    }

    /// Runs the conversion over the examples.
    fn run(&self, gaps: &BTreeSet<Span>) -> Vec<Flaw> {
        let checker = Checker::new(Scope::version(self.catalog, self.to), "the result", gaps);
        let mut found = Vec::new();
        for example in self.event.of_major(self.from.id.major).flat_map(|one| &one.examples) {
            let mut payload = example.value.clone();
            let mut flaw = |message, help| {
                let other = Some((example.span, "from this example"));
                found.push(Flaw { span: self.span, message, other, help });
            };
            match self.conversion.apply(&mut payload) {
                Err(error) => flaw(format!("{} fails: {error}", self.what), None),
                Ok(()) => {
                    for mismatch in checker.check(&payload, &self.to.payload) {
                        let message =
                            format!("{} gives no {}: {}", self.what, self.to.id, mismatch.message);
                        flaw(message, mismatch.help);
                    }
                }
            }
        }
        found
    }
}
