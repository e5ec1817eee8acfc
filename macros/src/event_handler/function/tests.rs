use proc_macro2::TokenStream;
use quote::quote;

use crate::event_handler;
use crate::snapshot::pretty;

#[test]
fn a_function_becomes_a_handler_value() {
    insta::assert_snapshot!(pretty(&event_handler::expand(
        TokenStream::new(),
        &quote! {
            /// Greets the customer.
            #[tracing::instrument]
            pub(crate) async fn greet(
                order: OrderCreated,
                cx: billing::Context,
                State(mailer): State<Mailer>,
            ) -> Handled {
                mailer.send(order.email, cx.organization()).await
            }
        },
    )));
}

#[test]
fn a_named_subscription_fixes_the_service() {
    insta::assert_snapshot!(pretty(&event_handler::expand(
        quote!(billing::invoicing),
        &quote! {
            #[cfg(feature = "mail")]
            async fn greet(order: orders::OrderCreated, cx: billing::Context) -> Result<(), MailError> {
                Ok(())
            }
        },
    )));
}

#[test]
fn the_event_alone_is_enough() {
    insta::assert_snapshot!(pretty(&event_handler::expand(
        TokenStream::new(),
        &quote! {
            async fn count(_: OrderCreated) -> Handled { Ok(()) }
        },
    )));
}

#[test]
fn with_a_mistake_the_name_still_is_a_handler() {
    insta::assert_snapshot!(pretty(&event_handler::expand(
        TokenStream::new(),
        &quote! {
            fn greet(order: &OrderCreated) { println!("{order:?}") }
        },
    )));
}
