use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::ToTokens as _;
use syn::{PatType, Path, Type};

use super::options::Options;
use crate::errors::Errors;
use crate::event_handler::checks::{check_argument, check_kind, is_named};
use crate::event_handler::outcome::Outcome;
use crate::signature::Function;

/// A function that can handle an event, as far as its tokens tell.
#[derive(Debug)]
pub(super) struct Handler<'a> {
    pub(super) function: &'a Function,
    /// The module of the subscription that it is written for, where it names one.
    pub(super) subscription: Option<Path>,
    /// Whether each event is handled once.
    pub(super) idempotent: bool,
    pub(super) event: &'a Type,
    pub(super) extractors: Vec<&'a Type>,
    pub(super) outcome: Outcome<'a>,
}

pub(super) fn validate<'a>(
    function: &'a Function,
    options: Options,
    errors: &mut Errors,
) -> Option<Handler<'a>> {
    let sig = &function.sig;
    check_kind(sig, errors);
    let mut arguments = function.arguments();
    let event = event(function, arguments.next(), errors);
    let extractors = arguments.map(|argument| owned(argument, errors)).collect();
    let outcome = Outcome::of(sig, errors);
    let Options { subscription, idempotent } = options;
    let (event, outcome) = (event?, outcome?);
    Some(Handler { function, subscription, idempotent, event, extractors, outcome })
}

fn event<'a>(
    function: &Function,
    first: Option<&'a PatType>,
    errors: &mut Errors,
) -> Option<&'a Type> {
    let Some(first) = first else {
        let name = &function.sig.ident;
        errors.push(
            name,
            format_args!(
                "a handler takes its event first: write `{name}(event: …)`, with the event's type"
            ),
        );
        return None;
    };
    if is_named(&first.ty, "Context") || is_named(&first.ty, "State") {
        errors.push(&first.ty, "a handler takes its event first: put an event before this");
        return None;
    }
    Some(owned(first, errors))
}

/// Whether a value can stand in the function's place.
pub(super) fn can_be_a_value(function: &Function, errors: &mut Errors) -> bool {
    if let Some(receiver) = function.receiver() {
        errors.push(
            receiver,
            "`#[event_handler]` belongs on the `impl` of the subscription's trait, not on a method",
        );
        return false;
    }
    // A binding of the value's name would be taken for the value.
    let mut patterns = function.arguments().map(|argument| argument.pat.to_token_stream());
    let Some(name) = patterns.find_map(|pattern| find(pattern, &function.sig.ident)) else {
        return true;
    };
    errors.push(name, "the handler itself has this name: give the argument another one");
    false
}

fn find(tokens: TokenStream, name: &Ident) -> Option<Ident> {
    tokens.into_iter().find_map(|token| match token {
        TokenTree::Ident(ident) if ident == *name => Some(ident),
        TokenTree::Group(group) => find(group.stream(), name),
        _ => None,
    })
}

/// Arguments are made for each call, so that there is nobody to borrow them from.
fn owned<'a>(argument: &'a PatType, errors: &mut Errors) -> &'a Type {
    if let Type::Reference(reference) = &*argument.ty {
        errors.push(reference, "a handler function owns its arguments: remove the `&`");
    }
    check_argument(argument, errors);
    &argument.ty
}
