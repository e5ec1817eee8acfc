use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens as _, quote, quote_spanned};
use syn::spanned::Spanned as _;
use syn::{Attribute, Type};

use super::validate::Handler;
use crate::signature::Function;

/// A value in the function's name, which handles the event by calling the function.
pub(super) fn expand(handler: &Handler<'_>) -> TokenStream {
    let declaration = declaration(handler.function);
    let cfg = conditions(handler.function);
    let service = service(handler);
    let checks = checks(handler);
    let implementation = implementation(handler);
    quote! {
        #declaration

        #(#cfg)*
        #[allow(deprecated)]
        const _: () = {
            #service
            #checks
            #implementation
        };
    }
}

/// The value, and the function itself as its `run`.
pub(super) fn declaration(function: &Function) -> TokenStream {
    let name = &function.sig.ident;
    let vis = &function.vis;
    let cfg: Vec<_> = conditions(function).collect();
    let docs = function.attrs.iter().filter(|attribute| attribute.path().is_ident("doc"));
    let mut run = function.clone();
    run.attrs
        .retain(|attribute| !["cfg", "doc"].iter().any(|name| attribute.path().is_ident(name)));
    run.sig.ident = Ident::new("run", name.span());
    quote! {
        #(#docs)*
        #(#cfg)*
        #[allow(non_camel_case_types)]
        #[derive(::core::clone::Clone, ::core::marker::Copy, ::core::fmt::Debug)]
        #vis struct #name;

        #(#cfg)*
        impl #name {
            /// Calls the function itself, as a unit test does.
            #run
        }
    }
}

/// The `#[cfg(…)]` of the function, which everything that is made of it carries.
pub(super) fn conditions(function: &Function) -> impl Iterator<Item = &Attribute> {
    function.attrs.iter().filter(|attribute| attribute.path().is_ident("cfg"))
}

/// `__Service`, where the function is written for one subscription.
fn service(handler: &Handler<'_>) -> Option<TokenStream> {
    let module = handler.subscription.as_ref()?;
    let subscription = quote_spanned! { module.segments.last().span() => Subscription };
    Some(quote! {
        type __Subscription = #module::#subscription;
        type __Service = <__Subscription as ::tidings::Subscription>::Service;
    })
}

/// Where rustc reports what the types of the arguments lack. The implementation below assumes the same bounds, so that
/// it reports each only once. (Extractors for a known service need no check: their use in the implementation is one.)
fn checks(handler: &Handler<'_>) -> TokenStream {
    let Handler { event, extractors, .. } = handler;
    // From one end of the type to the other, for rustc to underline all of it.
    let (first, last) = ends(event);
    if handler.subscription.is_some() {
        let open = quote_spanned! { first => received::< };
        let close = quote_spanned! { last => >() };
        return quote! {
            const _: fn() = || {
                fn received<E>()
                where
                    E: ::tidings::HandlerInput,
                    E::Contracts: ::tidings::__private::ReceivedBy<__Subscription>,
                {
                }
                #open #event #close;
            };
        };
    }
    let extractor = (!extractors.is_empty()).then(|| {
        quote! { fn extractor<T: ::tidings::Extractor>() {} }
    });
    let open = quote_spanned! { first => input::< };
    let close = quote_spanned! { last => >() };
    quote! {
        const _: fn() = || {
            fn input<T: ::tidings::HandlerInput>() {}
            #extractor
            #open #event #close;
            #(extractor::<#extractors>();)*
        };
    }
}

/// Names begin with `__`, because handlers are values, which no binding can shadow.
///
/// `for<'any>` keeps rustc from checking a bound that names no parameter; `checks` has done so, with a better message.
fn implementation(handler: &Handler<'_>) -> TokenStream {
    let Handler { function, event, extractors, outcome, subscription, idempotent } = handler;
    let name = &function.sig.ident;
    let (service, assumed) = match subscription {
        Some(_) => (None, [].as_slice()),
        None => (Some(quote! { __Service: ::tidings::Service, }), extractors.as_slice()),
    };
    let call = outcome.convert(quote! {
        #name::run(
            <#event as ::core::convert::From<Self::Event>>::from(__event),
            #(<#extractors as ::tidings::FromContext<__Service>>::from_context(__cx)?,)*
        )
        .await
    });
    let check = (!extractors.is_empty()).then(|| {
        quote! {
            fn check(
                &self,
                __states: &::tidings::__private::States,
            ) -> ::core::result::Result<(), ::tidings::MissingState> {
                #(<#extractors as ::tidings::FromContext<__Service>>::check(__states)?;)*
                ::core::result::Result::Ok(())
            }
        }
    });
    let needs = (*idempotent || !extractors.is_empty()).then(|| {
        let own = if *idempotent { quote!(ONCE) } else { quote!(NONE) };
        quote! {
            fn needs(&self) -> ::tidings::Needs {
                ::tidings::Needs::#own
                    #(.and(<#extractors as ::tidings::FromContext<__Service>>::needs()))*
            }
        }
    });
    let cx = if extractors.is_empty() { quote!(_) } else { quote!(__cx) };
    quote! {
        impl<#service __Contract: ::tidings::Event> ::tidings::EventHandler<__Service, __Contract>
            for #name
        where
            #event: ::tidings::Accepts<__Contract>,
            #(for<'any> #assumed: ::tidings::FromContext<__Service>,)*
        {
            type Event = <#event as ::tidings::Accepts<__Contract>>::Event;

            async fn call(
                &self,
                __event: Self::Event,
                #cx: &::tidings::Context<__Service>,
            ) -> ::tidings::Handled {
                #call
            }

            #check

            #needs
        }
    }
}

/// Where the type begins and where it ends.
fn ends(ty: &Type) -> (Span, Span) {
    let mut spans = ty.to_token_stream().into_iter().map(|token| token.span());
    let first = spans.next().unwrap_or_else(Span::call_site);
    (first, spans.last().unwrap_or(first))
}
