//! Payload schemas as types: lowered, run through typify, shaped.

use std::collections::BTreeSet;

use proc_macro2::TokenStream;
use quote::quote;

use super::constraints::Constraints;
use super::default::{DefaultFunctions, Defaults};
use super::docs::Docs;
use super::lower::Lowering;
use super::rename::{Names, rename};
use super::shape::{Shaper, Type, schema_docs};
use super::{Part, codes, engine, names};
use crate::diagnostic::Diagnostic;
use crate::model::{Catalog, Event, Scope, TypeRef, Version};

/// The types of one version of an event: the event itself first.
///
/// `taken` are the names that the module has given away already.
pub(super) fn of_version(
    catalog: &Catalog,
    event: &Event,
    version: &Version,
    taken: &mut BTreeSet<String>,
    defaults: &mut DefaultFunctions,
) -> Result<Vec<Type>, Diagnostic> {
    let scope = Scope::version(catalog, version);
    let name = &event.rust_name;
    let mut lowering = Lowering::new(scope, taken, false);
    lowering.event(name, scope.follow(&version.payload));
    for local in &version.definitions {
        let reference = TypeRef::Local(local.rust_name.clone());
        lowering.root(&reference, &local.schema, format!("Part of [`{name}`]."));
    }
    let root = Root { name, docs: event_docs(event, version), attributes: deprecated(version) };
    shaped(scope, &lowering, Some(&root), defaults).map_err(|words| {
        let message = format!("version {} of `{}` cannot be written as Rust", version.id, event.id);
        codes::NO_RUST_TYPE
            .at(version.payload.span, message)
            .labelled("this schema")
            .help(format!("typify says: {words}"))
    })
}

/// The types under `types`.
pub(super) fn shared(
    catalog: &Catalog,
    part: &Part<'_>,
    defaults: &mut DefaultFunctions,
) -> Result<Vec<Type>, Diagnostic> {
    let mut taken: BTreeSet<String> = catalog.types.keys().cloned().collect();
    let scope = Scope::shared(catalog);
    let mut lowering = Lowering::new(scope, &mut taken, true);
    for (name, shared) in catalog.types.iter().filter(|(name, _)| part.has_type(name)) {
        let reference = TypeRef::Shared(name.clone());
        lowering.root(&reference, &shared.schema, "Shared by several events.".to_owned());
    }
    let spans: Vec<_> = catalog.types.values().map(|shared| shared.span).collect();
    shaped(scope, &lowering, None, defaults).map_err(|words| {
        let span = spans.first().copied().unwrap_or(catalog.span);
        codes::NO_RUST_TYPE
            .at(span, "the shared types cannot be written as Rust")
            .labelled("one of these schemas")
            .help(format!("typify says: {words}"))
    })
}

/// The event's own type among those of its version.
struct Root<'a> {
    name: &'a str,
    docs: Docs,
    attributes: TokenStream,
}

fn shaped<'a>(
    scope: Scope<'a>,
    lowering: &Lowering<'a, '_>,
    root: Option<&Root<'_>>,
    defaults: &mut DefaultFunctions,
) -> Result<Vec<Type>, String> {
    let types = engine::types(&lowering.json)?;
    let mut own = Defaults::new(scope);
    let constraints = Constraints::new(scope);
    let names = &final_names(lowering, &TokenStream::new());
    let mut shaper =
        Shaper { scope, constraints: &constraints, types: &types, names, defaults: &mut own };
    let mut shaped = Vec::new();
    for definition in lowering.definitions.iter().filter(|definition| !definition.shared) {
        let (docs, attributes) = match root {
            Some(root) if root.name == definition.name => {
                (root.docs.clone(), root.attributes.clone())
            }
            _ => (schema_docs(definition.schema), TokenStream::new()),
        };
        let found = shaper.shape(definition, docs, &attributes);
        shaped.push(found.ok_or_else(|| format!("`{}` is no type", definition.name))?);
    }
    // The functions stand in a module of their own.
    if !own.functions.is_empty() {
        let names = final_names(lowering, &quote!(super::));
        let functions = own.functions.into_iter();
        defaults.extend(functions.map(|(name, code)| (name, rename(&code, &names))));
    }
    Ok(shaped)
}

/// What typify's names are in the generated code, from within a module that is `up` below that of the types.
fn final_names(lowering: &Lowering<'_, '_>, up: &TokenStream) -> Names {
    let definitions = lowering.definitions.iter();
    let names = definitions.map(|definition| {
        let name = names::ident(&definition.name);
        let path = match definition.shared {
            true => quote!(#up super::super::types::#name),
            false => quote!(#up #name),
        };
        (definition.internal.clone(), path)
    });
    // What the SDK re-exports: the generated crate depends on the SDK alone.
    let json = ("serde_json".to_owned(), quote!(tidings::__private::serde_json));
    names.chain([json]).collect()
}

fn event_docs(event: &Event, version: &Version) -> Docs {
    let docs = Docs::default()
        .catalog(event.summary.as_deref())
        .catalog(event.description.as_deref())
        .catalog(version.payload.title.as_deref())
        .catalog(version.payload.description.as_deref())
        .catalog(version.summary.as_deref());
    let subject = event.subject.template();
    let published =
        if subject == event.id { String::new() } else { format!(", published on `{subject}`") };
    docs.text(format!("Version {} of `{}`{published}.", version.id, event.id))
}

fn deprecated(version: &Version) -> TokenStream {
    let Some(deprecation) = &version.deprecated else { return TokenStream::new() };
    let instead = deprecation.instead.map(|version| format!("use version {version}"));
    let note =
        [instead, deprecation.because.clone()].into_iter().flatten().collect::<Vec<_>>().join(": ");
    let since = deprecation.since.as_ref().map(|since| quote!(since = #since,));
    let note = (!note.is_empty()).then(|| quote!(note = #note));
    let arguments = (since.is_some() || note.is_some()).then(|| quote!((#since #note)));
    let allow = since.is_some().then(
        || quote!(#[allow(clippy::deprecated_semver, reason = "the catalog deprecates by date")]),
    );
    quote!(#allow #[deprecated #arguments])
}
