//! Subjects longer than servers and tools expect.

use crate::codes::{Code, Fixtures, Level};
use crate::lint::{Findings, Rule, Scope};
use crate::model::Catalog;
use crate::source::Span;

pub(in crate::lint) const RULE: Rule = Rule {
    code: Code {
        id: "T313",
        name: "long-subject",
        level: Level::Warn,
        configurable: true,
        explanation: "Servers match subjects quickly up to 16 tokens, and tools expect no more than 256 characters. A dead letter's subject is the longest: it holds the service, the subscription and the event.",
        fixtures: Fixtures::Catalogs { failing: FAILING, passing: PASSING },
    },
    scope: Scope::Part,
    check,
};

const MOST_TOKENS: usize = 16;
const LONGEST: usize = 256;

fn check(catalog: &Catalog, findings: &mut Findings<'_>) {
    for event in catalog.events.values() {
        judge(&event.subject.template(), event.subject.span, findings);
    }
    for service in catalog.services.values() {
        for subscription in service.subscriptions.values() {
            for one in &subscription.events {
                let (first, subscription) = (&catalog.dead_letters.subject, &subscription.name);
                let subject = format!("{first}.{}.{subscription}.{}", service.name, one.event);
                let reported = catalog
                    .events
                    .get(&one.event)
                    .is_some_and(|event| is_long(&event.subject.template()));
                if !reported {
                    judge(&subject, one.span, findings);
                }
            }
        }
    }
}

fn is_long(subject: &str) -> bool {
    subject.len() > LONGEST || subject.split('.').count() > MOST_TOKENS
}

fn judge(subject: &str, span: Span, findings: &mut Findings<'_>) {
    if is_long(subject) {
        let (tokens, length) = (subject.split('.').count(), subject.len());
        let start: String = subject.chars().take(40).collect();
        let message = format!("the subject `{start}…` has {tokens} tokens and {length} characters");
        let help = format!(
            "{MOST_TOKENS} tokens and {LONGEST} characters are enough: use fewer or shorter words"
        );
        findings.push(RULE.code.at(span, message).help(help));
    }
}

const FAILING: &str = r#"
# orders/created.yaml
event: orders.order.created
subject: orders.a.b.c.d.e.f.g.h.i.j.k.l.m.n.o.created
versions: { 1.0: { payload: { type: object } } }
"#;

const PASSING: &str = r#"
# orders/created.yaml
event: orders.order.created
subject: orders.a.b.c.created
versions: { 1.0: { payload: { type: object } } }
"#;
