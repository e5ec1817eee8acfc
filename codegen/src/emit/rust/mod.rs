//! The catalog as Rust.
//!
//! The code names the SDK by absolute paths and itself by relative ones, so that it can be included anywhere. It holds
//! types, constants and small impls; logic lives in the SDK.

mod aggregates;
mod codec;
pub(crate) mod codes;
mod constraints;
mod conversion;
mod default;
mod derive;
mod distinct;
mod docs;
mod domain;
mod engine;
mod event;
mod field;
mod files;
mod layout;
mod lower;
mod names;
mod one_of;
mod part;
mod redaction;
mod rename;
mod service;
mod shape;
mod subjects;
mod subscription;
mod topology;
mod types;

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::TokenStream;
use quote::quote;

use self::docs::Docs;
pub use self::files::{File, Generated, Modules, is_generated, is_generated_from};
pub use self::part::Part;
use crate::diagnostic::Diagnostic;
use crate::model::{Catalog, EventId, Schema};
use crate::{facts, parallel};

/// Major versions of events that became types.
type EventTypes = BTreeSet<(EventId, u16)>;

/// A module of the generated crate, or a part of one: a domain and a service of one name share theirs.
#[derive(Default)]
struct Module {
    docs: Docs,
    code: TokenStream,
    events: Vec<(EventId, u16)>,
}

/// What is known of a catalog.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It has no errors.
    Whole,
    /// It has some, and lacks what they are about. What might be there then is emitted too, so that code which uses it
    /// gets no further errors.
    Broken,
}

/// Writes the catalog as Rust.
pub fn emit(catalog: &Catalog, state: State) -> Generated {
    emit_part(catalog, &Part::whole(catalog), state)
}

/// Writes a part of the catalog as Rust; its topology is written as a whole, so that every service says the same about it.
pub fn emit_part(catalog: &Catalog, part: &Part<'_>, state: State) -> Generated {
    let mut modules: BTreeMap<&str, Written> = BTreeMap::new();
    let mut diagnostics = Vec::new();
    let mut types = EventTypes::new();

    let domains: BTreeSet<&str> =
        catalog.events.values().map(|event| event.domain.as_str()).collect();
    let domains: Vec<&str> = domains.into_iter().collect();
    let written = parallel::map(&domains, |name| {
        let mut diagnostics = Vec::new();
        let module = domain::emit(catalog, part, name, &mut diagnostics);
        (module.map(Written::new), diagnostics)
    });
    for (name, (module, found)) in domains.iter().zip(written) {
        diagnostics.extend(found);
        if let Some(module) = module {
            types.extend(module.events.iter().cloned());
            modules.insert(name, module);
        }
    }
    let services: Vec<_> =
        catalog.services.iter().filter(|(name, _)| part.has_service(name)).collect();
    let written = parallel::map(&services, |(_, found)| {
        Written::new(service::emit(catalog, found, &types, state))
    });
    for ((name, _), module) in services.iter().zip(written) {
        match modules.remove(name.as_str()) {
            Some(domain) => modules.insert(name, domain.and(module)),
            None => modules.insert(name, module),
        };
    }

    let shared = shared(catalog, part, &mut diagnostics).map(|module| ("types", module));
    let modules = shared.into_iter().chain(modules).map(|(name, module)| {
        let Written { docs, code, .. } = module;
        let code = code.unwrap_or_else(|words| {
            diagnostics.push(not_rust(catalog, &words));
            String::new()
        });
        files::Module { name: names::ident(name).to_string(), docs: docs.to_string(), code }
    });
    let modules = modules.collect();
    let topology = topology::emit(catalog, part, &types);
    let tail = layout::format(topology).unwrap_or_else(|words| {
        diagnostics.push(not_rust(catalog, &words));
        String::new()
    });
    let generated = Generated { catalog: catalog.name.clone(), modules, tail, diagnostics };
    match state {
        State::Whole => generated,
        State::Broken => distinct(catalog, generated),
    }
}

/// A module as text, which can go from one thread to another.
struct Written {
    docs: Docs,
    /// Or syn's words, where it is no Rust.
    code: Result<String, String>,
    events: Vec<(EventId, u16)>,
}

impl Written {
    fn new(module: Module) -> Self {
        let Module { docs, code, events } = module;
        Self { docs, code: layout::format(code), events }
    }

    /// With what stands behind it in the same module.
    fn and(self, more: Self) -> Self {
        let code = self.code.and_then(|code| Ok([code, more.code?].join("\n")));
        Self { docs: self.docs.and(more.docs), code, events: self.events }
    }
}

/// Leaves each name once, in one file.
fn distinct(catalog: &Catalog, generated: Generated) -> Generated {
    let code = layout::distinct(&generated.code());
    let Generated { catalog: name, mut diagnostics, .. } = generated;
    let tail = code.unwrap_or_else(|words| {
        diagnostics.push(not_rust(catalog, &words));
        String::new()
    });
    Generated { catalog: name, modules: Vec::new(), tail, diagnostics }
}

/// Code that fails to compile with the texts of these files, one error each.
pub fn compile_errors(files: &[String]) -> String {
    let errors = files
        .iter()
        .map(|file| format!("\n::core::compile_error!(::core::include_str!({file:?}));\n"));
    errors.collect()
}

fn not_rust(catalog: &Catalog, words: &str) -> Diagnostic {
    codes::NO_RUST_CODE
        .at(catalog.span, "the catalog's Rust cannot be parsed")
        .labelled("this catalog")
        .help(format!("syn says: {words}"))
        .help(
            "a name in the catalog is probably not one in Rust; this is a fault of tidings-codegen",
        )
}

/// The module of what several events share; none where they share nothing.
fn shared(
    catalog: &Catalog,
    part: &Part<'_>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Written> {
    if !catalog.types.keys().any(|name| part.has_type(name)) {
        return None;
    }
    let mut defaults = default::DefaultFunctions::new();
    let types = types::shared(catalog, part, &mut defaults).unwrap_or_else(|diagnostic| {
        diagnostics.push(diagnostic);
        Vec::new()
    });
    let types = types.iter().map(|shared| &shared.code);
    let defaults = defaults_module(defaults.values());
    Some(Written::new(Module {
        docs: Docs::default().text("Types that several events share."),
        code: quote!(#(#types)* #defaults),
        events: Vec::new(),
    }))
}

/// The module with the values of absent properties; nothing where no property has a default.
fn defaults_module<'a>(functions: impl Iterator<Item = &'a TokenStream>) -> TokenStream {
    let mut functions = functions.peekable();
    if functions.peek().is_none() {
        return TokenStream::new();
    }
    quote! {
        mod defaults {
            #(#functions)*
        }
    }
}

/// The facts about a schema that its Rust type does not tell, in a line.
fn facts_line(schema: &Schema) -> String {
    let mut parts: Vec<String> = facts::constraints(schema)
        .iter()
        .map(|fact| format!("`{}`", fact.replace('`', "'")))
        .collect();
    if let Some(default) = &schema.default {
        parts.push(format!("default: `{}`", default.to_string().replace('`', "'")));
    }
    parts.join(", ")
}
