//! From one version of an event to another: `upcast` and `also_publish`.

mod steps;

use std::collections::BTreeMap;

use self::steps::conversion;
use super::Context;
use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::model::{Downcast, How, Link, Upcast, VersionId};
use crate::source::Span;
use crate::syntax::{Placed, Spanned, UpcastEntry, VersionEntry, list};

impl Context<'_> {
    /// Remembers that a conversion is not all that was meant, where a mistake in it was reported.
    fn note_gap(&mut self, whole: Span, conversion: Span) {
        if self.has_error_within(whole) {
            self.gaps.insert(conversion);
        }
    }
}

/// Reads the conversions of one event's versions.
pub(super) struct Conversions<'e> {
    event: &'e str,
    known: &'e [VersionId],
    /// Where majors have said it already, by key and major.
    said: BTreeMap<(&'static str, u16), Span>,
}

impl<'e> Conversions<'e> {
    pub(super) fn new(event: &'e str, known: &'e [VersionId]) -> Self {
        Self { event, known, said: BTreeMap::new() }
    }

    pub(super) fn upcast(
        &mut self,
        version: VersionId,
        entry: &VersionEntry,
        cx: &mut Context<'_>,
    ) -> Option<Upcast> {
        let whole = entry.upcast.as_ref()?;
        let UpcastEntry::Link(link) = &whole.value else {
            self.once("upcast", version, whole.span, cx)?;
            return Some(Upcast::None { span: whole.span });
        };
        let span = link.from.span;
        self.once("upcast", version, span, cx)?;
        if let Some(finding) = self.wrong_source(version, &link.from) {
            cx.found.push(finding);
            return None;
        }
        let conversion = conversion(&link.changes(), cx.found);
        cx.note_gap(whole.span, span);
        let how = match &link.by {
            None => How::Declared(conversion),
            Some(_) if conversion.steps.is_empty() => How::ByHand,
            Some(by) => {
                cx.found.push(
                    codes::CONVERSION_SYNTAX
                        .at(by.span, "an upcast by hand declares nothing")
                        .and(conversion.steps[0].span, "declared here")
                        .help("leave `by` out, or do all of it in Rust"),
                );
                return None;
            }
        };
        Some(Upcast::Link(Link { span, from: link.from.value, how }))
    }

    pub(super) fn downcast(
        &mut self,
        version: VersionId,
        entry: &VersionEntry,
        cx: &mut Context<'_>,
    ) -> Option<Downcast> {
        let Placed { span: whole, value: entry } = entry.also_publish.as_ref()?;
        let (span, major) = (entry.version.span, entry.version.value.0);
        self.once("also_publish", version, span, cx)?;
        if major >= version.major || !self.known.iter().any(|known| known.major == major) {
            let finding = codes::CONVERSION_SOURCE.at(
                span,
                format!("`{}` has no major version {major} before {version}", self.event),
            );
            cx.found.push(finding.help(self.older(version)));
            return None;
        }
        let conversion = conversion(&entry.changes(), cx.found);
        cx.note_gap(*whole, span);
        Some(Downcast { span, major, conversion })
    }

    /// One minor version says it for its major one.
    fn once(
        &mut self,
        key: &'static str,
        version: VersionId,
        span: Span,
        cx: &mut Context<'_>,
    ) -> Option<()> {
        let first = *self.said.entry((key, version.major)).or_insert(span);
        if first == span {
            return Some(());
        }
        cx.found.push(
            codes::CONVERSION_SOURCE
                .at(span, format!("major version {} has two `{key}`", version.major))
                .labelled("said again")
                .and(first, "first said here")
                .help("keep one: it holds for every minor version"),
        );
        None
    }

    fn wrong_source(&self, version: VersionId, from: &Spanned<VersionId>) -> Option<Diagnostic> {
        let (at, from) = (from.span, from.value);
        let event = self.event;
        let before = self.known.iter().map(|known| known.major).filter(|one| *one < version.major);
        let message = if !self.known.contains(&from) {
            format!("`{event}` has no version {from}")
        } else if from.major == version.major {
            format!("{from} needs no upcast to {version}: minor versions only add")
        } else if from.major > version.major {
            format!("{from} is newer than {version}")
        } else {
            let between = before.max().filter(|major| *major != from.major)?;
            format!("major version {between} stands between {from} and {version}")
        };
        Some(codes::CONVERSION_SOURCE.at(at, message).help(self.older(version)))
    }

    /// What can stand there.
    fn older(&self, version: VersionId) -> String {
        let before = self.known.iter().filter(|known| known.major < version.major);
        match before.clone().max() {
            None => format!("{version} is of the first major version: nothing comes before it"),
            Some(nearest) => {
                let older = before.filter(|known| known.major == nearest.major);
                let older: Vec<String> = older.map(ToString::to_string).collect();
                format!("the major version before it is {}: {}", nearest.major, list(&older))
            }
        }
    }
}
