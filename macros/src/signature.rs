use proc_macro2::{Group, TokenStream, TokenTree};
use quote::ToTokens;
use syn::parse::{Parse, ParseStream};
use syn::{Attribute, FnArg, PatType, Receiver, Signature, Token, Visibility};

/// A function or method of which the body stays as written: rustc reads it, and completes in it, while it is being
/// typed.
#[derive(Clone, Debug)]
pub(crate) struct Function {
    pub(crate) attrs: Vec<Attribute>,
    pub(crate) vis: Visibility,
    pub(crate) sig: Signature,
    pub(crate) body: Group,
}

impl Function {
    /// Whether a function follows, once attributes and visibility are read.
    pub(crate) fn follows(input: ParseStream<'_>) -> bool {
        input.peek(Token![fn])
            || input.peek(Token![async])
            || input.peek(Token![extern])
            || (input.peek(Token![unsafe]) && !input.peek2(Token![impl]))
            || (input.peek(Token![const])
                && (input.peek2(Token![fn])
                    || input.peek2(Token![async])
                    || input.peek2(Token![unsafe])
                    || input.peek2(Token![extern])))
    }

    /// The rest of a function.
    pub(crate) fn parse_after(
        attrs: Vec<Attribute>,
        vis: Visibility,
        input: ParseStream<'_>,
    ) -> syn::Result<Self> {
        let sig = input.parse()?;
        match input.parse()? {
            TokenTree::Group(body) => Ok(Self { attrs, vis, sig, body }),
            other => Err(syn::Error::new_spanned(other, "a handler needs a body: write `{ … }`")),
        }
    }

    /// The `self` argument, if any.
    pub(crate) fn receiver(&self) -> Option<&Receiver> {
        self.sig.receiver()
    }

    /// All arguments but `self`.
    pub(crate) fn arguments(&self) -> impl Iterator<Item = &PatType> {
        self.sig.inputs.iter().filter_map(|argument| match argument {
            FnArg::Typed(argument) => Some(argument),
            FnArg::Receiver(_) => None,
        })
    }
}

impl Parse for Function {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let attrs = input.call(Attribute::parse_outer)?;
        let vis = input.parse()?;
        Self::parse_after(attrs, vis, input)
    }
}

impl ToTokens for Function {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        for attribute in &self.attrs {
            attribute.to_tokens(tokens);
        }
        self.vis.to_tokens(tokens);
        self.sig.to_tokens(tokens);
        self.body.to_tokens(tokens);
    }
}
