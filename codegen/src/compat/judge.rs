//! Judges an edited catalog: by what was released of it, and each minor version by the one before it.

use std::collections::{BTreeMap, BTreeSet};

use super::acknowledge::Acknowledged;
use super::affected::Affected;
use super::change::{Change, Part};
use super::rule::{Hurts, Rule};
use super::snapshot::{Event, Snapshot};
use super::{compare, payloads, places};
use crate::codes::{self, Level};
use crate::diagnostic::Diagnostic;
use crate::levels::Levels;
use crate::model::{self, Catalog, VersionId};
use crate::source::Span;

/// Reports what the catalog breaks. `released` is what its lock holds, `today` a date such as `2026-01-15`.
pub(crate) fn judge(
    catalog: &Catalog,
    released: Option<&Snapshot>,
    today: &str,
    levels: &Levels,
    found: &mut Vec<Diagnostic>,
) {
    let has_minors = |event: &model::Event| event.versions.len() > event.majors().len();
    if released.is_none() && !catalog.events.values().any(has_minors) {
        return;
    }
    let now = Snapshot::of(catalog);
    let acknowledged = Acknowledged::new(catalog, found);
    let mut judge = Judge { catalog, now: &now, levels, acknowledged, found };
    let mut said = BTreeSet::new();
    if let Some(released) = released {
        said = judge.edits(released);
    }
    judge.minors(&said);
    judge.acknowledged.report(today, released.is_some(), judge.found);
}

struct Judge<'a> {
    catalog: &'a Catalog,
    now: &'a Snapshot,
    levels: &'a Levels,
    acknowledged: Acknowledged<'a>,
    found: &'a mut Vec<Diagnostic>,
}

impl Judge<'_> {
    /// Reports what edits break of what was released; returns the versions that it is about.
    fn edits(&mut self, released: &Snapshot) -> BTreeSet<(String, VersionId)> {
        let mut said = BTreeSet::new();
        // What is shared is reported once, however many events it is in.
        let mut groups: BTreeMap<(Span, &'static str), Vec<(&'static Rule, Change)>> =
            BTreeMap::new();
        for change in compare(released, self.now) {
            let Some(rule) = change.rule else { continue };
            if self.levels.of(&rule.code) == Level::Off || self.acknowledged.covers(rule, &change) {
                continue;
            }
            if let Part::Version(id, version) = &change.part {
                said.insert((id.clone(), *version));
            }
            let place = places::of(self.catalog, &change);
            groups.entry((place, rule.code.id)).or_default().push((rule, change));
        }
        for ((place, _), changes) in groups {
            let [(rule, first), others @ ..] = changes.as_slice() else { continue };
            let message = match &first.part {
                Part::Version(..) | Part::Event(_) => {
                    format!("this breaks {}, which is released: {}", first.part, first.text)
                }
                _ => format!("this breaks what is released: {}", first.text),
            };
            let mut finding = rule.code.at(place, message);
            if !others.is_empty() {
                let parts: BTreeSet<String> =
                    others.iter().map(|(_, other)| other.part.to_string()).collect();
                finding = finding.help(format!("it breaks {} too", enumerate(&parts)));
            }
            for sentence in Affected::by(first, released, self.now).sentences(first) {
                finding = finding.help(sentence);
            }
            self.found.push(
                finding.help(self.way_out(&first.part)).help(self.acknowledged.advice(rule, first)),
            );
        }
        said
    }

    /// What to do instead.
    fn way_out(&self, part: &Part) -> String {
        match part {
            Part::Version(id, _) => {
                let next = self.next_major(id);
                format!(
                    "undo the edit, and write it as version {next}, which may break what it likes"
                )
            }
            Part::Event(_) => "undo the edit, or write a new event".to_owned(),
            _ => "undo the edit".to_owned(),
        }
    }

    /// The next major version of an event.
    fn next_major(&self, id: &str) -> VersionId {
        let event = self.now.events.get(id);
        let newest = event.and_then(|event| event.versions.keys().next_back());
        VersionId { major: newest.map_or(1, |newest| newest.major.saturating_add(1)), minor: 0 }
    }

    /// Reports minor versions that do more than add, except where `said` explains the difference.
    fn minors(&mut self, said: &BTreeSet<(String, VersionId)>) {
        for (id, event) in &self.now.events {
            for (earlier, later) in minors(event) {
                let is_said = |version| said.contains(&(id.clone(), version));
                if !is_said(earlier) && !is_said(later) {
                    let part = Part::Version(id.clone(), later);
                    let (old, new) = (&event.versions[&earlier], &event.versions[&later]);
                    for change in payloads(&part, old, new) {
                        self.minor(&change, id, earlier, later);
                    }
                }
            }
        }
    }

    fn minor(&mut self, change: &Change, id: &str, earlier: VersionId, later: VersionId) {
        let Some(rule) = change.rule else { return };
        let is_break = self.levels.of(&rule.code) == Level::Error && change.hurts != Hurts::NOBODY;
        if !is_break || self.acknowledged.covers(rule, change) {
            return;
        }
        let message = format!(
            "{later} breaks {earlier} of the same major version: {} ({})",
            change.text, rule.code.name
        );
        let mut finding = codes::MINOR_BREAKS.at(places::of(self.catalog, change), message);
        for sentence in Affected::by(change, self.now, self.now).sentences(change) {
            finding = finding.help(sentence);
        }
        let next = self.next_major(id);
        let finding = finding.help(format!("let it be version {next}, or add without breaking"));
        self.found.push(finding.help(self.acknowledged.advice(rule, change)));
    }
}

/// Minor versions that follow each other within a major one.
fn minors(event: &Event) -> impl Iterator<Item = (VersionId, VersionId)> {
    let versions = event.versions.keys().zip(event.versions.keys().skip(1));
    versions.filter(|(a, b)| a.major == b.major).map(|(a, b)| (*a, *b))
}

fn enumerate(names: &BTreeSet<String>) -> String {
    const SHOWN: usize = 3;
    let shown: Vec<&str> = names.iter().take(SHOWN).map(String::as_str).collect();
    match names.len().saturating_sub(SHOWN) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}
