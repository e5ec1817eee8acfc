//! The site of a catalog with a thousand events.

use fantoccini::error::CmdError;
use serde_json::json;
use tidings_codegen::compile_files;

use super::written;
use crate::browser::Browser;
use crate::fixture::until;

const DOMAINS: usize = 25;
const EVENTS: usize = 40;

fn catalog() -> Vec<(String, String)> {
    let mut files = vec![("catalog.yaml".to_owned(), "catalog: large".to_owned())];
    for domain in 0..DOMAINS {
        let name = format!("domain_{domain}");
        files.push((format!("{name}/domain.yaml"), format!("domain: {name}")));
        let mut publishes = Vec::new();
        for event in 0..EVENTS {
            let id = format!("{name}.thing_{event}.happened");
            let properties: Vec<String> = (0..4)
                .map(|field| format!("field_{field}: {{ type: string, maxLength: {} }}", event + 1))
                .collect();
            let text = format!(
                "event: {id}\nsummary: Thing {event} of {name}.\nversions:\n  1.0:\n    payload: {{ type: object, \
                 required: [field_0], properties: {{ {} }} }}",
                properties.join(", ")
            );
            files.push((format!("{name}/thing-{event}.yaml"), text));
            publishes.push(id);
        }
        let heard = format!("domain_{}.thing_0.happened", (domain + 1) % DOMAINS);
        let text = format!(
            "service: service_{domain}\npublishes: [{}]\nsubscriptions:\n  hearing:\n    events: [{heard}]",
            publishes.join(", ")
        );
        files.push((format!("services/service-{domain}.yaml"), text));
    }
    files
}

#[tokio::test]
async fn a_thousand_events_are_searched_and_shown() {
    let compilation = compile_files(catalog());
    assert_eq!(compilation.catalog.events.len(), DOMAINS * EVENTS);
    let (_folder, address) = written(&compilation.catalog);
    let browser = Browser::start().await;
    let seen = see(&browser, &address).await;
    browser.end().await;
    seen.expect("what a reader does");
}

async fn see(browser: &Browser, address: &str) -> Result<(), CmdError> {
    browser.client.goto(&format!("{address}/map.html")).await?;
    until("the map is there", async || browser.count(".board button").await > 0).await;
    assert_eq!(browser.count("[data-column=events] button").await, DOMAINS, "domains, not events");
    browser.click("[data-column=events] button[data-key=domain_7]").await;
    assert_eq!(browser.count("[data-column=events] button").await, EVENTS);
    browser.keep("site-large").await?;
    // A search looks at every field of every event, and still within a frame or few.
    let timed = "const done = arguments[0]; const input = document.querySelector('#search'); input.focus(); \
         const wait = () => window.TIDINGS_SEARCH ? type() : setTimeout(wait, 10); \
         const type = () => { const begun = performance.now(); input.value = 'thing_39 domain_24'; \
           input.dispatchEvent(new Event('input')); \
           const look = () => document.querySelector('#found a') ? done(performance.now() - begun) : setTimeout(look, 1); look(); }; \
         wait();";
    let took = browser.client.execute_async(timed, Vec::new()).await?;
    let found = browser.text("#found a").await;
    assert!(found.contains("domain_24.thing_39.happened"), "{found}");
    assert!(took.as_f64().is_some_and(|took| took < 1_000.0), "{took} ms");
    assert_ne!(took, json!(null));
    Ok(())
}
