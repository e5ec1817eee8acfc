use std::fmt::Write as _;

use proc_macro2::TokenStream;
use quote::quote;
use syn::{PatType, Path, Type};

use crate::errors::Errors;
use crate::event_handler::checks::{check_argument, is_named};
use crate::signature::Function;

/// The arguments of a handler method, as far as they can be told apart.
pub(super) struct Arguments<'a> {
    /// The event's type, without a reference.
    pub(super) event: Option<&'a Type>,
    context: Option<&'a Type>,
    /// What the context's type should be: `billing::Context`.
    expected_context: Path,
}

impl<'a> Arguments<'a> {
    /// Finds the event and the context, and says what is amiss with them.
    pub(super) fn of(method: &'a Function, expected_context: Path, errors: &mut Errors) -> Self {
        let mut found = Self { event: None, context: None, expected_context };
        for argument in method.arguments() {
            check_argument(argument, errors);
            found.sort(argument, errors);
        }
        found.borrowed_event(errors);
        found.complete(method, errors);
        found
    }

    /// The context's type as the trait wants it; nothing where it cannot be told.
    pub(super) fn context(&self) -> Option<TokenStream> {
        match self.context {
            Some(Type::Reference(reference)) => {
                let ty = &reference.elem;
                Some(quote! { &#ty })
            }
            Some(ty) => Some(quote! { &#ty }),
            None => {
                let ty = &self.expected_context;
                // Alone, the name may not be in scope.
                (ty.segments.len() > 1).then(|| quote! { &#ty })
            }
        }
    }

    /// What is borrowed, or called so, is the context; what is not is the event.
    fn sort(&mut self, argument: &'a PatType, errors: &mut Errors) {
        let ty = &*argument.ty;
        let is_context = is_named(ty, "Context");
        if is_context || matches!(ty, Type::Reference(_)) {
            match self.context {
                None => self.context = Some(ty),
                // The first reference was the event's.
                Some(first) if self.event.is_none() && !is_named(first, "Context") => {
                    self.event = Some(first);
                    self.context = Some(ty);
                }
                Some(_) => errors.push(argument, SURPLUS),
            }
        } else if self.event.is_none() {
            if self.context.is_some() {
                errors.push(argument, "the event comes first, then its context");
            }
            self.event = Some(ty);
        } else {
            errors.push(argument, SURPLUS);
        }
    }

    fn borrowed_event(&mut self, errors: &mut Errors) {
        // One argument that is borrowed, and not called a context, is the event.
        if self.event.is_none() && self.context.is_some_and(|ty| !is_named(ty, "Context")) {
            self.event = self.context.take();
        }
        if let Some(Type::Reference(reference)) = self.event {
            errors.push(reference, "a handler owns its event: remove the `&`");
            self.event = Some(&reference.elem);
        }
    }

    fn complete(&self, method: &Function, errors: &mut Errors) {
        let context = written(&self.expected_context);
        let name = &method.sig.ident;
        match (self.event, self.context) {
            (None, _) => errors.push(
                name,
                format_args!(
                    "a handler method takes an event: write `{name}(&self, event: …, cx: &{context})`, \
                     with the event's type"
                ),
            ),
            (Some(_), None) => errors.push(
                name,
                format_args!("a handler method takes the event's context: add `cx: &{context}`"),
            ),
            (Some(_), Some(Type::Reference(reference))) => {
                if let Some(token) = &reference.mutability {
                    errors.push(token, "the context is shared: remove `mut`");
                }
            }
            (Some(_), Some(owned)) => {
                errors.push(owned, format_args!("the context is borrowed: write `&{context}`"));
            }
        }
    }
}

const SURPLUS: &str =
    "a handler method takes one event and its context: what else it needs is a field of `self`";

/// The path as people write it.
fn written(path: &Path) -> String {
    let mut text = String::new();
    for segment in &path.segments {
        let separator = if text.is_empty() && path.leading_colon.is_none() { "" } else { "::" };
        let _ = write!(text, "{separator}{}", segment.ident);
    }
    text
}
