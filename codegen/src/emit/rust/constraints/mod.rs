//! `impl Constrained`: what a schema demands beyond the Rust type, as calls of the SDK's checks.
//!
//! Only types with constraints in them, their own or those of their parts, get one, and it names only the parts that have
//! some.

mod calls;
mod presence;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{Ident, Literal, TokenStream};
use quote::{format_ident, quote};

use self::calls::{format, limits, of_integer, of_number, of_text};
use self::presence::{Fields, binding, counts};
use super::field::Field;
use crate::model::{
    Array, Format, Map, Object, Property, Schema, Scope, Shape, Tagging, TypeRef, Variant,
};

/// Writes the checks of the types of one scope.
pub(super) struct Constraints<'a> {
    scope: Scope<'a>,
    known: RefCell<BTreeMap<TypeRef, bool>>,
}

/// A check of one place.
struct Check {
    code: TokenStream,
    /// Whether the code is a call that gives nothing, and so can be a closure as it is.
    is_unit: bool,
}

impl<'a> Constraints<'a> {
    pub(super) fn new(scope: Scope<'a>) -> Self {
        Self { scope, known: RefCell::default() }
    }

    /// Whether values of a schema can break something that their Rust type allows.
    pub(super) fn has_some(&self, schema: &Schema) -> bool {
        self.reaches_some(schema, &mut BTreeSet::new())
    }

    fn reaches_some(&self, schema: &Schema, seen: &mut BTreeSet<TypeRef>) -> bool {
        let Shape::Ref(target) = &schema.shape else {
            let mut inner = schema.inner().into_iter();
            return is_constrained(&schema.shape)
                || inner.any(|inner| self.reaches_some(inner, seen));
        };
        if let Some(known) = self.known.borrow().get(target) {
            return *known;
        }
        let is_first = seen.is_empty();
        if !seen.insert(target.clone()) {
            return false;
        }
        let found = self.scope.get(target);
        let reaches = found.is_some_and(|found| self.reaches_some(&found.schema, seen));
        // Within a ring, `false` says only that the rest of the ring has to tell.
        if reaches || is_first {
            self.known.borrow_mut().insert(target.clone(), reaches);
        }
        reaches
    }

    /// The implementation for a struct.
    pub(super) fn record(&self, name: &Ident, schema: &Schema, fields: &[Field]) -> TokenStream {
        let Shape::Object(object) = &self.scope.follow(schema).shape else {
            return TokenStream::new();
        };
        let fields = Fields { fields, of_self: true, tagged: false };
        self.implementation(name, schema, || self.object(object, &fields))
    }

