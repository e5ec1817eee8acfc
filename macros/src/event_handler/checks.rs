//! What holds for both kinds of handlers.

use syn::{PatType, Safety, Signature, Type};

use crate::errors::Errors;

/// A handler is a plain, concrete `async fn`.
pub(crate) fn check_kind(sig: &Signature, errors: &mut Errors) {
    if sig.asyncness.is_none() {
        errors.push(
            sig.fn_token,
            format_args!("a handler is asynchronous: write `async fn {}`", sig.ident),
        );
    }
    if let Safety::Unsafe(token) = &sig.safety {
        errors.push(token, "the runtime calls handlers from safe code: remove `unsafe`");
    }
    if let Some(token) = &sig.abi {
        errors.push(token, "a handler is a Rust function: remove `extern`");
    }
    if let Some(token) = &sig.variadic {
        errors.push(token, "a handler names each of its arguments: remove `...`");
    }
    if !sig.generics.params.is_empty() {
        errors.push(&sig.generics.params, "a handler is not generic: write the types it takes");
    } else if let Some(clause) = &sig.generics.where_clause {
        errors.push(clause, "a handler is not generic: remove the `where` clause");
    }
}

/// An argument has a type that can be named.
pub(crate) fn check_argument(argument: &PatType, errors: &mut Errors) {
    if let Type::ImplTrait(ty) = &*argument.ty {
        errors.push(ty, "`impl` makes a handler generic: write the type it takes");
    }
}

/// Whether the last name of the type, references aside, is `name`.
pub(crate) fn is_named(ty: &Type, name: &str) -> bool {
    match ty {
        Type::Path(path) => path.path.segments.last().is_some_and(|last| last.ident == name),
        Type::Reference(reference) => is_named(&reference.elem, name),
        _ => false,
    }
}
