//! Judges a resolved catalog by rules, one small file a rule.

use std::collections::BTreeSet;

use crate::codes::Code;
use crate::diagnostic::Diagnostic;
use crate::model::Catalog;
use crate::source::Span;

/// A rule.
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

impl Findings<'_> {
    pub(crate) fn push(&mut self, finding: Diagnostic) {
        self.found.push(finding);
    }

    /// Whether the schema there stands for one that could not be understood, and was reported.
    pub(crate) fn is_gap(&self, schema: Span) -> bool {
        self.gaps.contains(&schema)
    }
}

/// Every rule, by code.
pub(crate) const RULES: &[&Rule] = &[];

/// Applies every rule.
pub(crate) fn lint(catalog: &Catalog, gaps: &BTreeSet<Span>, found: &mut Vec<Diagnostic>) {
    let whole = found.is_empty();
    for rule in RULES.iter().filter(|rule| whole || rule.scope == Scope::Part) {
        (rule.check)(catalog, &mut Findings { found, gaps });
    }
}
