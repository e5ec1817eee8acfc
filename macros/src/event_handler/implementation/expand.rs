use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned as _;
use syn::{Type, parse_quote};

use super::arguments::Arguments;
use super::parse::Implementation;
use super::validate::Entry;
use crate::event_handler::outcome::Outcome;
use crate::signature::Function;

/// The implementation of the trait, in which each method with mistakes has a stub for the sake of those who use the
/// trait. What the user wrote for it stands in an `impl` of the type, where rustc reads its body.
pub(super) fn expand(
    implementation: &Implementation,
    entries: &[Entry<'_>],
    idempotent: bool,
) -> TokenStream {
    let needs = idempotent.then(|| {
        quote!(
            const NEEDS: ::tidings::Needs = ::tidings::Needs::ONCE;
        )
    });
    let in_trait: Option<TokenStream> =
        needs.into_iter().map(Some).chain(entries.iter().map(in_trait)).collect();
    let complete = in_trait.map(|items| implementation.around(&items));
    let set_aside: TokenStream = entries
        .iter()
        .filter_map(|entry| match entry {
            // Where a stub cannot be made, an incomplete implementation would only add to the errors.
            Entry::Handler { method, .. } => complete.is_none().then_some(method),
            Entry::Faulty { method, .. } | Entry::Provided { method } => Some(method),
            Entry::Other(_) => None,
        })
        .map(ToTokens::to_token_stream)
        .collect();
    let inherent = (!set_aside.is_empty()).then(|| implementation.inherent(&set_aside));
    quote! { #complete #inherent }
}

/// What stands in the implementation of the trait; nothing where that is not known.
fn in_trait(entry: &Entry<'_>) -> Option<TokenStream> {
    match entry {
        Entry::Handler { method, outcome: Outcome::Handled } => Some(method.to_token_stream()),
        Entry::Handler { method, outcome: outcome @ Outcome::Result(ty) } => {
            Some(converting(method, *outcome, ty))
        }
        Entry::Faulty { method, arguments } => stub(method, arguments),
        Entry::Provided { .. } => Some(TokenStream::new()),
        Entry::Other(item) => Some(item.to_token_stream()),
    }
}

/// The method, returning `Handled` in the place of a `Result` of another error.
fn converting(method: &Function, outcome: Outcome<'_>, ty: &Type) -> TokenStream {
    let Function { attrs, vis, sig, body } = method;
    let mut sig = sig.clone();
    sig.output = parse_quote!(-> ::tidings::Handled);
    let converted = outcome.convert(quote!(__outcome));
    // An `async` block cannot name the type of its result: the branch that is never taken does.
    let span = Span::call_site().located_at(ty.span());
    let typed = quote_spanned! { span =>
        if let ::core::option::Option::Some(__outcome) = ::core::option::Option::None::<#ty> {
            return __outcome;
        }
    };
    quote! {
        #(#attrs)*
        #vis #sig {
            let __outcome = async move {
                #typed
                let __outcome: #ty = #body;
                __outcome
            }
            .await;
            #converted
        }
    }
}

/// A method of the same name that fits the trait.
fn stub(method: &Function, arguments: &Arguments<'_>) -> Option<TokenStream> {
    let sig = &method.sig;
    if !sig.generics.params.is_empty() {
        return None;
    }
    let event = arguments.event.filter(|event| !matches!(event, Type::ImplTrait(_)))?;
    let context = arguments.context()?;
    let name = &sig.ident;
    Some(quote! {
        async fn #name(&self, _: #event, _: #context) -> ::tidings::Handled {
            ::core::unreachable!()
        }
    })
}
