//! The catalog's files as they are written: typed, each value with its place, nothing looked up yet.

mod breaks;
pub(crate) mod catalog;
pub(crate) mod conversion;
mod domain;
pub(crate) mod event;
pub(crate) mod flow;
pub(crate) mod form;
pub(crate) mod reader;
mod scalar;
mod service;
mod subject;

pub(crate) use breaks::BreakEntry;
pub(crate) use catalog::{
    AlertSettings, BreakerEntry, CatalogFile, DeadLettersEntry, Defaults, IdempotentEntry,
    PayloadSettings, PersonalDataEntry, RetryEntry, RuleSetting, StreamSettings,
    SubscriptionSettings,
};
pub(crate) use conversion::{Changes, UpcastEntry};
pub(crate) use domain::{DomainFile, StreamEntry};
pub(crate) use event::{EventFile, VersionEntry};
pub(crate) use flow::{FlowFile, ReceiversEntry, StepEntry, StepSettings};
pub(crate) use reader::{Entries, Placed, Spanned, closest, list};
pub(crate) use scalar::{Name, Text};
pub(crate) use service::{ServiceFile, SubscriptionEntry};
pub(crate) use subject::{EventRef, EventType, Filter};

use std::path::{Path, PathBuf};

use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::subject::overlap;
use crate::yaml::{Kind, Node};
use reader::Decode;
use scalar::is_snake_case;

/// Every file of the catalog, by what it describes.
#[derive(Debug, Default)]
pub(crate) struct Files {
    pub(crate) catalogs: Vec<CatalogFile>,
    pub(crate) domains: Vec<DomainFile>,
    pub(crate) events: Vec<EventFile>,
    pub(crate) services: Vec<ServiceFile>,
    pub(crate) flows: Vec<FlowFile>,
    pub(crate) types: Vec<TypeFile>,
    /// What the files that could not be read would have declared.
    pub(crate) unread: Unread,
}

/// A JSON Schema that several events share.
#[derive(Debug)]
pub(crate) struct TypeFile {
    pub(crate) path: PathBuf,
    pub(crate) schema: Node,
}

/// Names that exist, although what they name could not be read: a mistake in one place is reported once.
#[derive(Debug, Default)]
pub(crate) struct Unread {
    pub(crate) events: Vec<String>,
    pub(crate) domains: Vec<String>,
    pub(crate) services: Vec<String>,
    pub(crate) types: Vec<PathBuf>,
    pub(crate) catalog: bool,
    /// A file did not get as far as its name.
    pub(crate) nameless: bool,
}

impl Unread {
    /// Whether an event's name, or a pattern, may stand for an event that could not be read.
    pub(crate) fn may_match(&self, reference: &str) -> bool {
        self.nameless || self.events.iter().any(|event| overlap(reference, event))
    }

    /// Whether a name may be that of a service that could not be read.
    pub(crate) fn may_be_service(&self, name: &str) -> bool {
        self.nameless || self.services.iter().any(|service| service == name)
    }
}

const FIRST_KEYS: [&str; 5] = ["catalog", "domain", "event", "service", "flow"];

impl Files {
    /// Reads a file; `whole` is false where its YAML ended in a mistake, which is enough to say about it.
    pub(crate) fn read(
        &mut self,
        path: &Path,
        node: Option<&Node>,
        whole: bool,
        found: &mut Vec<Diagnostic>,
    ) {
        let shared = path.parent().is_some_and(|folder| folder.iter().any(|part| part == "types"));
        let mut unsaid = Vec::new();
        let found = if whole { found } else { &mut unsaid };
        match node {
            Some(node) if shared && whole => {
                if !self.is_misplaced(node, found) {
                    self.types.push(TypeFile { path: path.to_owned(), schema: node.clone() });
                }
            }
            _ if shared => self.unread.types.push(path.to_owned()),
            Some(node) => self.read_entry(node, whole, found),
            None => self.unread.nameless = true,
        }
    }

    /// Whether a file among the shared types is an entry of the catalog; if so it is reported, and read as one.
    fn is_misplaced(&mut self, node: &Node, found: &mut Vec<Diagnostic>) -> bool {
        let Kind::Mapping(entries) = &node.kind else { return false };
        let Some((key, _)) = entries.first().filter(|(key, _)| FIRST_KEYS.contains(&&*key.text))
        else {
            return false;
        };
        found.push(
            codes::UNKNOWN_KIND
                .at(key.span, "a folder named `types` holds JSON Schemas, and this is none")
                .help("move the file into another folder of the catalog"),
        );
        self.read_entry(node, true, found);
        true
    }

    fn read_entry(&mut self, node: &Node, whole: bool, found: &mut Vec<Diagnostic>) {
        let Some(kind) = kind(node, found) else {
            self.unread.nameless = true;
            return;
        };
        let name = node.get(kind).and_then(Node::text).unwrap_or_default().to_owned();
        let understood = match kind {
            "catalog" => keep(&mut self.catalogs, node, whole, found),
            "domain" => keep(&mut self.domains, node, whole, found),
            "event" => keep(&mut self.events, node, whole, found),
            "flow" => keep(&mut self.flows, node, whole, found),
            _ => keep(&mut self.services, node, whole, found),
        };
        if understood {
            return;
        }
        let plausible =
            name.split('.').all(is_snake_case) && (kind != "event" || name.contains('.'));
        match kind {
            "catalog" => self.unread.catalog = true,
            "domain" if plausible => self.unread.domains.push(name),
            "event" if plausible => self.unread.events.push(name),
            "service" if plausible => self.unread.services.push(name),
            // Nobody refers to a flow, nor to what is no name.
            "service" | "flow" => {}
            _ => self.unread.nameless = true,
        }
    }
}

fn keep<T: Decode>(
    files: &mut Vec<T>,
    node: &Node,
    whole: bool,
    found: &mut Vec<Diagnostic>,
) -> bool {
    let decoded = T::decode(node, found).filter(|_| whole);
    let understood = decoded.is_some();
    files.extend(decoded);
    understood
}

/// The key that tells what a file describes.
fn kind(node: &Node, found: &mut Vec<Diagnostic>) -> Option<&'static str> {
    let entries = match &node.kind {
        Kind::Mapping(entries) => entries.as_slice(),
        _ => &[],
    };
    let known = |word: &str| FIRST_KEYS.into_iter().find(|kind| *kind == word);
    let mut kinds = entries.iter().filter_map(|(key, _)| Some((known(&key.text)?, key)));
    if let Some((kind, first)) = kinds.next() {
        let Some((other, again)) = kinds.next() else { return Some(kind) };
        found.push(
            codes::SEVERAL_DOCUMENTS
                .at(
                    again.span,
                    format!("this file describes more than one thing: `{kind}` and `{other}`"),
                )
                .and(first.span, "it begins as this")
                .help("write a file for each"),
        );
        return None;
    }
    let first = entries.first().map(|(key, _)| key);
    let meant = first.and_then(|key| closest(&key.text, FIRST_KEYS.into_iter()));
    let mut finding = codes::UNKNOWN_KIND
        .at(first.map_or(node.span, |key| key.span), "this file does not say what it describes")
        .help("begin it with `catalog:`, `domain:`, `event:`, `service:` or `flow:`")
        .help("a JSON Schema that events share belongs into a folder named `types`");
    if first.is_some_and(|key| key.text.starts_with("//")) {
        finding = finding.labelled("comments begin with `#` in YAML");
    } else if let Some(meant) = meant {
        finding = finding.labelled(format!("did you mean `{meant}`?"));
    }
    found.push(finding);
    None
}
