//! Names that the server refuses.

use crate::codes::{Code, Fixtures, Level};
use crate::lint::{Findings, Rule, Scope};
use crate::model::Catalog;
use crate::source::Span;

pub(in crate::lint) const RULE: Rule = Rule {
    code: Code {
        id: "T304",
        name: "jetstream-name",
        level: Level::Error,
        configurable: false,
        explanation: "JetStream refuses names of streams and consumers that are empty, longer than 255 bytes, or hold a space, a dot, a wildcard or a slash (ADR-6).",
        fixtures: Fixtures::Catalogs { failing: FAILING, passing: PASSING },
    },
    scope: Scope::Part,
    check,
};

const LONGEST: usize = 255;

fn check(catalog: &Catalog, findings: &mut Findings<'_>) {
    for stream in catalog.streams.values() {
        judge("stream", &stream.name, stream.span, findings);
    }
    for subscription in catalog.services.values().flat_map(|service| service.subscriptions.values())
    {
        judge("consumer", &subscription.durable, subscription.span, findings);
    }
}

fn judge(what: &str, name: &str, span: Span, findings: &mut Findings<'_>) {
    let refused = |c: char| c.is_whitespace() || c.is_control() || ".*>/\\".contains(c);
    let finding = if name.len() > LONGEST {
        format!("the {what}'s name has {} bytes; JetStream takes {LONGEST}", name.len())
    } else if let Some(c) = name.chars().find(|c| refused(*c) || !c.is_ascii()) {
        format!("the {what}'s name `{}` holds {c:?}", name.escape_debug())
    } else {
        return;
    };
    let help = "use letters, digits, `_` and `-`; streams are mostly written `ORDERS_EVENTS`";
    findings.push(RULE.code.at(span, finding).help(help));
}

const FAILING: &str = r#"
# orders/domain.yaml
domain: orders
stream: { name: orders.events }
"#;

const PASSING: &str = r#"
# orders/domain.yaml
domain: orders
stream: { name: ORDERS-EVENTS_2 }
"#;
