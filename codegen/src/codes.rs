//! The codes of what can be found while a catalog is read and resolved. Those of the lints and of the emitters stand
//! with them.

use crate::diagnostic::{Diagnostic, Severity};
use crate::source::Span;

/// A kind of mistake, with a code that stays the same for ever.
#[derive(Debug)]
pub struct Code {
    /// `T001`: the first digit tells the area.
    pub id: &'static str,
    /// A short name: `yaml-syntax`.
    pub name: &'static str,
    /// Whether it stops the build.
    pub severity: Severity,
    /// Why it is a mistake, and what to do about it.
    pub explanation: &'static str,
}

impl Code {
    /// A finding of this kind.
    pub(crate) fn at(&self, span: Span, message: impl Into<String>) -> Diagnostic {
        match self.severity {
            Severity::Error => Diagnostic::error(self.id, message, span),
            Severity::Warning => Diagnostic::warning(self.id, message, span),
        }
    }
}

macro_rules! codes {
    ($( $constant:ident = $id:literal $name:literal: $explanation:literal; )*) => {
        $( pub(crate) const $constant: &Code = &Code {
            id: $id,
            name: $name,
            severity: Severity::Error,
            explanation: $explanation,
        }; )*

        /// All of them.
        pub(crate) const READING: &[&Code] = &[$( $constant ),*];
    };
}

codes! {
    UNREADABLE = "T001" "unreadable-file":
        "The file could not be read: it is missing, not permitted, not UTF-8, or larger than 1 MiB.";
    YAML_SYNTAX = "T002" "yaml-syntax":
        "The file is not valid YAML. Nothing else is said about it until it is.";
    EMPTY_FILE = "T003" "empty-file":
        "A file without content describes nothing. Begin it with `event:`, `domain:`, `service:` or `catalog:`, or remove it.";
    SEVERAL_DOCUMENTS = "T004" "several-documents":
        "A file holds one YAML document, because it describes one thing.";
    DUPLICATE_KEY = "T005" "duplicate-key":
        "A mapping has each of its keys once. YAML readers disagree about which of two would count.";
    KEY_NOT_TEXT = "T006" "key-not-text":
        "Keys are words. A list or a mapping as a key is mostly a `{…}` or `[…]` that wants quotes.";
    MERGE_KEY = "T007" "merge-key":
        "`<<` was taken out of YAML with version 1.2. Anchors and aliases of whole values work.";
    TAG = "T008" "yaml-tag":
        "YAML tags such as `!!str` change how a value is read. The catalog's keys already say it.";
    TOO_LARGE = "T009" "too-large":
        "Nesting and aliases are bounded, so that no file can exhaust the build.";
    ALIAS = "T010" "alias-in-itself":
        "An alias stands for the value of its anchor, and cannot be a part of it.";
    UNKNOWN_KIND = "T011" "unknown-kind":
        "Files are told apart by their first key: `catalog`, `domain`, `event` or `service`. Files in a folder named `types` are JSON Schemas.";
    UNKNOWN_KEY = "T012" "unknown-key":
        "The key has no meaning here. A misspelt key would silently leave its setting at the default.";
    MISSING_KEY = "T013" "missing-key":
        "A key without which the entry means nothing is not there.";
    WRONG_TYPE = "T014" "wrong-type":
        "The value is not of the kind that its key takes.";

    NO_CATALOG = "T101" "no-catalog":
        "One file of the catalog begins with `catalog:` and gives the catalog its name.";
    DUPLICATE_NAME = "T102" "duplicate-name":
        "Two files declare the same thing. Names of domains, events, services and shared types are unique in a catalog.";
    UNKNOWN_EVENT = "T103" "unknown-event":
        "A service names an event that no file declares.";
    UNKNOWN_VERSION = "T104" "unknown-version":
        "A service names a major version that the event does not have.";
    UNKNOWN_DOMAIN = "T105" "unknown-domain":
        "The first token of an event's type is its domain, and a file declares each domain with its owner and its stream.";
    EMPTY_PATTERN = "T106" "empty-pattern":
        "A pattern stands for the events whose subjects it matches, and there are none.";
    PATTERN_PUBLISHED = "T107" "pattern-published":
        "What a service publishes is named event by event, because each becomes a method of its publisher.";
    DUPLICATE_REFERENCE = "T108" "duplicate-reference":
        "An event is named twice in one list.";

    TYPE_NAME = "T109" "type-name":
        "The names of shared types, of `$defs` and of properties become Rust names: ASCII, and with a letter in it.";

    SCHEMA_KEYWORD = "T201" "unknown-keyword":
        "JSON Schema has no such keyword, or the catalog has no use for it. Readers of JSON Schema skip what they do not know, so a misspelt keyword would silently allow everything.";
    SCHEMA_UNSUPPORTED = "T202" "unsupported-keyword":
        "The keyword is JSON Schema, but has no Rust shape. The help names the nearest one that has.";
    SCHEMA_MISPLACED = "T203" "misplaced-keyword":
        "The keyword says nothing about a value of this type.";
    SCHEMA_VALUE = "T204" "keyword-value":
        "The keyword's value is not of the kind that it takes.";
    SCHEMA_TYPE = "T205" "schema-type":
        "A schema says its type: `object`, `array`, `string`, `integer`, `number`, `boolean`, or a list of one of them and `\"null\"`.";
    PAYLOAD_NOT_OBJECT = "T206" "payload-not-object":
        "A payload is an object, so that a newer version can add properties.";
    UNKNOWN_REFERENCE = "T207" "unknown-schema-reference":
        "A `$ref` names a file in a folder `types`, or `#/$defs/…` of its own file or payload.";
    ENDLESS_TYPE = "T208" "endless-type":
        "A type that requires itself has no smallest value. Make one step of the ring optional, a list or a map.";
    REQUIRED_UNKNOWN = "T209" "required-unknown":
        "`required` names properties of the same object, each once.";
    ENUM_VALUES = "T210" "enum-values":
        "An enum lists different strings whose Rust names differ too.";
    UNTAGGED_ONE_OF = "T211" "untagged-one-of":
        "The objects of a `oneOf` are told apart by a required property that has another `const` in each.";
    IMPOSSIBLE_BOUNDS = "T212" "impossible-bounds":
        "No value lies between the bounds.";
    PATTERN_SYNTAX = "T213" "pattern-syntax":
        "`pattern` is a regular expression of ECMA-262.";

    STREAM_NAME_TAKEN = "T301" "stream-declared-twice":
        "One domain declares a stream. To store two domains together, let them be one.";
    SUBSCRIPTION_STREAMS = "T401" "subscription-spans-streams":
        "A subscription is one durable consumer, and a consumer reads one stream.";
    SUBSCRIPTION_EMPTY = "T402" "subscription-empty":
        "A subscription receives at least one event.";
    EMPTY_BACKOFF = "T403" "empty-backoff":
        "`backoff` gives the delay before each further delivery; the last one repeats, so there is at least one.";
    NO_VERSION = "T501" "no-version":
        "An event has at least one version.";
    UNKNOWN_REPLACEMENT = "T502" "unknown-replacement":
        "`use` of a deprecated version names another version of the same event.";
}
