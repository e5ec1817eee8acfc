//! One version of an event: its types and its `impl Event`.

use std::collections::BTreeSet;

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::constraints::Constraints;
use super::default::DefaultFunctions;
use super::field::Field;
use super::shape::Type;
use super::{conversion, names, redaction, topology, types};
use crate::diagnostic::Diagnostic;
use crate::json_schema;
use crate::model::{Catalog, Event, Format, Scope, Shape, SubjectToken, Version};

/// What one version of an event became.
pub(super) struct Emitted {
    /// Its types and impls.
    pub(super) code: TokenStream,
    /// Names of its types, its own first.
    pub(super) names: Vec<String>,
    /// Whether naming it is warned about.
    pub(super) deprecated: bool,
}

/// Emits one version of an event.
pub(super) fn emit(
    catalog: &Catalog,
    event: &Event,
    version: &Version,
    taken: &mut BTreeSet<String>,
    defaults: &mut DefaultFunctions,
) -> Result<Emitted, Diagnostic> {
    let types = types::of_version(catalog, event, version, taken, defaults)?;
    let names = types.iter().map(|found| found.name.clone()).collect();
    let mut code = TokenStream::new();
    for Type { name, code: own, fields } in types {
        code.extend(own);
        if name == event.rust_name {
            code.extend(event_impl(catalog, event, version, &fields));
        }
    }
    Ok(Emitted { code, names, deprecated: version.deprecated.is_some() })
}

fn event_impl(
    catalog: &Catalog,
    event: &Event,
    version: &Version,
    fields: &[Field],
) -> TokenStream {
    let name = names::ident(&event.rust_name);
    let id = &event.id;
    let [major, minor] = [version.id.major, version.id.minor].map(Literal::u16_unsuffixed);
    let data_schema = format!("urn:{}:{}:{}", catalog.name, event.id, version.id);
    let stream = stream_of(catalog, event);
    let filter = event.subject.filter();
    let examples = version.examples.iter().map(|example| raw(&example.value.to_string()));
    let names_old = version.deprecated.is_some() || conversion::names_deprecated(event, version);
    let allow = names_old.then(|| quote!(#[allow(deprecated)]));
    let scope = Scope::version(catalog, version);
    let validate = Constraints::new(scope).has_some(&version.payload).then(|| {
        quote! {
            fn validate(&self) -> ::core::result::Result<(), ::tidings::Invalid> {
                ::tidings::__private::validate(self)
            }
        }
    });
    let payload = Payload { scope, version, fields };
    let subject = subject(event, payload);
    let key = key(event, payload);
    let schema = raw(&json_schema::payload(catalog, version).to_string());
    let upcast = conversion::upcast(event, version);
    let downcast = conversion::downcast(event, version);
    let declared = conversion::declared(event, version);
    let personal = redaction::personal(scope, version);
    let encrypted = redaction::encrypted(scope, event, version);
    let partitions = event.partitions.map(|count| {
        let count = Literal::u16_unsuffixed(count);
        quote!(.with_partitions(#count))
    });
    let organization = catalog.tenancy.as_ref().and_then(|tenancy| {
        let index = event.subject.position(&tenancy.attribute)?;
        let index = Literal::usize_unsuffixed(index);
        Some(quote!(.with_organization_token(#index)))
    });
    let payloads = topology::payloads(catalog, event);
    quote! {
        #allow
        impl ::tidings::Event for #name {
            type Contract = Self;

            const SPEC: &'static ::tidings::EventSpec = &::tidings::EventSpec::new(
                #id,
                ::tidings::Version::new(#major, #minor),
                #data_schema,
                #stream,
                #filter,
                &[#(#examples),*],
            )
            .with_schema(#schema)
            #personal
            #encrypted
            #organization
            #partitions
            #payloads
            #upcast
            #downcast;

            #subject
            #key
            #validate
        }

        #allow
        impl ::tidings::Accepts<Self> for #name {
            type Event = Self;
        }

        #declared
    }
}

/// The text as a raw string, which shows JSON as it is.
pub(super) fn raw(text: &str) -> Literal {
    let longest = text.split(|c| c != '#').map(str::len).max().unwrap_or_default();
    let hashes = "#".repeat(longest + 1);
    format!("r{hashes}\"{text}\"{hashes}").parse().unwrap_or_else(|_| Literal::string(text))
}

#[derive(Clone, Copy)]
struct Payload<'a> {
    scope: Scope<'a>,
    version: &'a Version,
    fields: &'a [Field],
}

/// A field that can be shown as one token.
struct Scalar<'a> {
    field: &'a Field,
    is_copy: bool,
}

impl<'a> Payload<'a> {
    fn scalar(self, property: &str) -> Option<Scalar<'a>> {
        let properties = self.scope.properties(&self.version.payload);
        let described = &properties.iter().find(|described| described.name == property)?.schema;
        let field = self.fields.iter().find(|field| field.property == property)?;
        let is_newtype = matches!(described.shape, Shape::Ref(_));
        let is_copy = match &self.scope.follow(described).shape {
            Shape::Enum(_) => true,
            Shape::Boolean { .. } | Shape::Integer(_) | Shape::Number(_) => !is_newtype,
            Shape::String(text) => {
                let is_text = matches!(text.format, None | Some(Format::Other(_)));
                !is_newtype && !is_text
            }
            _ => return None,
        };
        Some(Scalar { field, is_copy })
    }
}

/// Nothing where the subject has no parameters.
fn subject(event: &Event, payload: Payload<'_>) -> Option<TokenStream> {
    let function = names::ident(&event.method_name);
    let mut arguments = Vec::new();
    for token in &event.subject.tokens {
        let SubjectToken::Property(property) = token else { continue };
        match payload.scalar(property) {
            Some(Scalar { field, is_copy }) if !field.optional => {
                let ident = &field.ident;
                let borrow = (!is_copy).then(|| quote!(&));
                arguments.push(quote!(#borrow self.#ident));
            }
            // The checks have reported it; what is written here is never run.
            _ => arguments.push(quote!("")),
        }
    }
    (!arguments.is_empty()).then(|| {
        quote! {
            fn subject(&self) -> ::core::result::Result<::tidings::Subject, ::tidings::InvalidToken> {
                super::subjects::#function(#(#arguments),*)
            }
        }
    })
}

/// Nothing where the event has no key.
fn key(event: &Event, payload: Payload<'_>) -> Option<TokenStream> {
    let field = event.key.as_ref().and_then(|key| payload.scalar(key));
    let Scalar { field: Field { ident, optional, .. }, .. } = field?;
    let key = if *optional {
        quote!(self.#ident.as_ref().map(::std::string::ToString::to_string))
    } else {
        quote!(::core::option::Option::Some(::std::string::ToString::to_string(&self.#ident)))
    };
    Some(quote! {
        fn key(&self) -> ::core::option::Option<::std::string::String> {
            #key
        }
    })
}

/// The stream that stores an event.
fn stream_of(catalog: &Catalog, event: &Event) -> String {
    let domain = catalog.domains.get(&event.domain);
    domain.map_or_else(
        || format!("{}_EVENTS", event.domain.to_uppercase()),
        |domain| domain.stream.clone(),
    )
}
