//! A service's module: its marker, its publisher, and a handler trait for each subscription.

use proc_macro2::TokenStream;
use quote::quote;

use super::docs::{self, Docs};
use super::{EventTypes, Module, State, names, subscription};
use crate::model::{Catalog, Event, Service};

/// The types that stand in every service's module, beside one for each subscription.
pub(super) const TYPES: [&str; 3] = ["Context", "Publisher", "Service"];

/// The service's part of its module.
pub(super) fn emit(
    catalog: &Catalog,
    service: &Service,
    types: &EventTypes,
    state: State,
) -> Module {
    let name = &service.name;
    let source = format!("/{}/{name}", catalog.name);
    let organization = catalog.tenancy.as_ref().is_some_and(|tenancy| tenancy.required);
    let unchecked = (!service.validate).then(|| quote!(.without_validation()));
    let marker_docs = Docs::default().text(format!("The service `{name}`, as a type."));
    let context_docs = Docs::default()
        .text(format!("What a handler of `{name}` knows about its event and can do with it."));
    // Of a broken catalog nobody knows whether the service publishes nothing.
    let publishes = !service.publishes.is_empty() || state == State::Broken;
    let publisher = publishes.then(|| publisher(catalog, service, types));
    let subscriptions = service
        .subscriptions
        .values()
        .map(|subscription| subscription::emit(catalog, service, subscription, types));
    let code = quote! {
        #marker_docs
        #[derive(::core::clone::Clone, ::core::marker::Copy, ::core::fmt::Debug)]
        pub enum Service {}

        impl ::tidings::Service for Service {
            const SPEC: &'static ::tidings::ServiceSpec =
                &::tidings::ServiceSpec::new(#name, #source, #organization)#unchecked;
        }

        #context_docs
        pub type Context = ::tidings::Context<Service>;

        #publisher
        #(#subscriptions)*
    };
    Module { docs: docs(catalog, service), code, events: Vec::new() }
}

fn docs(catalog: &Catalog, service: &Service) -> Docs {
    let list = |events: Vec<&str>| -> String {
        let mut events: Vec<String> = events.iter().map(|event| format!("`{event}`")).collect();
        events.dedup();
        events.join(", ")
    };
    let known = |event: &&str| catalog.events.contains_key(*event);
    let sent: Vec<&str> =
        service.publishes.iter().map(|sent| sent.event.as_str()).filter(known).collect();
    let mut docs = Docs::default()
        .catalog(service.summary.as_deref())
        .catalog(service.description.as_deref())
        .or(format!("The service `{}`.", service.name));
    if let Some(owner) = &service.owner {
        docs = docs.text(format!("Owned by {}.", docs::line(owner)));
    }
    if !sent.is_empty() {
        docs = docs.text(format!("Publishes {}.", list(sent)));
    }
    let module = names::ident(&service.name);
    for subscription in service.subscriptions.values() {
        let events = subscription.events.iter().map(|received| received.event.as_str());
        // The docs of a module are read from outside of it.
        let link = format!("[`{0}`]({module}::{0})", subscription.rust_name);
        docs = docs.text(format!("{link} receives {}.", list(events.filter(known).collect())));
    }
    docs
}

/// An event that the service publishes.
struct Sent<'a> {
    event: &'a Event,
    major: u16,
    method: &'a str,
}

