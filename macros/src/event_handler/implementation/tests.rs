use proc_macro2::TokenStream;
use quote::quote;

use crate::event_handler;
use crate::snapshot::pretty;

#[test]
fn a_handler_is_left_as_written() {
    insta::assert_snapshot!(pretty(&event_handler::expand(
        TokenStream::new(),
        &quote! {
            /// Takes the money.
            impl billing::Invoicing for Invoicing {
                async fn order_created(&self, order: OrderCreated, cx: &billing::Context) -> Handled {
                    self.db.insert(&order).await?;
                    Ok(())
                }
            }
        },
    )));
}

#[test]
fn an_error_of_ones_own_is_converted() {
    insta::assert_snapshot!(pretty(&event_handler::expand(
        TokenStream::new(),
        &quote! {
            impl<D: Db> Invoicing for Handler<D> where D: Clone {
                #[tracing::instrument(skip_all)]
                async fn order_created(&self, order: OrderCreated, _: &Context) -> Result<(), DbError> {
                    self.db.insert(&order).await
                }
            }
        },
    )));
}

#[test]
fn a_method_with_a_mistake_has_a_stub() {
    insta::assert_snapshot!(pretty(&event_handler::expand(
        TokenStream::new(),
        &quote! {
            impl billing::Invoicing for Invoicing {
                fn order_created(&mut self, order: OrderCreated) -> Handled {
                    self.count += 1;
                    Ok(())
                }

                async fn order_paid(&self, order: OrderPaid, cx: &billing::Context) -> Handled {
                    Ok(())
                }
            }
        },
    )));
}

#[test]
fn without_its_event_a_method_has_no_stub() {
    insta::assert_snapshot!(pretty(&event_handler::expand(
        TokenStream::new(),
        &quote! {
            impl billing::Invoicing for Invoicing {
                async fn order_created(&self, cx: &billing::Context) -> Handled { Ok(()) }
                async fn order_paid(&self, order: OrderPaid, cx: &billing::Context) -> Handled { Ok(()) }
            }
        },
    )));
}
