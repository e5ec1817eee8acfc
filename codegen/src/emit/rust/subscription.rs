//! A subscription: the trait that a handler implements, and a module with its specification.

use std::collections::BTreeSet;

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::docs::Docs;
use super::service::{event_link, event_type};
use super::{EventTypes, names, topology};
use crate::facts;
use crate::model::{Catalog, Event, Service, Subscribed, Subscription};

/// An event that the subscription receives, and how it is named here.
struct Received<'a> {
    event: &'a Event,
    major: u16,
    /// The trait's method and the field of `Handlers`.
    method: Ident,
    /// Type parameter of `Handlers`.
    parameter: Ident,
}

/// The trait and its module.
pub(super) fn emit(
    catalog: &Catalog,
    service: &Service,
    subscription: &Subscription,
    types: &EventTypes,
) -> TokenStream {
    let received = received(catalog, subscription, types);
    let handler = handler(service, subscription, &received);
    let module = module(catalog, service, subscription, &received);
    quote!(#handler #module)
}

fn received<'a>(
    catalog: &'a Catalog,
    subscription: &Subscription,
    types: &EventTypes,
) -> Vec<Received<'a>> {
    // The parameters of `Handlers` hide the types that stand beside it.
    let mut taken = BTreeSet::from(["Handlers", "Self", "Subscription"].map(str::to_owned));
    let mut all = Vec::new();
    for Subscribed { event, major, method_name, .. } in &subscription.events {
        let is_emitted = types.contains(&(event.clone(), *major));
        let Some(event) = catalog.events.get(event).filter(|_| is_emitted) else { continue };
        let parameter = parameter(method_name, &mut taken);
        all.push(Received { event, major: *major, method: names::ident(method_name), parameter });
    }
    all
}

/// The method's name as that of a type parameter; with a word behind it where it is taken, and then a number.
fn parameter(method: &str, taken: &mut BTreeSet<String>) -> Ident {
    let plain = names::pascal(method);
    let longer = format!("{plain}Handler");
    let numbered = (2u32..).map(|number| format!("{longer}{number}"));
    let free = [plain, longer.clone()]
        .into_iter()
        .chain(numbered)
        .find(|name| !taken.contains(name))
        .unwrap_or_default();
    taken.insert(free.clone());
    names::ident(&free)
}

fn handler(
    service: &Service,
    subscription: &Subscription,
    received: &[Received<'_>],
) -> TokenStream {
    let name = names::ident(&subscription.rust_name);
    let module = names::ident(&subscription.name);
    let methods = received.iter().map(|Received { event, major, method, .. }| {
        let (path, allow) = event_type(service, event, *major, 1);
        let docs = Docs::default()
            .catalog(event.summary.as_deref())
            .or(format!("Handles `{}`.", event.id));
        quote! {
            #docs
            #allow
            fn #method(
                &self,
                event: #path,
                cx: &Context,
            ) -> impl ::core::future::Future<Output = ::tidings::Handled> + ::core::marker::Send;
        }
    });
    let mut allows = TokenStream::new();
    let bindings: Vec<_> = received
        .iter()
        .map(|Received { event, major, method, .. }| {
            let (path, allow) = event_type(service, event, *major, 1);
            if !allow.is_empty() {
                allows = allow;
            }
            quote! {
                .on::<#path>(|handler, event, cx| ::std::boxed::Box::pin(handler.#method(event, cx)))
            }
        })
        .collect();
    let docs = handler_docs(service, subscription, received);
    let names: Vec<String> = received.iter().map(|one| one.method.to_string()).collect();
    let convention = names::self_convention(names.iter().map(String::as_str));
    quote! {
        #docs
        #convention
        pub trait #name: ::core::marker::Send + ::core::marker::Sync + 'static {
            #[doc(hidden)]
            const NEEDS: ::tidings::Needs = ::tidings::Needs::NONE;

            #(#methods)*

            /// Binds this handler to the subscription, to be run by [`Tidings::run`](::tidings::Tidings::run).
            #allows
            fn subscriber(self) -> ::tidings::Subscriber
            where
                Self: ::core::marker::Sized,
            {
                ::tidings::__private::SubscriberBuilder::<#module::Subscription, Self>::new(self)
                    .needing(Self::NEEDS)
                    #(#bindings)*
                    .build()
            }
        }
    }
}

