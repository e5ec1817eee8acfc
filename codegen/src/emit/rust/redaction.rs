//! Personal data: where it stands, for the runtime, and a `Debug` that does not show it.
//!
//! Types without personal fields of their own derive it: the types in them hide their own.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, format_ident, quote};

use super::field::Field;
use super::shape::Head;
use crate::model::{Encrypted, Erased, Event, Object, Pii, Schema, Scope, Shape, Version};

/// What the specification says of personal data; nothing where there is none.
pub(super) fn personal(scope: Scope<'_>, version: &Version) -> TokenStream {
    let found = scope.personal(&version.payload);
    if found.is_empty() {
        return TokenStream::new();
    }
    let fields = found.iter().map(|personal| {
        let pointer = &personal.pointer;
        let kind = match personal.kind {
            Pii::Direct => quote!(Direct),
            Pii::Indirect => quote!(Indirect),
            Pii::Sensitive => quote!(Sensitive),
        };
        let names = personal.names.then(|| quote!(.with_names()));
        quote!(::tidings::PersonalField::new(#pointer, ::tidings::PersonalKind::#kind) #names)
    });
    quote!(.with_personal(&[#(#fields),*]))
}

/// What the specification says of encryption; nothing where nothing is encrypted.
pub(super) fn encrypted(scope: Scope<'_>, event: &Event, version: &Version) -> TokenStream {
    let (found, _) = scope.encrypted(&version.payload, &event.encrypt);
    if found.is_empty() {
        return TokenStream::new();
    }
    let fields = found.iter().map(|Encrypted { pointer, erased }| {
        let erased = match erased {
            Erased::Absent => quote!(Absent),
            Erased::Null => quote!(Null),
            Erased::Text => quote!(Text),
        };
        quote!(::tidings::EncryptedField::new(#pointer, ::tidings::Erased::#erased))
    });
    quote!(.with_encrypted(&[#(#fields),*]))
}

/// The `Debug` of a type.
pub(super) enum Debug {
    Derived,
    ByHand(TokenStream),
}

impl Debug {
    /// Of a struct.
    pub(super) fn record(
        scope: Scope<'_>,
        head: &Head<'_>,
        schema: &Schema,
        object: &Object,
        fields: &[Field],
    ) -> Self {
        if scope.mark(schema).is_some() {
            return Self::whole(scope, head, schema);
        }
        if fields.iter().all(|field| !is_hidden(scope, object, field)) {
            return Self::Derived;
        }
        let name = head.name.to_string();
        let calls = fields.iter().map(|field| {
            let ident = &field.ident;
            let value =
                if is_hidden(scope, object, field) { redacted() } else { quote!(&self.#ident) };
            shown(field, &value)
        });
        Self::ByHand(implementation(head, &quote!(f.debug_struct(#name) #(#calls)* .finish())))
    }

    /// Of a type that shows nothing of itself where its value is personal.
    pub(super) fn whole(scope: Scope<'_>, head: &Head<'_>, schema: &Schema) -> Self {
        if !hides(scope, schema) {
            return Self::Derived;
        }
        let (name, redacted) = (head.name.to_string(), redacted());
        let body = quote!(f.debug_tuple(#name).field(#redacted).finish());
        Self::ByHand(implementation(head, &body))
    }

    pub(super) fn is_derived(&self) -> bool {
        matches!(self, Self::Derived)
    }
}

impl ToTokens for Debug {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        if let Self::ByHand(code) = self {
            tokens.extend(code.clone());
        }
    }
}

/// What the `Debug` of an enum shows of each alternative.
pub(super) struct Shown<'a> {
    scope: Scope<'a>,
    /// Whether the enum as a whole is personal.
    whole: bool,
    /// Whether something of an alternative is hidden.
    hides: bool,
    arms: Vec<TokenStream>,
}

impl<'a> Shown<'a> {
    pub(super) fn new(scope: Scope<'a>, schema: &'a Schema) -> Self {
        Self { scope, whole: scope.mark(schema).is_some(), hides: false, arms: Vec::new() }
    }

    /// An alternative with fields of its own.
    pub(super) fn fields(
        &mut self,
        ident: &Ident,
        schema: &Schema,
        object: &Object,
        fields: &[Field],
    ) {
        let name = ident.to_string();
        if fields.is_empty() {
            self.arms.push(quote!(Self::#ident => f.write_str(#name),));
            return;
        }
        let all = self.scope.mark(schema).is_some();
        let is_hidden = |field: &Field| all || is_hidden(self.scope, object, field);
        let bindings: Vec<TokenStream> = fields
            .iter()
            .filter(|field| !is_hidden(field))
            .map(|field| {
                let (ident, binding) = (&field.ident, binding(field, fields));
                if *ident == binding { quote!(#ident) } else { quote!(#ident: #binding) }
            })
            .collect();
        let rest = (bindings.len() < fields.len()).then(|| quote!(..));
        self.hides |= rest.is_some();
        let calls = fields.iter().map(|field| {
            let binding = binding(field, fields);
            let value = if is_hidden(field) { redacted() } else { quote!(#binding) };
            shown(field, &value)
        });
        self.arms.push(quote! {
            Self::#ident { #(#bindings,)* #rest } => f.debug_struct(#name) #(#calls)* .finish(),
        });
    }

    /// An alternative that holds one value.
    pub(super) fn content(&mut self, ident: &Ident, schema: &Schema) {
        let name = ident.to_string();
        let (binding, value) = if hides(self.scope, schema) {
            self.hides = true;
            (quote!(_), redacted())
        } else {
            (quote!(value), quote!(value))
        };
        self.arms
            .push(quote!(Self::#ident(#binding) => f.debug_tuple(#name).field(#value).finish(),));
    }

    pub(super) fn debug(self, head: &Head<'_>) -> Debug {
        let Self { whole, hides, arms, .. } = self;
        if whole {
            let (name, redacted) = (head.name.to_string(), redacted());
            let body = quote!(f.debug_tuple(#name).field(#redacted).finish());
            return Debug::ByHand(implementation(head, &body));
        }
        if !hides {
            return Debug::Derived;
        }
        Debug::ByHand(implementation(head, &quote!(match self { #(#arms)* })))
    }
}

/// The name that a field has in the arm of an alternative, where `f` is the formatter.
fn binding(field: &Field, fields: &[Field]) -> Ident {
    let mut name = field.ident.clone();
    while name == "f" || (name != field.ident && fields.iter().any(|other| other.ident == name)) {
        name = format_ident!("{name}_");
    }
    name
}

fn implementation(head: &Head<'_>, body: &TokenStream) -> TokenStream {
    let name = &head.name;
    // Only deprecation stands before the derives.
    let allow = (!head.attributes.is_empty()).then(|| quote!(#[allow(deprecated)]));
    quote! {
        #allow
        impl ::core::fmt::Debug for #name {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                #body
            }
        }
    }
}

fn shown(field: &Field, value: &TokenStream) -> TokenStream {
    let label = field.ident.to_string();
    let label = label.strip_prefix("r#").unwrap_or(&label);
    quote!(.field(#label, #value))
}

fn redacted() -> TokenStream {
    quote!(&::tidings::__private::Redacted)
}

fn is_hidden(scope: Scope<'_>, object: &Object, field: &Field) -> bool {
    match field.described_by(object) {
        Some(property) => hides(scope, &property.schema),
        None => object.extra.as_deref().is_some_and(|extra| hides(scope, extra)),
    }
}

/// Whether a value must be hidden by the type that holds it: it is personal, or a list or map of what is. What has a type of
/// its own hides itself.
fn hides(scope: Scope<'_>, schema: &Schema) -> bool {
    if scope.mark(schema).is_some() {
        return true;
    }
    match &schema.shape {
        Shape::Array(array) => hides(scope, &array.items),
        Shape::Tuple(items) => items.iter().any(|item| hides(scope, item)),
        Shape::Map(map) => {
            map.keys.as_deref().is_some_and(|keys| keys.pii.is_some()) || hides(scope, &map.values)
        }
        _ => false,
    }
}
