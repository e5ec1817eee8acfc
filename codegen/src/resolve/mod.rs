//! From files as they are written to the [model](crate::model): names looked up, defaults filled in.

mod aggregates;
mod breaks;
mod conversions;
mod events;
mod examples;
mod flows;
mod names;
mod schema;
mod services;
mod settings;
mod streams;

#[cfg(feature = "editor")]
pub(crate) use schema::supported_keywords;

use std::collections::{BTreeMap, BTreeSet};

use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::model::{Catalog, EventId, Tenancy};
use crate::source::{SourceMap, Span};
use crate::syntax::{CatalogFile, Files, RuleSetting, Unread};

/// A catalog, and what is known of its gaps.
pub(crate) struct Resolved {
    pub(crate) catalog: Catalog,
    /// Places of schemas and settings that stand for others which could not be understood.
    pub(crate) gaps: BTreeSet<Span>,
    /// How severe the catalog wants findings to be.
    pub(crate) rules: Vec<RuleSetting>,
}

/// What every part of the resolving needs.
struct Context<'a> {
    sources: &'a SourceMap,
    /// The place of a catalog file that is not there.
    nowhere: Span,
    unread: &'a mut Unread,
    /// Versions that exist, although they could not be read; without a number where that could not be read either.
    unread_versions: BTreeSet<(EventId, Option<u16>)>,
    gaps: BTreeSet<Span>,
    /// Keywords of schemas that were judged, and whether their schema can be understood all the same.
    keywords: BTreeMap<Span, bool>,
    found: &'a mut Vec<Diagnostic>,
}

/// Resolves everything that can be. `nowhere` is the place of a catalog file that is not there.
pub(crate) fn resolve(
    files: Files,
    sources: &SourceMap,
    nowhere: Span,
    found: &mut Vec<Diagnostic>,
) -> Resolved {
    let Files { catalogs, domains, events, services, flows, types, mut unread } = files;
    let mut cx = Context {
        sources,
        nowhere,
        unread: &mut unread,
        unread_versions: BTreeSet::new(),
        gaps: BTreeSet::new(),
        keywords: BTreeMap::new(),
        found,
    };
    let file = catalog_file(&catalogs, nowhere, &mut cx);
    let declared = streams::resolve(file, &domains, &events, &mut cx);
    let schemas = schema::Types::read(&types, &mut cx);
    let personal = file.and_then(|file| file.personal_data.as_ref());
    let mut events = events::resolve(&events, personal, &schemas, &mut cx);
    aggregates::place(&mut events, &declared);
    events::divide(&mut events, &declared);
    let services = services::resolve(file, &services, &events, &declared.domains, &mut cx);
    schemas.check_rings(&events, &mut cx);
    let flows = flows::resolve(&flows, &events, &services, &mut cx);

    let text = |text: Option<&crate::syntax::Spanned<crate::syntax::Text>>| {
        text.map(|text| text.value.0.clone())
    };
    let mut catalog = Catalog {
        span: file.map_or(nowhere, |file| file.catalog.span),
        name: file.map_or_else(|| "catalog".to_owned(), |file| file.catalog.value.0.clone()),
        title: text(file.and_then(|file| file.title.as_ref())),
        description: text(file.and_then(|file| file.description.as_ref())),
        tenancy: file.and_then(tenancy),
        dead_letters: declared.dead_letters,
        streams: declared.streams,
        domains: declared.domains,
        events,
        services,
        flows,
        breaks: file.map(|file| breaks::read(file.breaks.as_ref())).unwrap_or_default(),
        types: schemas.into_shared(),
    };
    let rules = file.and_then(|file| file.rules.as_ref());
    let rules = rules.map(|rules| rules.entries.clone()).unwrap_or_default();
    schema::tell_apart(&mut catalog, &mut cx);
    Resolved { catalog, gaps: cx.gaps, rules }
}

fn tenancy(file: &CatalogFile) -> Option<Tenancy> {
    file.tenancy.as_ref().map(|tenancy| Tenancy {
        span: tenancy.attribute.span,
        attribute: tenancy.attribute.value.0.clone(),
        required: tenancy.required.as_ref().is_none_or(|required| required.value),
    })
}

fn catalog_file<'a>(
    files: &'a [CatalogFile],
    nowhere: Span,
    cx: &mut Context<'_>,
) -> Option<&'a CatalogFile> {
    if files.is_empty() && !cx.unread.catalog && !cx.unread.nameless {
        cx.found.push(
            codes::NO_CATALOG
                .at(nowhere, "no file begins with `catalog:`")
                .help("write `catalog: <name>` into a file `catalog.yaml`"),
        );
    }
    if let [first, others @ ..] = files {
        for other in others {
            cx.duplicate("catalog", other.catalog.span, first.catalog.span);
        }
    }
    files.first()
}

impl Context<'_> {
    /// Reports that `what` is declared in two places.
    fn duplicate(&mut self, what: &str, again: Span, first: Span) {
        self.found.push(
            codes::DUPLICATE_NAME
                .at(again, format!("the {what} is declared twice"))
                .labelled("declared again")
                .and(first, "first declared here")
                .help("remove one of the two, or give it another name"),
        );
    }

    /// The files of one kind by name, the first of each.
    fn by_name<'f, T>(
        &mut self,
        what: &str,
        files: &'f [T],
        name: impl Fn(&T) -> (&str, Span),
    ) -> BTreeMap<String, &'f T> {
        let mut named: BTreeMap<String, &T> = BTreeMap::new();
        for file in files {
            let (key, span) = name(file);
            match named.get(key) {
                Some(first) => self.duplicate(&format!("{what} `{key}`"), span, name(first).1),
                None => {
                    named.insert(key.to_owned(), file);
                }
            }
        }
        named
    }

    /// Whether a major version may be one that could not be read.
    fn is_unread_version(&self, event: &str, major: u16) -> bool {
        [Some(major), None]
            .into_iter()
            .any(|version| self.unread_versions.contains(&(event.to_owned(), version)))
    }

    /// Whether a place holds a mistake that was reported, which explains what is missing there.
    fn has_error_within(&self, place: Span) -> bool {
        self.found.iter().any(|finding| {
            let span = finding.span();
            span.file == place.file && place.start <= span.start && span.end <= place.end
        })
    }
}
