//! In Rust, with the types that are generated from the catalog.

use std::collections::BTreeSet;

use super::super::people;
use super::Snippet;
use crate::model::{Catalog, Event, Published, Service, Subscribed, Subscription};
use crate::naming::identifier;

/// What the crate is called that includes the generated code.
const CRATE: &str = "event_catalog";

/// How a service publishes an event, and how one handles it: in the newest version that somebody does.
pub(in crate::emit) fn rust(catalog: &Catalog, event: &Event) -> Vec<Snippet> {
    let sent = people::sent(catalog, event).max_by_key(|(_, sent)| sent.major);
    let received = people::received(catalog, event).max_by_key(|(_, _, received)| received.major);
    let publishing = sent.map(|(service, sent)| publish(catalog, event, service, sent));
    let handling = received
        .map(|(service, subscription, received)| handle(event, service, subscription, received));
    publishing.into_iter().chain(handling).collect()
}

fn publish(catalog: &Catalog, event: &Event, service: &Service, sent: &Published) -> Snippet {
    let module = identifier(&service.name);
    let method = identifier(&sent.method_name);
    let organization = match &catalog.tenancy {
        Some(_) => ".organization(\"acme\")",
        None => "",
    };
    let code = format!(
        "{}use tidings::{{PublishError, Tidings}};\n\n\
         async fn publish(bus: &Tidings, event: {}) -> Result<(), PublishError> {{\n    \
             let publisher = {module}::Publisher::new(bus){organization};\n    \
             // Stored once this returns: it is tried again with the same id until the stream has it.\n    \
             publisher.{method}(event).await?;\n    \
             Ok(())\n\
         }}",
        imports([&event.domain, &service.name]),
        path(event, sent.major),
    );
    Snippet { language: "rust", title: format!("Published by `{}`", service.name), code }
}

fn handle(
    event: &Event,
    service: &Service,
    subscription: &Subscription,
    received: &Subscribed,
) -> Snippet {
    let method = identifier(&received.method_name);
    let handlers =
        format!("{}::{}::Handlers", identifier(&service.name), identifier(&subscription.name));
    let function = format!(
        "#[event_handler]\n\
         async fn {method}(event: {}) -> Handled {{\n    \
             println!(\"{{event:?}}\");\n    \
             Ok(()) // an error has it tried again, `Reject` makes it a dead letter at once\n\
         }}",
        path(event, received.major),
    );
    let code = if subscription.events.len() == 1 {
        format!(
            "{}use tidings::{{Handled, Subscriber, event_handler}};\n\n{function}\n\n\
             fn subscriber() -> Subscriber {{\n    {handlers} {{ {method} }}.subscriber() // for `bus.run(…)`\n}}",
            imports([&event.domain, &service.name]),
        )
    } else {
        let fields: Vec<String> =
            subscription.events.iter().map(|one| identifier(&one.method_name)).collect();
        format!(
            "{}use tidings::{{Handled, event_handler}};\n\n\
             // One of `{handlers} {{ {} }}`.\n{function}",
            imports([&event.domain]),
            fields.join(", "),
        )
    };
    let title = format!("Handled by `{}`, in `{}`", service.name, subscription.name);
    Snippet { language: "rust", title, code }
}

/// The modules of the generated code, each once.
fn imports<const N: usize>(modules: [&str; N]) -> String {
    let modules: BTreeSet<String> = modules.iter().map(|module| identifier(module)).collect();
    let modules: Vec<String> = modules.into_iter().collect();
    match modules.as_slice() {
        [one] => format!("use {CRATE}::{one};\n"),
        several => format!("use {CRATE}::{{{}}};\n", several.join(", ")),
    }
}

/// The event's type in its domain's module, where the newest version stands under its own name.
fn path(event: &Event, major: u16) -> String {
    let domain = identifier(&event.domain);
    if event.newest().id.major == major {
        format!("{domain}::{}", event.rust_name)
    } else {
        format!("{domain}::v{major}::{}", event.rust_name)
    }
}
