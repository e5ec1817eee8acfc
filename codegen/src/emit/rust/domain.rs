//! A domain's module: its events, version by version.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::default::DefaultFunctions;
use super::docs::Docs;
use super::event::{self, Emitted};
use super::{Module, Part, aggregates, conversion, docs, names, service, subjects};
use crate::diagnostic::Diagnostic;
use crate::model::{Catalog, Event};

/// An event and its major versions that became types.
type Emissions<'a> = BTreeMap<u16, Vec<(&'a Event, Emitted)>>;

/// The domain's part of its module; none for a domain without events.
pub(super) fn emit(
    catalog: &Catalog,
    part: &Part<'_>,
    name: &str,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Module> {
    let all: Vec<&Event> = catalog.events.values().filter(|event| event.domain == name).collect();
    let events: Vec<&Event> = all.iter().copied().filter(|event| part.has_event(event)).collect();
    if events.is_empty() {
        return None;
    }

    let mut majors = Emissions::new();
    let mut defaults: BTreeMap<u16, DefaultFunctions> = BTreeMap::new();
    let mut taken: BTreeMap<u16, BTreeSet<String>> = BTreeMap::new();
    for event in &events {
        for (major, version) in event.majors() {
            let taken = taken.entry(major).or_insert_with(|| reserved(catalog, name, &all));
            let defaults = defaults.entry(major).or_default();
            match event::emit(catalog, event, version, taken, defaults) {
                Ok(emitted) => majors.entry(major).or_default().push((event, emitted)),
                Err(diagnostic) => diagnostics.push(diagnostic),
            }
        }
    }

    let exports = exports(&events, &majors);
    let is_emitted = |event: &Event| is_emitted(&majors, event, event.newest().id.major);
    let subjects = subjects::module(name, events.iter().map(|event| (*event, is_emitted(event))));
    let aggregates =
        aggregates::module(catalog, name, |event, major| self::is_emitted(&majors, event, major));
    let versions = majors.iter().map(|(major, events)| {
        version(*major, events, defaults.get(major).into_iter().flatten().map(|(_, code)| code))
    });
    let code = quote!(#exports #subjects #aggregates #(#versions)*);
    let types = majors
        .iter()
        .flat_map(|(major, events)| events.iter().map(|(event, _)| (event.id.clone(), *major)));
    Some(Module { docs: docs(catalog, name), code, events: types.collect() })
}

/// Names that no nested type may take: those of the events and of their `$defs`, and of a service in the same module.
fn reserved(catalog: &Catalog, domain: &str, events: &[&Event]) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    if let Some(service) = catalog.services.get(domain) {
        names.extend(service::TYPES.map(str::to_owned));
        names.extend(service.subscriptions.values().map(|found| found.rust_name.clone()));
    }
    for event in events {
        names.insert(event.rust_name.clone());
        for version in event.versions.values() {
            names.extend(version.definitions.iter().map(|local| local.rust_name.clone()));
        }
    }
    names
}

fn is_emitted(majors: &Emissions<'_>, event: &Event, major: u16) -> bool {
    let mut events = majors.get(&major).into_iter().flatten();
    events.any(|(emitted, _)| emitted.id == event.id)
}

/// The newest version of each event, without naming it.
fn exports(events: &[&Event], majors: &Emissions<'_>) -> TokenStream {
    let mut exports = TokenStream::new();
    let mut exported = BTreeSet::new();
    for event in events {
        let major = event.newest().id.major;
        let mut emitted = majors.get(&major).into_iter().flatten();
        let Some((_, emitted)) = emitted.find(|(other, _)| other.id == event.id) else { continue };
        let names: Vec<_> = emitted
            .names
            .iter()
            .filter(|name| exported.insert((*name).clone()))
            .map(|name| names::ident(name))
            .collect();
        let module = format_ident!("v{major}");
        let allow = emitted.deprecated.then(|| quote!(#[allow(deprecated)]));
        let names = match names.as_slice() {
            [] => continue,
            [name] => quote!(#name),
            names => quote!({ #(#names),* }),
        };
        exports.extend(quote!(#allow #[doc(inline)] pub use self::#module::#names;));
    }
    exports
}

fn version<'a>(
    major: u16,
    events: &[(&Event, Emitted)],
    defaults: impl Iterator<Item = &'a TokenStream>,
) -> TokenStream {
    let name = format_ident!("v{major}");
    let docs = Docs::default().text(format!("Events of major version {major}."));
    let tests = conversion::tests(major, events.iter().map(|(event, _)| *event));
    let events = events.iter().map(|(_, emitted)| &emitted.code);
    let defaults = super::defaults_module(defaults);
    quote! {
        #docs
        pub mod #name {
            #(#events)*
            #defaults
            #tests
        }
    }
}

fn docs(catalog: &Catalog, name: &str) -> Docs {
    let docs = Docs::default();
    let Some(domain) = catalog.domains.get(name) else {
        return docs.or(format!("Events of `{name}`."));
    };
    let owner = domain.owner.as_ref().map(|owner| format!("Owned by {}. ", docs::line(owner)));
    docs.catalog(domain.summary.as_deref())
        .catalog(domain.description.as_deref())
        .or(format!("Events of `{name}`."))
        .text(format!("{}Stored in the stream `{}`.", owner.unwrap_or_default(), domain.stream))
}
