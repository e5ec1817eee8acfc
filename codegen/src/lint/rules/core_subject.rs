//! Subjects of core NATS that are not a service's own.

use crate::codes::{Code, Fixtures, Level};
use crate::lint::{Findings, Rule, Scope};
use crate::model::Catalog;
use crate::subject::{is_system, overlap};

pub(in crate::lint) const RULE: Rule = Rule {
    code: Code {
        id: "T321",
        name: "core-subject",
        level: Level::Error,
        configurable: true,
        explanation: "What a service sends on a subject that a stream captures is stored there and taken for an event, although it is none; and where a service answers what a stream captures, who publishes it may take that answer for the stream's word. And a subject that begins with a wildcard, or with `_INBOX`, takes in what is other services', their answers among it.",
        fixtures: Fixtures::Catalogs { failing: FAILING, passing: PASSING },
    },
    scope: Scope::Part,
    check,
};

fn check(catalog: &Catalog, findings: &mut Findings<'_>) {
    let dead_letters = &catalog.dead_letters;
    let letters = format!("{}.>", dead_letters.subject);
    for service in catalog.services.values() {
        let core = &service.core;
        for (subject, span) in core.publish.iter().chain(&core.subscribe).chain(&core.answer) {
            if is_system(subject) {
                let message = format!("`{subject}` takes in what is other services'");
                let own = format!("begin it with a word of your own: `{}.>`", service.name);
                findings.push(RULE.code.at(*span, message).help(own));
            }
        }
        let sent = core.publish.iter().map(|sent| (sent, false));
        // Who publishes an event takes the first answer for the word of its stream.
        let answered = core.answer.iter().map(|answered| (answered, true));
        for ((subject, span), answers) in
            sent.chain(answered).filter(|(it, _)| !is_system(it.0.as_str()))
        {
            let streams = catalog.streams.values();
            let captured = streams
                .flat_map(|stream| stream.subjects.iter().map(|captured| (&stream.name, captured)))
                .chain([(&dead_letters.stream, &letters)])
                .find(|(_, captured)| overlap(captured, subject));
            let Some((stream, captured)) = captured else { continue };
            let (message, help) = if answers {
                let message = format!(
                    "what comes on `{subject}` is answered by `{stream}`, which captures `{captured}`"
                );
                (message, "give it a subject that no stream has")
            } else {
                let message = format!(
                    "what is sent on `{subject}` is stored in `{stream}`, which captures `{captured}`"
                );
                let help =
                    "give it a subject that no stream has; an event belongs into `publishes`";
                (message, help)
            };
            findings.push(RULE.code.at(*span, message).help(help));
        }
    }
}

const FAILING: &str = r#"
# orders/order-created.yaml
event: orders.order.created
versions:
  1.0:
    payload: { type: object, properties: { order_id: { type: string } } }
# services/desk.yaml
service: desk
publishes: [orders.order.created]
core:
  publish: [orders.typing]
  subscribe: [">"]
  answer: [orders.order.*]
"#;

const PASSING: &str = r#"
# orders/order-created.yaml
event: orders.order.created
versions:
  1.0:
    payload: { type: object, properties: { order_id: { type: string } } }
# services/desk.yaml
service: desk
publishes: [orders.order.created]
core:
  publish: [desk.typing.*]
  subscribe: [orders.order.created]
  answer: [desk.card]
"#;
