use quote::ToTokens;
use syn::{Ident, ImplItem, Path, PathSegment, ReceiverKind, Type};

use super::arguments::Arguments;
use super::parse::{Implementation, Item};
use crate::errors::Errors;
use crate::event_handler::checks::check_kind;
use crate::event_handler::outcome::Outcome;
use crate::signature::Function;

/// What becomes of an item of the `impl`.
pub(super) enum Entry<'a> {
    /// A method that can handle an event, as far as its tokens tell.
    Handler { method: &'a Function, outcome: Outcome<'a> },
    /// A method with mistakes.
    Faulty { method: &'a Function, arguments: Arguments<'a> },
    /// A method that the trait implements.
    Provided { method: &'a Function },
    /// Not for this macro to judge.
    Other(&'a ImplItem),
}

/// Nothing where no trait is implemented.
pub(super) fn validate<'a>(
    implementation: &'a Implementation,
    errors: &mut Errors,
) -> Option<Vec<Entry<'a>>> {
    let Some((trait_, _)) = &implementation.trait_ else {
        let name = match &implementation.self_ty {
            Type::Path(path) => {
                path.path.segments.last().map_or("…".to_owned(), |last| last.ident.to_string())
            }
            _ => "…".to_owned(),
        };
        errors.push(
            &implementation.self_ty,
            format_args!(
                "a handler implements the trait of a subscription: write \
                 `impl billing::Invoicing for {name}`, with your service and subscription"
            ),
        );
        return None;
    };
    let context = context_of(trait_);
    let entries = implementation.items.iter().map(|item| match item {
        Item::Method(method) => check_method(method, &context, errors),
        Item::Other(item) => Entry::Other(item),
    });
    Some(entries.collect())
}

/// `billing::Context`, for `billing::Invoicing`.
fn context_of(trait_: &Path) -> Path {
    let mut path = trait_.clone();
    if let Some(last) = path.segments.last_mut() {
        *last = PathSegment::from(Ident::new("Context", last.ident.span()));
    }
    path
}

fn check_method<'a>(method: &'a Function, context: &Path, errors: &mut Errors) -> Entry<'a> {
    if method.sig.ident == "subscriber" {
        errors.push(
            &method.sig.ident,
            "`subscriber` comes with the trait: remove it here, or give it another name outside of this `impl`",
        );
        return Entry::Provided { method };
    }
    let before = errors.len();
    check_kind(&method.sig, errors);
    check_receiver(method, errors);
    let arguments = Arguments::of(method, context.clone(), errors);
    match Outcome::of(&method.sig, errors) {
        Some(outcome) if errors.len() == before => Entry::Handler { method, outcome },
        _ => Entry::Faulty { method, arguments },
    }
}

fn check_receiver(method: &Function, errors: &mut Errors) {
    let Some(receiver) = method.receiver() else {
        let name = &method.sig.ident;
        errors.push(name, format_args!("a handler method takes `&self`: write `{name}(&self, …)`"));
        return;
    };
    match &receiver.kind {
        ReceiverKind::Reference(_, _, None) => {}
        ReceiverKind::Reference(_, _, Some(_)) => errors.push(
            receiver,
            "several events are handled at once: take `&self`, and keep what changes in a `Mutex` or an atomic",
        ),
        _ => errors.push(
            receiver.to_token_stream(),
            "a handler stays for the next event: take `&self`",
        ),
    }
}
