//! What a handler returns.

use proc_macro2::{Span, TokenStream};
use quote::quote_spanned;
use syn::spanned::Spanned as _;
use syn::{GenericArgument, PathArguments, ReturnType, Signature, Type};

use crate::errors::Errors;

/// What a handler returns.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Outcome<'a> {
    /// `Handled`, under whichever path.
    Handled,
    /// A `Result<(), E>` of which the error is converted.
    Result(&'a Type),
}

const EXPECTED: &str =
    "`Handled`, or a `Result<(), E>` whose error converts into `tidings::HandlerError`";

impl<'a> Outcome<'a> {
    /// Reads the return type. Only its last name counts: what it stands for is for rustc to check.
    pub(crate) fn of(sig: &'a Signature, errors: &mut Errors) -> Option<Self> {
        let ReturnType::Type(_, ty) = &sig.output else {
            errors.push(&sig.ident, format_args!("a handler says how it went: return {EXPECTED}"));
            return None;
        };
        let last = match &**ty {
            Type::Path(path) => path.path.segments.last(),
            _ => None,
        };
        match last {
            Some(last) if last.ident == "Handled" => Some(Self::Handled),
            Some(last) if last.ident == "Result" => {
                let success = success(&last.arguments).filter(|success| !is_unit(success));
                if let Some(success) = success {
                    errors.push(
                        success,
                        "a handler that went well has nothing to return: write `()`",
                    );
                    return None;
                }
                Some(Self::Result(ty))
            }
            _ => {
                errors.push(ty, format_args!("a handler returns {EXPECTED}"));
                None
            }
        }
    }

    /// The expression `outcome`, of this type, as `Handled`.
    pub(crate) fn convert(&self, outcome: TokenStream) -> TokenStream {
        match self {
            Self::Handled => outcome,
            // An error that does not convert is reported at the return type.
            Self::Result(ty) => {
                let span = Span::call_site().located_at(ty.span());
                quote_spanned! { span =>
                    ::core::result::Result::map_err(#outcome, ::core::convert::Into::into)
                }
            }
        }
    }
}

/// The `T` of `Result<T, …>`, where it is written.
fn success(arguments: &PathArguments) -> Option<&Type> {
    let PathArguments::AngleBracketed(arguments) = arguments else { return None };
    match arguments.args.first() {
        Some(GenericArgument::Type(success)) => Some(success),
        _ => None,
    }
}

fn is_unit(ty: &Type) -> bool {
    matches!(ty, Type::Tuple(tuple) if tuple.elems.is_empty())
}