fn handler_docs(service: &Service, subscription: &Subscription, received: &[Received<'_>]) -> Docs {
    let events: Vec<String> = received
        .iter()
        .map(|Received { event, major, .. }| {
            format!("- {}, `{}`", event_link(service, event, *major, 1), event.id)
        })
        .collect();
    let order = match subscription.partitions.len() {
        0 if subscription.ordered_by_key => ", those with one key in their order",
        0 => "",
        _ => ", those with one key in their order over all instances",
    };
    let durables = match subscription.partitions.last().map(|last| &last.durable) {
        Some(last) if subscription.partitions.len() > 1 => format!(" to `{last}`"),
        _ => String::new(),
    };
    let receives = match events.as_slice() {
        [] => String::new(),
        events => format!("Receives:\n{}", events.join("\n")),
    };
    let invalid = if subscription.validate {
        "\n- a payload that breaks its schema is a dead letter at once"
    } else {
        ""
    };
    Docs::default()
        .catalog(subscription.summary.as_deref())
        .or(format!("Handles the events of the subscription `{}`.", subscription.name))
        .text(receives)
        .text(format!(
            "Settings:\n- durable consumer `{}`{durables} on the stream `{}`\n- up to {} at once{order}, each within {}\n- {}, then the dead letters{invalid}",
            subscription.durable,
            subscription.stream,
            subscription.concurrency,
            facts::duration(subscription.handler_timeout),
            facts::retry(&subscription.retry),
        ))
}

fn module(
    catalog: &Catalog,
    service: &Service,
    subscription: &Subscription,
    received: &[Received<'_>],
) -> TokenStream {
    let module = names::ident(&subscription.name);
    let spec = topology::subscription(catalog, service, subscription);
    let handlers_link = match received {
        [] => String::new(),
        _ => format!(", and [`Handlers`]({module}::Handlers) for plain functions"),
    };
    let docs = Docs::default().text(format!(
        "The subscription `{}`: its specification{handlers_link}.",
        subscription.name
    ));
    let permissions = received.iter().map(|Received { event, major, .. }| {
        let (path, allow) = event_type(service, event, *major, 2);
        quote!(#allow impl ::tidings::ConsumedBy<Subscription> for #path {})
    });
    let allow = (service.name == subscription.name).then(|| {
        quote!(#[allow(clippy::module_inception, reason = "service and subscription have one name")])
    });
    let handlers = (!received.is_empty()).then(|| handlers(service, received));
    quote! {
        #docs
        #allow
        pub mod #module {
            /// The subscription, as a type.
            #[derive(::core::clone::Clone, ::core::marker::Copy, ::core::fmt::Debug)]
            pub enum Subscription {}

            impl ::tidings::Subscription for Subscription {
                type Service = super::Service;

                const SPEC: &'static ::tidings::catalog::SubscriptionSpec = &#spec;
            }

            #(#permissions)*
            #handlers
        }
    }
}

fn handlers(service: &Service, received: &[Received<'_>]) -> TokenStream {
    let parameters: Vec<&Ident> = received.iter().map(|received| &received.parameter).collect();
    let methods: Vec<&Ident> = received.iter().map(|received| &received.method).collect();
    let fields = received.iter().map(|Received { event, method, parameter, .. }| {
        let docs = Docs::default().text(format!("Handles `{}`.", event.id));
        quote!(#docs pub #method: #parameter)
    });
    let mut allows = TokenStream::new();
    let events: Vec<TokenStream> = received
        .iter()
        .map(|Received { event, major, .. }| {
            let (path, allow) = event_type(service, event, *major, 2);
            if !allow.is_empty() {
                allows = allow;
            }
            path
        })
        .collect();
    let all = (received.len() > 1).then(|| all(&methods));
    quote! {
        /// One function for each event of the subscription; leaving one out does not compile.
        #[derive(::core::fmt::Debug)]
        pub struct Handlers<#(#parameters),*> {
            #(#fields),*
        }

        #allows
        impl<#(#parameters),*> Handlers<#(#parameters),*> {
            /// Binds the functions to the subscription, to be run by [`Tidings::run`](::tidings::Tidings::run).
            pub fn subscriber(self) -> ::tidings::Subscriber
            where
                #(#parameters: ::tidings::EventHandler<super::Service, #events>),*
            {
                ::tidings::__private::SubscriberBuilder::<Subscription, Self>::new(self)
                    #(.on_fn(|handlers| &handlers.#methods))*
                    .build()
            }
        }

        #all
    }
}

/// One function for every event: it takes a union of them.
fn all(methods: &[&Ident]) -> TokenStream {
    let same = methods.iter().map(|_| quote!(Handler));
    let [others @ .., last] = methods else { return TokenStream::new() };
    quote! {
        impl<Handler> Handlers<#(#same),*> {
            /// One function for every event; it takes a [union](macro@::tidings::EventUnion) of them.
            pub fn all(function: Handler) -> Self
            where
                Handler: ::core::clone::Clone,
            {
                Self {
                    #(#others: ::core::clone::Clone::clone(&function),)*
                    #last: function,
                }
            }
        }
    }
}
