//! How severe findings are in a catalog: by default, or as its `rules` say.

use std::collections::BTreeMap;

use crate::codes::{self, Code, Level};
use crate::diagnostic::{Diagnostic, Severity};
use crate::source::Span;
use crate::syntax::{RuleSetting, closest};

/// The levels of a catalog's rules.
#[derive(Debug, Default)]
pub struct Levels {
    /// By code: those that are set, and those that are off unless they are.
    set: BTreeMap<&'static str, Level>,
}

impl Levels {
    /// Reads the catalog's `rules`, of which those in `known` can be set.
    pub(crate) fn new(
        rules: &[RuleSetting],
        known: &[&'static Code],
        found: &mut Vec<Diagnostic>,
    ) -> Self {
        let off = known.iter().filter(|code| code.level == Level::Off);
        let mut levels = Self { set: off.map(|code| (code.id, code.level)).collect() };
        let mut places: BTreeMap<&str, Span> = BTreeMap::new();
        for (rule, level) in rules {
            let word = rule.value.0.as_str();
            let code = known.iter().find(|code| code.is_called(word));
            match code {
                None => found.push(unknown(word, rule.span, known)),
                Some(code) if !code.configurable => found.push(fixed(code, rule.span)),
                Some(code) => {
                    if let Some(first) = places.insert(code.id, rule.span) {
                        found.push(twice(code, rule.span, first));
                    }
                    if let Some(level) = level {
                        levels.set.insert(code.id, level.value);
                    }
                }
            }
        }
        levels
    }

    /// What a finding of a code does in this catalog.
    pub fn of(&self, code: &Code) -> Level {
        self.set.get(code.id).copied().unwrap_or(code.level)
    }

    /// Gives findings the severity that they have in this catalog, and drops those that are off.
    pub fn settle(&self, found: &mut Vec<Diagnostic>) {
        found.retain_mut(|finding| {
            match self.set.get(finding.code) {
                None => {}
                Some(Level::Off) => return false,
                Some(Level::Warn) => finding.severity = Severity::Warning,
                Some(Level::Error) => finding.severity = Severity::Error,
            }
            true
        });
    }
}

fn unknown(word: &str, span: Span, known: &[&Code]) -> Diagnostic {
    let finding = codes::UNKNOWN_RULE.at(span, format!("there is no rule `{word}`"));
    let names = known.iter().filter(|code| code.configurable).flat_map(|code| [code.name, code.id]);
    match closest(word, names) {
        Some(meant) => finding.labelled(format!("did you mean `{meant}`?")),
        None => {
            finding.help("a rule is named by its code or its name, as in `[T410]` of a message")
        }
    }
}

fn fixed(code: &Code, span: Span) -> Diagnostic {
    codes::FIXED_RULE
        .at(span, format!("`{}` ({}) cannot be configured", code.name, code.id))
        .help("remove this line: what the rule finds always stops the build")
}

fn twice(code: &Code, again: Span, first: Span) -> Diagnostic {
    codes::DUPLICATE_KEY
        .at(again, format!("the rule `{}` ({}) is set twice", code.name, code.id))
        .labelled("set again")
        .and(first, "first set here")
        .help("keep one of the two")
}
