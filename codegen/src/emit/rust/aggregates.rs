//! A domain's module `aggregates`.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::docs::Docs;
use super::names;
use crate::model::{Aggregate, Catalog, Event};
use crate::naming;

/// The module, for the events that became types; nothing for a domain without aggregates.
pub(super) fn module(
    catalog: &Catalog,
    domain: &str,
    is_emitted: impl Fn(&Event, u16) -> bool,
) -> TokenStream {
    let Some(found) = catalog.domains.get(domain) else { return TokenStream::new() };
    if found.aggregates.is_empty() {
        return TokenStream::new();
    }
    let items = found
        .aggregates
        .values()
        .map(|aggregate| item(catalog, aggregate, &found.stream, &is_emitted));
    let docs = Docs::default().text(format!("Aggregates of `{domain}`."));
    quote! {
        #docs
        pub mod aggregates {
            #(#items)*
        }
    }
}

fn item(
    catalog: &Catalog,
    aggregate: &Aggregate,
    stream: &str,
    is_emitted: impl Fn(&Event, u16) -> bool,
) -> TokenStream {
    let Aggregate { id, .. } = aggregate;
    let name = names::ident(&naming::pascal(&aggregate.name));
    let prefix = aggregate.prefix();
    let docs = Docs::default()
        .catalog(aggregate.summary.as_deref())
        .or(format!("The aggregate `{prefix}`."))
        .text(format!("The events of one lie on `{}`.", aggregate.template()));
    let events: Vec<&Event> =
        catalog.events.values().filter(|event| aggregate.has(event)).collect();
    let path = |event: &Event, major: u16| {
        let (version, name) = (format_ident!("v{major}"), names::ident(&event.rust_name));
        quote!(super::#version::#name)
    };
    let newest = events
        .iter()
        .map(|event| (*event, event.newest().id.major))
        .filter(|(event, major)| is_emitted(event, *major));
    let list = newest.rev().fold(quote!(()), |rest, (event, major)| {
        let path = path(event, major);
        quote!((#path, #rest))
    });
    let members = events.iter().flat_map(|event| {
        let majors = event.majors().into_keys();
        majors.map(move |major| (*event, major))
    });
    let members =
        members.filter(|(event, major)| is_emitted(event, *major)).map(|(event, major)| {
            let path = path(event, major);
            quote! {
                #[allow(deprecated)]
                impl ::tidings::aggregate::EventOf<#name> for #path {}
            }
        });
    quote! {
        #docs
        #[derive(::core::fmt::Debug)]
        pub enum #name {}

        #[allow(deprecated)]
        impl ::tidings::aggregate::Kind for #name {
            type Events = #list;

            const SPEC: &'static ::tidings::aggregate::AggregateSpec =
                &::tidings::aggregate::AggregateSpec::new(#prefix, #id, #stream);
        }

        #(#members)*
    }
}
