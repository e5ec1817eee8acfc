//! Judges a resolved catalog by rules, one small file a rule.

mod conformance;
mod conversion;
mod property;
mod rules;
mod services;
mod words;

use std::collections::BTreeSet;

use crate::codes::Code;
use crate::diagnostic::{Diagnostic, Severity};
use crate::levels::Levels;
use crate::model::Catalog;
use crate::parallel;
use crate::source::Span;

pub(crate) use conformance::Checker;
pub(crate) use rules::RULES;

/// A rule.
#[derive(Debug)]
pub(crate) struct Rule {
    pub(crate) code: Code,
    pub(crate) scope: Scope,
    pub(crate) check: fn(&Catalog, &mut Findings<'_>),
}

/// What a rule needs to be fair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    /// It looks at what is there.
    Part,
    /// It finds that something is nowhere, which can only be said of a catalog that was understood whole.
    Whole,
}

/// What the rules found.
pub(crate) struct Findings<'a> {
    found: &'a mut Vec<Diagnostic>,
    gaps: &'a BTreeSet<Span>,
}

impl<'a> Findings<'a> {
    pub(crate) fn push(&mut self, finding: Diagnostic) {
        self.found.push(finding);
    }

    /// Whether what stands there could not be understood as it is meant, and was reported.
    pub(crate) fn is_gap(&self, place: Span) -> bool {
        self.gaps.contains(&place)
    }

    /// Every such place.
    pub(crate) fn gaps(&self) -> &'a BTreeSet<Span> {
        self.gaps
    }
}

/// Applies every rule; those that need the whole catalog once it has no errors.
pub(crate) fn lint(
    catalog: &Catalog,
    gaps: &BTreeSet<Span>,
    levels: &Levels,
    found: &mut Vec<Diagnostic>,
) {
    for scope in [Scope::Part, Scope::Whole] {
        if scope == Scope::Whole && found.iter().any(|one| one.severity == Severity::Error) {
            return;
        }
        let rules: Vec<&Rule> = RULES.iter().copied().filter(|rule| rule.scope == scope).collect();
        let findings = parallel::map(&rules, |rule| {
            let mut found = Vec::new();
            (rule.check)(catalog, &mut Findings { found: &mut found, gaps });
            found
        });
        found.extend(findings.into_iter().flatten());
        levels.settle(found);
    }
}
