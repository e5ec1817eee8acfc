//! A domain's module `subjects`.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::docs::Docs;
use super::names;
use crate::model::{Event, SubjectToken};

/// Name of the constant that holds an event's subject, or its filter where it has parameters.
fn constant(event: &Event) -> String {
    names::screaming(&event.method_name)
}

/// The module, for events and whether their type stands in the domain's module.
pub(super) fn module<'a>(
    domain: &str,
    events: impl Iterator<Item = (&'a Event, bool)>,
) -> TokenStream {
    let items = events.map(|(event, is_emitted)| {
        let name = &event.rust_name;
        let link = match is_emitted {
            true => format!("[`{name}`](super::{name})"),
            false => format!("`{name}`"),
        };
        item(event, &link)
    });
    let docs = Docs::default().text(format!("Subjects of the events of `{domain}`."));
    quote! {
        #docs
        pub mod subjects {
            #(#items)*
        }
    }
}

fn item(event: &Event, link: &str) -> TokenStream {
    let constant = format_ident!("{}", constant(event));
    let filter = event.subject.filter();
    if event.subject.properties().next().is_none() {
        let docs = Docs::default().text(format!("Subject of {link}."));
        return quote!(#docs pub const #constant: &str = #filter;);
    }

    let template = event.subject.template();
    let docs = Docs::default().text(format!("Matches the subject of every {link}: `{template}`."));
    let function_docs = Docs::default()
        .text(format!("Subject of one {link}: `{template}`."))
        .text("# Errors\nA value cannot be one token of a subject: it is empty or too long, or holds a dot, a space or a wildcard.");
    let function = names::ident(&event.method_name);
    let parameters: Vec<_> =
        event.subject.properties().map(|property| names::ident(&names::snake(property))).collect();
    let steps = steps(event);
    quote! {
        #docs
        pub const #constant: &str = #filter;

        #function_docs
        pub fn #function(
            #(#parameters: impl ::core::fmt::Display),*
        ) -> ::core::result::Result<::tidings::Subject, ::tidings::InvalidToken> {
            ::core::result::Result::Ok(
                ::tidings::__private::SubjectBuilder::default() #steps .build()
            )
        }
    }
}

/// The calls that build the subject: tokens in a row that are known are one literal.
fn steps(event: &Event) -> TokenStream {
    let mut steps = TokenStream::new();
    for run in event.subject.tokens.chunk_by(|left, right| is_literal(left) && is_literal(right)) {
        let literals: Vec<&str> = run
            .iter()
            .filter_map(|token| match token {
                SubjectToken::Literal(text) => Some(text.as_str()),
                SubjectToken::Property(_) => None,
            })
            .collect();
        if let [SubjectToken::Property(property)] = run {
            let parameter = names::ident(&names::snake(property));
            steps.extend(quote!(.token(#property, #parameter)?));
        } else {
            let text = literals.join(".");
            steps.extend(quote!(.literal(#text)));
        }
    }
    steps
}

fn is_literal(token: &SubjectToken) -> bool {
    matches!(token, SubjectToken::Literal(_))
}
