//! Rust names that two things want.

use std::collections::{BTreeMap, BTreeSet};

use crate::codes::{Code, Fixtures, Level};
use crate::diagnostic::Diagnostic;
use crate::lint::{Findings, Rule, Scope};
use crate::model::{Catalog, Event};
use crate::source::Span;

pub(in crate::lint) const RULE: Rule = Rule {
    code: Code {
        id: "T110",
        name: "rust-name-collision",
        level: Level::Error,
        configurable: false,
        explanation: "A domain and a service of the same name share one Rust module, and every name in a module is there once.",
        fixtures: Fixtures::Catalogs { failing: FAILING, passing: PASSING },
    },
    scope: Scope::Part,
    check,
};

/// What the generator puts into the module of a service, and of a domain.
const OF_SERVICES: [&str; 3] = ["Context", "Publisher", "Service"];

fn check(catalog: &Catalog, findings: &mut Findings<'_>) {
    for module in catalog.domains.keys().chain(catalog.services.keys()).collect::<BTreeSet<_>>() {
        names_in(catalog, module, findings);
    }
}

fn names_in(catalog: &Catalog, module: &str, findings: &mut Findings<'_>) {
    let service = catalog.services.get(module);
    let mut taken: BTreeMap<&str, (String, Span)> = BTreeMap::new();
    if let Some(service) = service {
        for name in OF_SERVICES {
            taken.insert(name, (format!("the service's own `{name}`"), service.span));
        }
    }
    let mut events: BTreeMap<&str, &Event> = BTreeMap::new();
    for event in catalog.events.values().filter(|event| event.domain == module) {
        let span = event.places.get("name").unwrap_or(event.span);
        if let Some(first) = events.insert(&event.method_name, event) {
            let other = format!("the event `{}`", first.id);
            let place = first.places.get("name").unwrap_or(first.span);
            findings.push(collision(&event.rust_name, span, &other, place));
            continue;
        }
        claim(&mut taken, &event.rust_name, format!("the event `{}`", event.id), span, findings);
    }
    for subscription in service.iter().flat_map(|service| service.subscriptions.values()) {
        let what = format!("the subscription `{}`", subscription.name);
        claim(&mut taken, &subscription.rust_name, what, subscription.span, findings);
    }
    // Each major version has a module, where the `$defs` of its payloads stand beside the events.
    let mut majors: BTreeMap<u16, BTreeMap<&str, (String, Span)>> = BTreeMap::new();
    for event in events.values() {
        for (major, version) in event.majors() {
            let taken = majors.entry(major).or_insert_with(|| taken.clone());
            // Two of one payload are reported where they are read.
            let own: BTreeMap<&str, Span> = version
                .definitions
                .iter()
                .rev()
                .map(|local| (local.rust_name.as_str(), local.span))
                .collect();
            for (name, span) in own {
                claim(taken, name, format!("a type in `$defs` of `{}`", event.id), span, findings);
            }
        }
    }
}

fn claim<'c>(
    taken: &mut BTreeMap<&'c str, (String, Span)>,
    name: &'c str,
    what: String,
    span: Span,
    findings: &mut Findings<'_>,
) {
    match taken.get(name) {
        Some((other, place)) => findings.push(collision(name, span, other, *place)),
        None => {
            taken.insert(name, (what, span));
        }
    }
}

fn collision(name: &str, span: Span, other: &str, place: Span) -> Diagnostic {
    RULE.code
        .at(span, format!("`{name}` is the Rust name of {other} already"))
        .and(place, "which is declared here")
        .help("an event takes another Rust name with `name: …`; rename what has no `name`")
}

const FAILING: &str = r#"
# orders/created.yaml
event: orders.order.created
versions: { 1.0: { payload: { type: object } } }
# orders/publisher.yaml
event: orders.publisher
name: Publisher
versions: { 1.0: { payload: { type: object } } }
# services/orders.yaml
service: orders
publishes: [orders.order.created]
"#;

const PASSING: &str = r#"
# orders/publisher.yaml
event: orders.publisher
versions: { 1.0: { payload: { type: object } } }
# services/orders.yaml
service: orders
"#;
