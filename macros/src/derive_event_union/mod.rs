//! `#[derive(EventUnion)]`.

use proc_macro2::TokenStream;
use quote::quote;

use crate::errors::Errors;

mod expand;
mod validate;

pub(crate) fn expand(item: TokenStream) -> TokenStream {
    let item = match syn::parse2(item) {
        Ok(item) => item,
        Err(error) => return error.into_compile_error(),
    };
    let mut errors = Errors::default();
    let union = validate::validate(&item, &mut errors);
    let expanded = union.filter(|_| errors.len() == 0).map(|union| expand::expand(&union));
    let errors = errors.finish();
    quote! { #expanded #errors }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot::pretty;

    #[test]
    fn an_enum_becomes_a_union_of_its_events() {
        insta::assert_snapshot!(pretty(&expand(quote! {
            pub enum OrderEvent {
                Created(orders::OrderCreated),
                #[event(orders::OrderStatusChanged)]
                Moved(Box<MyStatusChanged>),
            }
        })));
    }

    #[test]
    fn every_mistake_is_told() {
        insta::assert_snapshot!(pretty(&expand(quote! {
            enum OrderEvent<T> {
                Created,
                Moved { event: OrderStatusChanged },
                Both(OrderCreated, OrderStatusChanged),
                One(orders::OrderCreated),
                Other(orders::OrderCreated),
                Any(T),
                #[event = "orders.order.created"]
                Text(MyOrder),
            }
        })));
    }
}
