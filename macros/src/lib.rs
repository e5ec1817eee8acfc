//! The macros of Tidings. Use them, and read about them, through the `tidings` crate.

use proc_macro::TokenStream;

mod derive_event;
mod derive_event_union;
mod errors;
mod event_handler;
mod options;
mod signature;

#[cfg(test)]
mod snapshot;

/// See `tidings::event_handler`.
#[proc_macro_attribute]
pub fn event_handler(options: TokenStream, item: TokenStream) -> TokenStream {
    event_handler::expand(options.into(), &item.into()).into()
}

/// See the derive macro `tidings::Event`.
#[proc_macro_derive(Event, attributes(event))]
pub fn derive_event(item: TokenStream) -> TokenStream {
    derive_event::expand(item.into()).into()
}

/// See the derive macro `tidings::EventUnion`.
#[proc_macro_derive(EventUnion, attributes(event))]
pub fn derive_event_union(item: TokenStream) -> TokenStream {
    derive_event_union::expand(item.into()).into()
}