fn publisher(catalog: &Catalog, service: &Service, types: &EventTypes) -> TokenStream {
    let sent = sent(catalog, service, types);
    let methods = sent.iter().map(|sent| method(service, sent));
    let permissions = sent.iter().map(|Sent { event, major, .. }| {
        let (path, allow) = event_type(service, event, *major, 1);
        quote!(#allow impl ::tidings::PublishedBy<Service> for #path {})
    });
    let convention = names::self_convention(sent.iter().map(|sent| sent.method));
    let docs = Docs::default().text(format!("Publishes the events of `{}`.", service.name));
    quote! {
        #docs
        #[derive(::core::clone::Clone, ::core::fmt::Debug)]
        pub struct Publisher(::tidings::Publisher<Service>);

        #convention
        impl Publisher {
            /// A publisher on this bus.
            pub fn new(bus: &::tidings::Tidings) -> Self {
                Self(::tidings::Publisher::new(bus))
            }

            /// The organization whose events these are.
            #[must_use]
            pub fn organization(
                self,
                organization: impl ::core::convert::Into<::std::string::String>,
            ) -> Self {
                Self(self.0.organization(organization))
            }

            /// The id that the events share with all others that one first event or request led to.
            #[must_use]
            pub fn correlation_id(
                self,
                id: impl ::core::convert::Into<::std::string::String>,
            ) -> Self {
                Self(self.0.correlation_id(id))
            }

            #(#methods)*
        }

        impl ::core::ops::Deref for Publisher {
            type Target = ::tidings::Publisher<Service>;

            fn deref(&self) -> &Self::Target {
                &self.0
            }
        }

        impl ::core::convert::From<::tidings::Publisher<Service>> for Publisher {
            fn from(publisher: ::tidings::Publisher<Service>) -> Self {
                Self(publisher)
            }
        }

        #(#permissions)*
    }
}

/// What the service publishes and what became a type.
fn sent<'a>(catalog: &'a Catalog, service: &'a Service, types: &EventTypes) -> Vec<Sent<'a>> {
    let emitted =
        service.publishes.iter().filter(|sent| types.contains(&(sent.event.clone(), sent.major)));
    emitted
        .filter_map(|sent| {
            let event = catalog.events.get(&sent.event)?;
            Some(Sent { event, major: sent.major, method: &sent.method_name })
        })
        .collect()
}

fn method(service: &Service, Sent { event, major, method }: &Sent<'_>) -> TokenStream {
    let name = names::ident(method);
    let (path, allow) = event_type(service, event, *major, 1);
    let docs = Docs::default()
        .text(format!(
            "Publishes {} on `{}`.",
            event_link(service, event, *major, 1),
            event.subject.template()
        ))
        .catalog(event.summary.as_deref());
    quote! {
        #docs
        #allow
        pub fn #name(&self, event: #path) -> ::tidings::Publish<'_, #path> {
            self.0.publish(event)
        }
    }
}

/// Path to an event's type from a module `depth` levels below the root in the service's module, as code, and what must
/// stand on an item that names it.
pub(super) fn event_type(
    service: &Service,
    event: &Event,
    major: u16,
    depth: usize,
) -> (TokenStream, TokenStream) {
    let version = event.majors().get(&major).copied();
    let is_deprecated = version.is_some_and(|version| version.deprecated.is_some());
    let allow = if is_deprecated { quote!(#[allow(deprecated)]) } else { TokenStream::new() };
    let path = event_path(service, event, major, depth);
    let segments = path.split("::").map(names::segment);
    (quote!(#(#segments)::*), allow)
}

/// A link to the type, for docs that are read where the path holds.
pub(super) fn event_link(service: &Service, event: &Event, major: u16, depth: usize) -> String {
    let name = &event.rust_name;
    let path = event_path(service, event, major, depth);
    if path == *name { format!("[`{name}`]") } else { format!("[`{name}`]({path})") }
}

/// The path as text.
fn event_path(service: &Service, event: &Event, major: u16, depth: usize) -> String {
    let name = &event.rust_name;
    let version = format!("v{major}::{name}");
    if event.domain != service.name {
        return format!("{}{}::{version}", "super::".repeat(depth), names::ident(&event.domain));
    }
    // A domain and a service of one name share a module; the newest version stands in it under its own name.
    let supers = "super::".repeat(depth - 1);
    if event.newest().id.major == major {
        format!("{supers}{name}")
    } else {
        format!("{supers}{version}")
    }
}
