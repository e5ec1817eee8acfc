use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::parse::{Parse, ParseStream};
use syn::{AttrStyle, Attribute, Generics, ImplItem, Path, Token, Type, Visibility, braced, token};

use crate::signature::Function;

/// An `impl`, the bodies of its methods left as written.
pub(crate) struct Implementation {
    attrs: Vec<Attribute>,
    unsafety: Option<Token![unsafe]>,
    impl_token: Token![impl],
    generics: Generics,
    pub(super) trait_: Option<(Path, Token![for])>,
    pub(super) self_ty: Type,
    brace: token::Brace,
    pub(super) items: Vec<Item>,
}

/// What stands in an `impl`.
pub(super) enum Item {
    Method(Box<Function>),
    /// Not for this macro to judge.
    Other(Box<ImplItem>),
}

impl Implementation {
    /// The rest of an `impl`, after its attributes.
    pub(crate) fn parse_after(
        mut attrs: Vec<Attribute>,
        input: ParseStream<'_>,
    ) -> syn::Result<Self> {
        let unsafety = input.parse()?;
        let impl_token = input.parse()?;
        let mut generics: Generics =
            if input.peek(Token![<]) { input.parse()? } else { Generics::default() };
        let first: Type = input.parse()?;
        let (trait_, self_ty) = match (input.parse::<Option<Token![for]>>()?, first) {
            (None, self_ty) => (None, self_ty),
            (Some(for_token), Type::Path(path)) if path.qself.is_none() => {
                (Some((path.path, for_token)), input.parse()?)
            }
            (Some(_), other) => return Err(syn::Error::new_spanned(other, "expected a trait")),
        };
        generics.where_clause = input.parse()?;
        let content;
        let brace = braced!(content in input);
        for mut attribute in content.call(Attribute::parse_inner)? {
            attribute.style = AttrStyle::Outer;
            attrs.push(attribute);
        }
        let mut items = Vec::new();
        while !content.is_empty() {
            items.push(content.parse()?);
        }
        Ok(Self { attrs, unsafety, impl_token, generics, trait_, self_ty, brace, items })
    }

    /// The same `impl` around other `items`.
    pub(super) fn around(&self, items: &TokenStream) -> TokenStream {
        let Self { attrs, unsafety, impl_token, generics, trait_, self_ty, .. } = self;
        let where_clause = &generics.where_clause;
        let trait_ = trait_.as_ref().map(|(path, for_token)| quote! { #path #for_token });
        let mut tokens = quote! {
            #(#attrs)* #unsafety #impl_token #generics #trait_ #self_ty #where_clause
        };
        self.brace.surround(&mut tokens, |inner| items.to_tokens(inner));
        tokens
    }

    /// An `impl` of the type itself around `items`.
    pub(super) fn inherent(&self, items: &TokenStream) -> TokenStream {
        let Self { attrs, generics, self_ty, .. } = self;
        let where_clause = &generics.where_clause;
        quote! {
            #(#attrs)*
            #[allow(dead_code)]
            impl #generics #self_ty #where_clause { #items }
        }
    }
}

impl ToTokens for Implementation {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let items = &self.items;
        tokens.extend(self.around(&quote! { #(#items)* }));
    }
}

impl Parse for Item {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let ahead = input.fork();
        ahead.call(Attribute::parse_outer)?;
        ahead.parse::<Visibility>()?;
        if Function::follows(&ahead) {
            input.parse().map(|method| Self::Method(Box::new(method)))
        } else {
            input.parse().map(|item| Self::Other(Box::new(item)))
        }
    }
}

impl ToTokens for Item {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        match self {
            Self::Method(method) => method.to_tokens(tokens),
            Self::Other(item) => item.to_tokens(tokens),
        }
    }
}
