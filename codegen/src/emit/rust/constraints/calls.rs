//! The constraints of single values, as calls of the SDK's checks.

use proc_macro2::{Literal, TokenStream};
use quote::{format_ident, quote};

use crate::model::{Bound, Format, Integer, Number, Text};

pub(super) fn limits(least: Option<u64>, most: Option<u64>) -> TokenStream {
    let least = least.map(Literal::u64_unsuffixed).map(|least| quote!(.min(#least)));
    let most = most.map(Literal::u64_unsuffixed).map(|most| quote!(.max(#most)));
    quote!(#least #most)
}

pub(super) fn of_integer(integer: &Integer) -> TokenStream {
    let (low, high) = match integer.is_unsigned() {
        true => (0, i128::from(u64::MAX)),
        false => (i128::from(i64::MIN), i128::from(i64::MAX)),
    };
    let literal = Literal::i128_unsuffixed;
    // What the type cannot break is not checked.
    let minimum = integer.minimum.filter(|least| *least > low).map(literal);
    let minimum = minimum.map(|least| quote!(.minimum(#least)));
    let maximum = integer.maximum.filter(|most| *most < high).map(literal);
    let maximum = maximum.map(|most| quote!(.maximum(#most)));
    let step = integer.multiple_of.filter(|step| *step != 1).map(Literal::u64_unsuffixed);
    let step = step.map(|step| quote!(.multiple_of(#step)));
    let values = integer.values.iter().copied().map(literal);
    let values = (!integer.values.is_empty()).then(|| quote!(.one_of(&[#(#values),*])));
    quote!(#minimum #maximum #step #values)
}

pub(super) fn of_number(number: &Number) -> TokenStream {
    let bound = |bound: Option<Bound>, inclusive: &str, exclusive: &str| {
        bound.map(|Bound { value, exclusive: is_exclusive }| {
            let method = format_ident!("{}", if is_exclusive { exclusive } else { inclusive });
            let value = float(value);
            quote!(.#method(#value))
        })
    };
    let minimum = bound(number.minimum, "minimum", "exclusive_minimum");
    let maximum = bound(number.maximum, "maximum", "exclusive_maximum");
    let step = number.multiple_of.map(float).map(|step| quote!(.multiple_of(#step)));
    let values = number.values.iter().copied().map(float);
    let values = (!number.values.is_empty()).then(|| quote!(.one_of(&[#(#values),*])));
    quote!(#minimum #maximum #step #values)
}

/// JSON's numbers are finite.
fn float(value: f64) -> Literal {
    Literal::f64_unsuffixed(if value.is_finite() { value } else { 0.0 })
}

pub(super) fn of_text(text: &Text) -> TokenStream {
    let Text { format: named, patterns, min_length, max_length, encoding } = text;
    let least = min_length.map(Literal::u64_unsuffixed).map(|least| quote!(.min_length(#least)));
    let most = max_length.map(Literal::u64_unsuffixed).map(|most| quote!(.max_length(#most)));
    let named = match named {
        Some(Format::Other(name)) => Some(format(name)),
        _ => None,
    };
    let encoding = encoding.map(|encoding| {
        // The variants are called the same there.
        let encoding = format_ident!("{encoding:?}");
        quote!(.encoding(::tidings::__private::Encoding::#encoding))
    });
    let patterns =
        patterns.iter().map(|one| quote!(.pattern(::tidings::__private::pattern!(#one))));
    quote!(#least #most #named #encoding #(#patterns)*)
}

pub(super) fn format(name: &str) -> TokenStream {
    let Some(format) = tidings_payload::Format::named(name) else { return TokenStream::new() };
    let format = format_ident!("{format:?}");
    quote!(.format(::tidings::__private::Format::#format))
}
