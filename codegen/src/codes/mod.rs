//! The kinds of findings. Those of reading and resolving stand here; those of rules and emitters stand with them.

mod files;
mod flows;
mod names;
mod releases;
mod schemas;
mod topology;
mod versions;

use crate::diagnostic::Diagnostic;
use crate::source::Span;

pub(crate) use files::*;
pub(crate) use flows::*;
pub(crate) use names::*;
pub(crate) use releases::*;
pub(crate) use schemas::*;
pub(crate) use topology::*;
pub(crate) use versions::*;

/// A kind of finding, with a code that stays the same for ever.
///
/// Every code is a row of one table, [`all_codes`](crate::all_codes): what reading finds, what a lint judges, what a
/// compatibility rule judges. `docs/diagnostics.md` and `tidings explain` are written from it.
#[derive(Debug)]
pub struct Code {
    /// `T001`: the first digit tells the [`area`](Self::area).
    pub id: &'static str,
    /// A short name: `yaml-syntax`.
    pub name: &'static str,
    /// What a finding does where the catalog's `rules` do not say otherwise.
    pub level: Level,
    /// Whether `rules` may say otherwise: not where the catalog would mean nothing, the server would refuse it or the
    /// generated code would not compile.
    pub configurable: bool,
    /// Why it is a mistake, and what to do about it.
    pub explanation: &'static str,
    /// The mistake and its remedy, to show and to test with.
    pub fixtures: Fixtures,
}

/// What a finding does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Nothing: it is not shown.
    Off,
    /// It is shown, and the build goes on.
    Warn,
    /// It stops the build.
    Error,
}

/// A mistake and its remedy.
///
/// A catalog is written as one text of several files, each begun by a comment with its path: `# orders/created.yaml`.
/// It is completed by what it lacks of `catalog.yaml` and the domain `orders`; see [`fixture`](crate::fixture).
#[derive(Debug)]
pub enum Fixtures {
    /// A catalog with the mistake, and one without.
    Catalogs {
        /// Has a finding of this code.
        failing: &'static str,
        /// Has none, and no error.
        passing: &'static str,
    },
    /// A released payload and two edits of it, as JSON Schemas of any kind.
    Payloads {
        /// What was released.
        released: &'static str,
        /// An edit that breaks the rule.
        failing: &'static str,
        /// One that does not.
        passing: &'static str,
    },
    /// A released catalog and two edits of it: the files that differ.
    Edits {
        /// What was released.
        released: &'static str,
        /// An edit that has a finding of this code.
        failing: &'static str,
        /// One that has none, and no error.
        passing: &'static str,
    },
    /// No catalog is known that has such a finding: it is the last defence where the checks have a gap.
    Unknown,
}

impl Level {
    /// As it is written in `rules`: `off`, `warn`, `error`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Warn => "warn",
            Self::Error => "error",
        }
    }
}

impl Code {
    /// A finding of this kind.
    pub(crate) fn at(&self, span: Span, message: impl Into<String>) -> Diagnostic {
        match self.level {
            Level::Error => Diagnostic::error(self.id, message, span),
            Level::Warn | Level::Off => Diagnostic::warning(self.id, message, span),
        }
    }

    /// Whether a word is its id or its name.
    pub fn is_called(&self, word: &str) -> bool {
        self.id.eq_ignore_ascii_case(word) || self.name.eq_ignore_ascii_case(word)
    }

    /// What the code is about.
    pub fn area(&self) -> &'static str {
        match self.id.as_bytes().get(1) {
            Some(b'0') => "Files",
            Some(b'1') => "Names and references",
            Some(b'2') => "Payload schemas",
            Some(b'3') => "Subjects and streams",
            Some(b'4') => "Services, subscriptions and flows",
            Some(b'5') => "Versions and examples",
            Some(b'6') => "Compatibility on the wire",
            Some(b'7') => "Compatibility of the generated Rust",
            Some(b'8') => "Compatibility of the topology",
            Some(b'9') => "Releases and acknowledged breaks",
            _ => "Other",
        }
    }
}

/// Declares the codes of one area: constant, code, name, explanation, and two catalogs, one with the mistake and one
/// without. All of them stop the build, because what they are about cannot be read.
macro_rules! codes {
    ($all:ident; $(
        $constant:ident = $id:literal $name:literal: $explanation:literal;
        failing $failing:literal; passing $passing:literal;
    )*) => {
        $( pub(crate) const $constant: &$crate::codes::Code = &$crate::codes::Code {
            id: $id,
            name: $name,
            level: $crate::codes::Level::Error,
            configurable: false,
            explanation: $explanation,
            fixtures: $crate::codes::Fixtures::Catalogs { failing: $failing, passing: $passing },
        }; )*

        /// All of them.
        pub(super) const $all: &[&$crate::codes::Code] = &[$( $constant ),*];
    };
}

use codes;

/// What can be found while a catalog is read and resolved.
pub(crate) fn reading() -> impl Iterator<Item = &'static Code> {
    [FILES, NAMES, SCHEMAS, SETTABLE_SCHEMAS, TOPOLOGY, FLOWS, RELEASES, VERSIONS]
        .into_iter()
        .flatten()
        .copied()
}
