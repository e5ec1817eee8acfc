//! Names that Rust, or the generated crate, keeps for itself.

use crate::codes::{Code, Fixtures, Level};
use crate::lint::{Findings, Rule, Scope};
use crate::model::Catalog;
use crate::naming::is_keyword;
use crate::source::Span;

pub(in crate::lint) const RULE: Rule = Rule {
    code: Code {
        id: "T111",
        name: "reserved-word",
        level: Level::Error,
        configurable: false,
        explanation: "The name becomes a Rust module or type that has a meaning of its own there.",
        fixtures: Fixtures::Catalogs { failing: FAILING, passing: PASSING },
    },
    scope: Scope::Part,
    check,
};

/// Modules that the generated crate has beside those of domains and services.
const MODULES: [&str; 1] = ["types"];

fn check(catalog: &Catalog, findings: &mut Findings<'_>) {
    let domains = catalog.domains.values().map(|domain| ("domain", &domain.name, domain.span));
    let services =
        catalog.services.values().map(|service| ("service", &service.name, service.span));
    for (what, name, span) in domains.chain(services) {
        if MODULES.contains(&name.as_str()) || is_keyword(name) {
            report(what, name, span, findings);
        }
    }
    for subscription in catalog.services.values().flat_map(|service| service.subscriptions.values())
    {
        let name = &subscription.name;
        let version = name.strip_prefix('v').is_some_and(|rest| rest.parse::<u16>().is_ok());
        if ["aggregates", "subjects"].contains(&name.as_str()) || version || is_keyword(name) {
            report("subscription", name, subscription.span, findings);
        }
    }
    for event in catalog.events.values().filter(|event| is_keyword(&event.rust_name)) {
        report("event", &event.rust_name, event.places.get("name").unwrap_or(event.span), findings);
    }
}

fn report(what: &str, name: &str, span: Span, findings: &mut Findings<'_>) {
    findings.push(
        RULE.code
            .at(span, format!("no {what} can be called `{name}`"))
            .help("Rust, or the generated code, keeps the word for itself; add a word to it"),
    );
}

const FAILING: &str = r#"
# orders/domain.yaml
domain: type
"#;

const PASSING: &str = r#"
# orders/domain.yaml
domain: types_of_goods
"#;
