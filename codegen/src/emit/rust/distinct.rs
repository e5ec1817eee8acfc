//! Where a mistake gave two things one name, the first keeps it: rustc would otherwise say the same again, and more.

use std::collections::HashSet;

use quote::ToTokens as _;
use syn::{Fields, ImplItem, Item, TraitItem};

/// Leaves out what has the name of something before it in the same scope.
pub(super) fn keep_first(items: &mut Vec<Item>) {
    let mut seen = HashSet::new();
    items.retain_mut(|item| {
        let names = names(item);
        if names.iter().any(|name| seen.contains(name)) {
            return false;
        }
        seen.extend(names);
        within(item);
        true
    });
}

/// The names that an item takes, each with its namespace. An implementation takes the place of its kind for its type.
fn names(item: &Item) -> Vec<String> {
    let of_type = |name: &syn::Ident| vec![format!("type {name}")];
    let of_value = |name: &syn::Ident| vec![format!("value {name}")];
    match item {
        Item::Struct(item) => of_type(&item.ident),
        Item::Enum(item) => of_type(&item.ident),
        Item::Trait(item) => of_type(&item.ident),
        Item::Type(item) => of_type(&item.ident),
        Item::Mod(item) => of_type(&item.ident),
        Item::Const(item) => of_value(&item.ident),
        Item::Static(item) => of_value(&item.ident),
        Item::Fn(item) => of_value(&item.sig.ident),
        Item::Use(item) => last_name(&item.tree).map(of_type).unwrap_or_default(),
        Item::Impl(item) => {
            let of = item.trait_.as_ref().map(|(path, _)| path.to_token_stream().to_string());
            let own = item.self_ty.to_token_stream();
            vec![format!("impl {} for {own}", of.unwrap_or_default())]
        }
        // The codec of a type, whose name it begins with.
        Item::Macro(item) => {
            let first = item.mac.tokens.clone().into_iter().next();
            first.map(|name| format!("macro for {name}")).into_iter().collect()
        }
        _ => Vec::new(),
    }
}

fn last_name(tree: &syn::UseTree) -> Option<&syn::Ident> {
    match tree {
        syn::UseTree::Path(path) => last_name(&path.tree),
        syn::UseTree::Name(name) => Some(&name.ident),
        _ => None,
    }
}

fn within(item: &mut Item) {
    match item {
        Item::Mod(item) => {
            if let Some((_, items)) = &mut item.content {
                keep_first(items);
            }
        }
        Item::Struct(item) => {
            if let Fields::Named(fields) = &mut item.fields {
                let named = std::mem::take(&mut fields.named);
                fields.named = first_of_each(named, |field| field.ident.clone());
            }
        }
        Item::Enum(item) => {
            let variants = std::mem::take(&mut item.variants);
            item.variants = first_of_each(variants, |variant| Some(variant.ident.clone()));
        }
        Item::Trait(item) => {
            let items = std::mem::take(&mut item.items);
            item.items = first_of_each(items, |item| match item {
                TraitItem::Fn(method) => Some(method.sig.ident.clone()),
                _ => None,
            });
        }
        Item::Impl(item) => {
            let items = std::mem::take(&mut item.items);
            item.items = first_of_each(items, |item| match item {
                ImplItem::Fn(method) => Some(method.sig.ident.clone()),
                _ => None,
            });
        }
        _ => {}
    }
}

/// What has no name stays.
fn first_of_each<T, C: FromIterator<T>>(
    all: impl IntoIterator<Item = T>,
    name: impl Fn(&T) -> Option<syn::Ident>,
) -> C {
    let mut seen = HashSet::new();
    all.into_iter().filter(|one| name(one).is_none_or(|name| seen.insert(name))).collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_first_keeps_the_name() {
        let mut file: syn::File = syn::parse_quote! {
            pub mod m {
                pub use self::v1::A;
                pub struct A { pub a: u8, pub b: u8, pub a: u16 }
                pub struct B { pub a: u8, pub a: u16 }
                pub trait B {}
                impl Event for B { fn f(&self) {} fn f(&self) {} }
                impl Event for B {}
                impl Other for B {}
                record! { B { a "a" Required, } }
                record! { B { b "b" Required, } }
                pub const B: u8 = 1;
                pub fn B() {}
            }
        };
        super::keep_first(&mut file.items);
        let expected: syn::File = syn::parse_quote! {
            pub mod m {
                pub use self::v1::A;
                pub struct B { pub a: u8, }
                impl Event for B { fn f(&self) {} }
                impl Other for B {}
                record! { B { a "a" Required, } }
                pub const B: u8 = 1;
            }
        };
        let (items, expected) = (&file.items, &expected.items);
        let text = |items: &[syn::Item]| prettyplease::unparse(&syn::parse_quote!(#(#items)*));
        assert_eq!(text(items), text(expected));
    }
}
