//! Judges a resolved catalog by rules, one small file a rule.

mod conformance;
mod property;
mod rules;
mod services;
mod words;

use std::collections::BTreeSet;

use crate::codes::Code;
use crate::diagnostic::{Diagnostic, Severity};
use crate::model::Catalog;
use crate::source::Span;

pub(crate) use rules::RULES;

/// A rule.
#[derive(Debug)]
pub(crate) struct Rule {
    pub(crate) code: Code,
    pub(crate) scope: Scope,
    pub(crate) check: fn(&Catalog, &mut Findings<'_>),
    /// Catalogs that break the rule and that keep it; see the tests.
    #[cfg(test)]
    pub(crate) failing: &'static str,
    #[cfg(test)]
    pub(crate) passing: &'static str,
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
pub(crate) fn lint(catalog: &Catalog, gaps: &BTreeSet<Span>, found: &mut Vec<Diagnostic>) {
    for scope in [Scope::Part, Scope::Whole] {
        if scope == Scope::Whole && found.iter().any(|one| one.severity == Severity::Error) {
            return;
        }
        for rule in RULES.iter().filter(|rule| rule.scope == scope) {
            (rule.check)(catalog, &mut Findings { found, gaps });
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{RULES, Severity};

    /// The codes found in a catalog of files, each begun by a comment with its path.
    fn codes(files: &str) -> Vec<&'static str> {
        let mut catalog: Vec<(String, String)> = Vec::new();
        for line in files.trim_start().lines() {
            match line.strip_prefix("# ") {
                Some(path) => catalog.push((path.to_owned(), String::new())),
                None => {
                    let (_, text) = catalog.last_mut().expect("a fixture begins with a path");
                    text.push_str(line);
                    text.push('\n');
                }
            }
        }
        catalog.push(("catalog.yaml".to_owned(), "catalog: shop".to_owned()));
        if !catalog.iter().any(|(path, _)| path.ends_with("domain.yaml")) {
            catalog.push(("orders/domain.yaml".to_owned(), "domain: orders".to_owned()));
        }
        let compilation = crate::compile_files(catalog);
        compilation.diagnostics.iter().map(|one| one.code).collect()
    }

    #[test]
    fn every_rule_finds_its_mistake_and_nothing_in_its_remedy() {
        for rule in RULES {
            let id = rule.code.id;
            let found = codes(rule.failing);
            assert!(found.contains(&id), "{id} is not found in its failing fixture: {found:?}");
            let found = codes(rule.passing);
            assert!(!found.contains(&id), "{id} is found in its passing fixture");
            let errors = |code: &&&str| {
                crate::all_codes()
                    .iter()
                    .any(|known| known.id == **code && known.severity == Severity::Error)
            };
            let errors: Vec<_> = found.iter().filter(errors).collect();
            assert!(errors.is_empty(), "the passing fixture of {id} has errors: {errors:?}");
        }
    }

    #[test]
    fn codes_are_different_and_explained() {
        let all = crate::all_codes();
        let ids: BTreeSet<&str> = all.iter().map(|code| code.id).collect();
        let names: BTreeSet<&str> = all.iter().map(|code| code.name).collect();
        assert_eq!((ids.len(), names.len()), (all.len(), all.len()));
        for code in all {
            assert!(code.explanation.ends_with('.'), "{} is explained in sentences", code.id);
        }
    }
}
