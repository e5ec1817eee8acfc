//! From one version of an event to another: the links of its type, and tests that they hold for the examples.

use proc_macro2::{Literal, TokenStream};
use quote::{format_ident, quote};

use super::event::raw;
use super::names;
use crate::model::{Change, Conversion, Event, How, Version};

/// What the specification says of the link that leads to this version; nothing where none does.
pub(super) fn upcast(event: &Event, version: &Version) -> TokenStream {
    let Some(link) = event.link(version.id.major) else { return TokenStream::new() };
    let old = old_type(event, link.from.major);
    let link = match &link.how {
        How::Declared(conversion) => {
            let steps = steps(conversion);
            quote!(declared::<#old>(#steps))
        }
        How::ByHand => quote!(by_hand::<#old, Self>()),
    };
    quote!(.with_upcast(const { &::tidings::__private::Link::#link }))
}

/// What the specification says of the older version in which its events are published too.
pub(super) fn downcast(event: &Event, version: &Version) -> TokenStream {
    let Some(downcast) = event.downcast(version.id.major) else { return TokenStream::new() };
    let old = old_type(event, downcast.major);
    let steps = steps(&downcast.conversion);
    quote!(.with_downcast(const { &::tidings::__private::Downcast::new::<#old>(#steps) }))
}

/// `impl Upcast` for a link that the catalog declares.
pub(super) fn declared(event: &Event, version: &Version) -> TokenStream {
    let link = event.link(version.id.major);
    let Some(link) = link.filter(|link| matches!(link.how, How::Declared(_))) else {
        return TokenStream::new();
    };
    let name = names::ident(&event.rust_name);
    let old = old_type(event, link.from.major);
    let is_deprecated = version.deprecated.is_some() || names_deprecated(event, version);
    let allow = is_deprecated.then(|| quote!(#[allow(deprecated)]));
    quote! {
        #allow
        impl ::tidings::Upcast<#old> for #name {
            fn upcast(old: #old) -> ::core::result::Result<Self, ::tidings::UpcastError> {
                ::tidings::__private::upcast(&old)
            }
        }
    }
}

/// Whether what this version says of others names a deprecated one.
pub(super) fn names_deprecated(event: &Event, version: &Version) -> bool {
    let major = version.id.major;
    let upcast = event.link(major).map(|link| link.from.major);
    let downcast = event.downcast(major).map(|downcast| downcast.major);
    let majors = event.majors();
    let mut named = upcast.into_iter().chain(downcast);
    named.any(|major| majors.get(&major).is_some_and(|version| version.deprecated.is_some()))
}

/// Tests that every example of an older version can be brought to this one, and those of this one to the older versions
/// in which it is published too; nothing where no version has to do with another.
pub(super) fn tests<'e>(major: u16, events: impl Iterator<Item = &'e Event>) -> TokenStream {
    let tests: Vec<TokenStream> = events.filter_map(|event| test(event, major)).collect();
    if tests.is_empty() {
        return TokenStream::new();
    }
    quote! {
        #[cfg(test)]
        #[allow(deprecated)]
        mod tests {
            #(#tests)*
        }
    }
}

fn test(event: &Event, major: u16) -> Option<TokenStream> {
    let name = names::ident(&event.rust_name);
    let mut examples = Vec::new();
    for older in event.reached_from(major) {
        for version in event.of_major(older) {
            let [major, minor] = [version.id.major, version.id.minor].map(Literal::u16_unsuffixed);
            examples.extend(version.examples.iter().map(|example| {
                let payload = raw(&example.value.to_string());
                quote!((::tidings::Version::new(#major, #minor), #payload))
            }));
        }
    }
    let upcasts = (!examples.is_empty())
        .then(|| quote!(::tidings::__private::assert_upcasts::<super::#name>(&[#(#examples),*]);));
    let downcasts = event
        .downcast(major)
        .map(|_| quote!(::tidings::__private::assert_downcasts::<super::#name>();));
    let test = format_ident!("{}_in_other_versions", event.method_name);
    (upcasts.is_some() || downcasts.is_some()).then(|| {
        quote! {
            #[test]
            fn #test() {
                #upcasts
                #downcasts
            }
        }
    })
}

/// The event's type in another version, seen from the module of one.
fn old_type(event: &Event, major: u16) -> TokenStream {
    let (module, name) = (format_ident!("v{major}"), names::ident(&event.rust_name));
    quote!(super::#module::#name)
}

fn steps(conversion: &Conversion) -> TokenStream {
    let steps = conversion.steps.iter().map(|step| {
        let at = &step.at;
        let step = match &step.change {
            Change::Move(target) => quote!(move_to(#at, #target)),
            Change::Drop => quote!(drop(#at)),
            Change::Map(values) => {
                let values = values.iter().map(|(old, new)| {
                    let new = raw(&new.to_string());
                    quote!((#old, #new))
                });
                quote!(map(#at, &[#(#values),*]))
            }
            Change::Set(value) => {
                let value = raw(&value.to_string());
                quote!(set(#at, #value))
            }
            Change::Default(value) => {
                let value = raw(&value.to_string());
                quote!(default_to(#at, #value))
            }
        };
        quote!(::tidings::__private::Step::#step)
    });
    quote!(const { &[#(#steps),*] })
}
