//! Breaks that the catalog acknowledges, with a reason and a date.

use std::cell::Cell;

use super::change::{Change, Part};
use super::places::domain_of;
use super::rule::Rule;
use super::rules::RULES;
use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::model::{Break, Catalog};
use crate::syntax::closest;

/// The acknowledged breaks of a catalog, and what was found of them.
pub(super) struct Acknowledged<'a> {
    catalog: &'a Catalog,
    entries: Vec<Entry<'a>>,
}

struct Entry<'a> {
    entry: &'a Break,
    rule: &'static Rule,
    /// The first change that it covers, in words.
    covers: Cell<Option<String>>,
}

impl<'a> Acknowledged<'a> {
    /// Reads what the catalog acknowledges; reports entries that name no rule.
    pub(super) fn new(catalog: &'a Catalog, found: &mut Vec<Diagnostic>) -> Self {
        let mut entries = Vec::new();
        for entry in catalog.all_breaks() {
            match RULES.iter().find(|rule| rule.code.is_called(&entry.rule)) {
                Some(rule) => entries.push(Entry { entry, rule, covers: Cell::new(None) }),
                None => found.push(unknown(entry)),
            }
        }
        Self { catalog, entries }
    }

    /// Whether a change is acknowledged: by its own part, or by one that it belongs to.
    pub(super) fn covers(&self, rule: &Rule, change: &Change) -> bool {
        let owners = self.owners(&change.part);
        let is_meant = |entry: &&Entry<'_>| {
            entry.rule.code.id == rule.code.id
                && owners
                    .iter()
                    .flat_map(|owner| owner.breaks)
                    .any(|one| std::ptr::eq(one, entry.entry))
                && entry
                    .entry
                    .at
                    .as_ref()
                    .is_none_or(|at| *at == handle(change) || *at == name(&change.part))
        };
        let mut is_covered = false;
        for entry in self.entries.iter().filter(is_meant) {
            is_covered = true;
            let first = entry.covers.take();
            entry.covers.set(first.or_else(|| Some(format!("{}: {}", change.part, change.text))));
        }
        is_covered
    }

    /// Reports what is acknowledged, what was for too long, and what is not there to be acknowledged.
    pub(super) fn report(self, today: &str, is_released: bool, found: &mut Vec<Diagnostic>) {
        for Entry { entry, rule, covers } in self.entries {
            let (span, name, until) = (entry.span, rule.code.name, &entry.until);
            match covers.into_inner() {
                Some(covered) if until.as_str() < today => found.push(
                    codes::BREAK_EXPIRED
                        .at(
                            span,
                            format!("this `{name}` was acknowledged until {until}: {covered}"),
                        )
                        .help("run `tidings release` if everybody has followed, or undo the change")
                        .help("or give it more time: set a later `until`"),
                ),
                Some(covered) => found.push(
                    codes::BREAK_ACKNOWLEDGED
                        .at(span, format!("acknowledged until {until}: {covered}")),
                ),
                // Without a lock nothing is released, so nothing can be broken.
                None if is_released => found.push(
                    codes::BREAK_STALE
                        .at(span, format!("nothing here breaks `{name}` any more"))
                        .help("it was released or undone: remove this entry"),
                ),
                None => {}
            }
        }
    }

    /// How to acknowledge a change.
    pub(super) fn advice(&self, rule: &Rule, change: &Change) -> String {
        let owner = self.owners(&change.part).first().map_or("the catalog", |owner| owner.name);
        let at = match handle(change) {
            at if at.is_empty() => String::new(),
            at => format!(", at: {at}"),
        };
        format!(
            "or acknowledge it in {owner}: `breaks: [{{ rule: {}{at}, because: …, until: <date> }}]`",
            rule.code.name
        )
    }

    /// The parts of the catalog in which a change of a part can be acknowledged, the nearest first.
    fn owners(&self, part: &Part) -> Vec<Owner<'a>> {
        let catalog = self.catalog;
        let mut owners = Vec::new();
        let of_domain = |name: &str| {
            let domain = catalog.domains.get(name)?;
            Some(Owner { name: "the domain's file", breaks: &domain.breaks })
        };
        match part {
            Part::Catalog => {}
            Part::Domain(name) => owners.extend(of_domain(name)),
            Part::Stream(name) => {
                let stream = catalog.streams.get(name);
                owners.extend(stream.and_then(|one| one.domain.as_deref()).and_then(of_domain));
            }
            Part::Event(id) | Part::Version(id, _) => {
                if let Some(event) = catalog.events.get(id) {
                    if let Part::Version(_, version) = part {
                        let version = event.versions.get(version);
                        let breaks = version.map(|version| &version.breaks);
                        owners.extend(breaks.map(|breaks| Owner { name: "the version", breaks }));
                    }
                    owners.push(Owner { name: "the event's file", breaks: &event.breaks });
                }
                owners.extend(domain_of(id).and_then(of_domain));
            }
            Part::Service(name) | Part::Subscription(name, _) => {
                let service = catalog.services.get(name);
                let breaks = service.map(|service| &service.breaks);
                owners.extend(breaks.map(|breaks| Owner { name: "the service's file", breaks }));
            }
        }
        owners.push(Owner { name: "`catalog.yaml`", breaks: &catalog.breaks });
        owners
    }
}

/// A part of the catalog that acknowledges breaks.
struct Owner<'a> {
    name: &'static str,
    breaks: &'a [Break],
}

/// What `at` names a change by.
fn handle(change: &Change) -> String {
    if change.at.is_empty() { name(&change.part) } else { change.at.clone() }
}

fn name(part: &Part) -> String {
    match part {
        Part::Catalog | Part::Version(..) => String::new(),
        Part::Domain(name)
        | Part::Stream(name)
        | Part::Event(name)
        | Part::Service(name)
        | Part::Subscription(_, name) => name.clone(),
    }
}

fn unknown(entry: &Break) -> Diagnostic {
    let finding = codes::UNKNOWN_BREAK
        .at(entry.span, format!("there is no compatibility rule `{}`", entry.rule));
    let names = RULES.iter().flat_map(|rule| [rule.code.name, rule.code.id]);
    match closest(&entry.rule, names) {
        Some(meant) => finding.labelled(format!("did you mean `{meant}`?")),
        None => finding.help("copy the entry from the message of the break"),
    }
}
