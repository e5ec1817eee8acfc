//! `#[derive(Event)]`.

use proc_macro2::TokenStream;
use quote::quote;

use crate::errors::Errors;

mod expand;
mod parse;
mod validate;

const EXPECTED: &str = "name the catalog's type, as in `#[event(orders::OrderCreated)]`";

pub(crate) fn expand(item: TokenStream) -> TokenStream {
    let item = match syn::parse2(item) {
        Ok(item) => item,
        Err(error) => return error.into_compile_error(),
    };
    let mut errors = Errors::default();
    let attributes = parse::attributes(&item, &mut errors);
    let expanded =
        validate::validate(&item, attributes, &mut errors).map(|event| expand::expand(&event));
    let errors = errors.finish();
    quote! { #expanded #errors }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot::pretty;

    #[test]
    fn a_struct_is_bound_to_its_contract() {
        insta::assert_snapshot!(pretty(&expand(quote! {
            #[event(orders::OrderCreated)]
            pub struct MyOrder {
                order_id: OrderId,
            }
        })));
    }

    #[test]
    fn a_misspelt_option_beside_a_contract_takes_nothing_away() {
        insta::assert_snapshot!(pretty(&expand(quote! {
            #[event(orders::OrderCreated, version = 2)]
            struct MyOrder;
        })));
    }
}