    /// The implementation for a type around one value.
    pub(super) fn newtype(&self, name: &Ident, schema: &Schema) -> TokenStream {
        self.implementation(name, schema, || {
            let check = self.bare(schema, &quote!(at), &quote!(&self.0));
            let check = check.map(|check| check.code);
            quote!(#check;)
        })
    }

    /// The implementation for an enum of alternatives; each arm is one of [`Self::variant`].
    pub(super) fn alternatives(
        &self,
        name: &Ident,
        schema: &Schema,
        arms: &[Option<TokenStream>],
    ) -> TokenStream {
        let others = arms.iter().any(Option::is_none).then(|| quote!(_ => {}));
        let arms = arms.iter().flatten();
        let code = self.implementation(name, schema, || quote!(match self { #(#arms)* #others }));
        let allow = (others.is_some() && !code.is_empty()).then(|| {
            quote! {
                #[allow(
                    clippy::collapsible_match,
                    clippy::single_match,
                    reason = "one arm for each alternative with constraints"
                )]
            }
        });
        quote!(#allow #code)
    }

    /// The arm of an alternative with fields of its own; none where it has no constraints.
    pub(super) fn variant(
        &self,
        ident: &Ident,
        schema: &Schema,
        fields: &[Field],
    ) -> Option<TokenStream> {
        let Shape::Object(object) = &self.scope.follow(schema).shape else { return None };
        if !self.has_some(schema) {
            return None;
        }
        let used = fields.iter().filter(|field| {
            let property = field.described_by(object);
            let has_some = match property {
                Some(property) => self.has_some(&property.schema),
                None => object.extra.as_ref().is_some_and(|extra| self.has_some(extra)),
            };
            has_some || counts(object, field)
        });
        let bindings: Vec<_> = used
            .map(|field| {
                let (ident, binding) = (&field.ident, binding(field));
                if *ident == binding { quote!(#ident) } else { quote!(#ident: #binding) }
            })
            .collect();
        let rest = (bindings.len() < fields.len()).then(|| quote!(..));
        let personal = personal(schema);
        let checks = self.object(object, &Fields { fields, of_self: false, tagged: true });
        Some(quote!(Self::#ident { #(#bindings,)* #rest } => { #personal #checks }))
    }

    /// The arm of an alternative that holds one value; none where it has no constraints.
    pub(super) fn content(&self, variant: &Variant, tagging: &Tagging) -> Option<TokenStream> {
        let ident = super::names::segment(&variant.name);
        let at = match (tagging, &variant.tag) {
            (Tagging::External, Some(tag)) => quote!(at.property(#tag)),
            _ => quote!(at),
        };
        let is_option = self.scope.is_nullable(&variant.schema);
        let Check { code, is_unit } =
            self.present(&variant.schema, &at, &quote!(value), is_option)?;
        let body = if is_unit { quote!(#code,) } else { quote!({ #code; }) };
        Some(quote!(Self::#ident(value) => #body))
    }

    fn implementation(
        &self,
        name: &Ident,
        schema: &Schema,
        checks: impl FnOnce() -> TokenStream,
    ) -> TokenStream {
        if !self.has_some(schema) {
            return TokenStream::new();
        }
        let personal = personal(schema);
        let checks = checks();
        quote! {
            impl ::tidings::__private::Constrained for #name {
                fn check(&self, at: ::tidings::__private::At<'_>) {
                    #personal
                    #checks
                }
            }
        }
    }

    fn object(&self, object: &Object, fields: &Fields<'_>) -> TokenStream {
        let mut checks = TokenStream::new();
        let Object { min_properties, max_properties, .. } = object;
        if min_properties.is_some() || max_properties.is_some() {
            let (always, perhaps) = fields.presence(object);
            let limits = limits(*min_properties, *max_properties);
            checks.extend(quote!(at.properties(#always, &[#(#perhaps),*])#limits;));
        }
        for (property, others) in &object.dependent_required {
            let there = fields.is_there(object, property);
            let others = others.iter().filter_map(|other| {
                let there = fields.is_there(object, other)?;
                Some(quote!((#other, #there)))
            });
            let others: Vec<_> = others.collect();
            if !others.is_empty() {
                let there = there.unwrap_or_else(|| quote!(true));
                checks.extend(quote!(at.requires(#property, #there, &[#(#others),*]);));
            }
        }
        for field in fields.fields {
            let property = field.described_by(object);
            let check = property.and_then(|property| self.property(property, field, fields));
            if let Some(check) = check {
                checks.extend(quote!(#check;));
            }
        }
        if let (Some(extra), Some(field)) = (&object.extra, fields.extra()) {
            let (place, each) = (fields.place(field), self.each(extra, "value"));
            checks.extend(each.map(|each| quote!(at.entries(#place)#each;)));
        }
        checks
    }

    fn property(
        &self,
        property: &Property,
        field: &Field,
        fields: &Fields<'_>,
    ) -> Option<TokenStream> {
        let name = &property.name;
        let (at, place) = (quote!(at.property(#name)), fields.place(field));
        let check = self.present(&property.schema, &at, &place, field.optional)?.code;
        let least = match &property.schema.shape {
            Shape::Array(array) => array.min_items,
            Shape::Map(map) => map.min_properties,
            _ => None,
        };
        // What is left out where it is empty is not too short then.
        let absent = field.empty_is_absent && least.is_some();
        Some(if absent {
            let is_there = fields.is_some(field);
            quote!(if #is_there { #check; })
        } else {
            check
        })
    }

    /// The check of a value that may be `None`.
    fn present(
        &self,
        schema: &Schema,
        at: &TokenStream,
        place: &TokenStream,
        is_option: bool,
    ) -> Option<Check> {
        if !is_option {
            return self.bare(schema, at, place);
        }
        let code = self.bare(schema, at, &quote!(value))?.code;
        Some(Check { code: quote!(if let Some(value) = #place { #code; }), is_unit: false })
    }

    /// The check of a value that is there.
    fn bare(&self, schema: &Schema, at: &TokenStream, place: &TokenStream) -> Option<Check> {
        if !self.has_some(schema) {
            return None;
        }
        let personal = schema.pii.map(|_| quote!(.personal()));
        let at = quote!(#at #personal);
        let chained = |code| Some(Check { code, is_unit: false });
        let unit = |code| Some(Check { code, is_unit: true });
        match &schema.shape {
            Shape::Any | Shape::Null | Shape::Enum(_) => None,
            Shape::Boolean { only } => only.and_then(|only| unit(quote!(#at.only(*#place, #only)))),
            Shape::Integer(integer) => {
                let calls = of_integer(integer);
                chained(quote!(#at.number(#place)#calls))
            }
            Shape::Number(number) => {
                let calls = of_number(number);
                chained(quote!(#at.number(#place)#calls))
            }
            Shape::String(text) => {
                let calls = of_text(text);
                let is_text = matches!(text.format, None | Some(Format::Other(_)));
                // A type of its own, as it is written.
                let place = match is_text {
                    true => place.clone(),
                    false => quote!(&::std::string::ToString::to_string(#place)),
                };
                chained(quote!(#at.text(#place)#calls))
            }
            Shape::Array(array) => self.array(array, &at, place),
            Shape::Tuple(items) => Some(self.tuple(items, &at, place)),
            Shape::Map(map) => self.map(map, &at, place),
            Shape::Object(_) | Shape::OneOf(_) | Shape::Ref(_) => unit(quote!(#at.part(#place))),
        }
    }

    fn array(&self, array: &Array, at: &TokenStream, place: &TokenStream) -> Option<Check> {
        let limits = match array.fixed_length() {
            Some(_) => TokenStream::new(),
            None => limits(array.min_items, array.max_items),
        };
        let unique = array.unique.then(|| quote!(.unique()));
        let each = self.each(&array.items, "item");
        let is_unit = each.is_some();
        let code = quote!(#at.items(#place)#limits #unique #each);
        Some(Check { code, is_unit })
    }

    fn map(&self, map: &Map, at: &TokenStream, place: &TokenStream) -> Option<Check> {
        let limits = limits(map.min_properties, map.max_properties);
        let names = map.keys.as_ref().and_then(|keys| {
            let calls = match &keys.shape {
                Shape::String(text) => {
                    let own = of_text(text);
                    let typed = match &text.format {
                        None | Some(Format::Other(_)) => None,
                        Some(typed) => Some(format(typed.name())),
                    };
                    quote!(#typed #own)
                }
                Shape::Enum(values) => quote!(.one_of(&[#(#values),*])),
                _ => return None,
            };
            let code = quote!(.names(|name| { name #calls; }));
            (!calls.is_empty()).then_some(code)
        });
        let each = self.each(&map.values, "value");
        let is_unit = each.is_some();
        let code = quote!(#at.entries(#place)#limits #names #each);
        Some(Check { code, is_unit })
    }

    /// `.each(…)`, where what is in a list or a map has constraints.
    fn each(&self, inner: &Schema, name: &str) -> Option<TokenStream> {
        let name = format_ident!("{name}");
        let is_option = self.scope.is_nullable(inner);
        let code = self.present(inner, &quote!(at), &quote!(#name), is_option)?.code;
        let is_part = matches!(inner.shape, Shape::Object(_) | Shape::OneOf(_) | Shape::Ref(_));
        Some(match is_part && !is_option && inner.pii.is_none() {
            true => quote!(.parts()),
            false => quote!(.each(|at, #name| { #code; })),
        })
    }

    fn tuple(&self, items: &[Schema], at: &TokenStream, place: &TokenStream) -> Check {
        let checks = items.iter().enumerate().filter_map(|(index, item)| {
            let index = Literal::usize_unsuffixed(index);
            let (at, place) = (quote!(at.index(#index)), quote!(&tuple.#index));
            let check = self.present(item, &at, &place, self.scope.is_nullable(item))?;
            let code = check.code;
            Some(quote!(#code;))
        });
        Check { code: quote!(#at.tuple(#place, |at, tuple| { #(#checks)* })), is_unit: true }
    }
}

/// Whether a value can break something that its Rust type allows; what is in it aside.
fn is_constrained(shape: &Shape) -> bool {
    match shape {
        // JSON has no infinity and no NaN, and `f64` has.
        Shape::Number(_) => true,
        Shape::Boolean { only } => only.is_some(),
        Shape::Integer(integer) => !of_integer(integer).is_empty(),
        Shape::String(text) => !of_text(text).is_empty(),
        Shape::Array(array) => {
            let bounded = array.min_items.is_some() || array.max_items.is_some();
            array.unique || (bounded && array.fixed_length().is_none())
        }
        Shape::Object(object) => {
            object.min_properties.is_some()
                || object.max_properties.is_some()
                || !object.dependent_required.is_empty()
        }
        Shape::Map(map) => {
            map.min_properties.is_some() || map.max_properties.is_some() || map.keys.is_some()
        }
        Shape::Any
        | Shape::Null
        | Shape::Enum(_)
        | Shape::Tuple(_)
        | Shape::OneOf(_)
        | Shape::Ref(_) => false,
    }
}

/// All that is in a personal value is personal.
fn personal(schema: &Schema) -> Option<TokenStream> {
    schema.pii.map(|_| quote!(let at = at.personal();))
}
