//! Steps to which nothing of their flow leads.

use std::collections::BTreeSet;

use crate::codes::{Code, Fixtures, Level};
use crate::lint::{Findings, Rule, Scope};
use crate::model::{Catalog, Flow, FlowStep, Happening, Receiver};

pub(in crate::lint) const RULE: Rule = Rule {
    code: Code {
        id: "T433",
        name: "flow-unled",
        level: Level::Warn,
        configurable: true,
        explanation: "A service does something because an earlier step of the flow came to it, or because of something that the catalog knows nothing of, such as a person or a clock. Then the flow says so with `when`, or a reader asks why. And a service gives up only what has come to it.",
        fixtures: Fixtures::Catalogs { failing: FAILING, passing: PASSING },
    },
    scope: Scope::Whole,
    check,
};

/// What has happened so far.
#[derive(Clone, Default)]
struct Past<'f> {
    /// The services that have reason to do something.
    led: BTreeSet<&'f str>,
    /// Which events have come to which services.
    received: BTreeSet<(&'f str, &'f str)>,
}

fn check(catalog: &Catalog, findings: &mut Findings<'_>) {
    for flow in catalog.flows.values() {
        walk(flow, &flow.steps, false, Past::default(), findings);
    }
}

/// Looks at steps one after the other, of which the first may have been told a reason for; returns what has happened then, whichever ways on were taken.
fn walk<'f>(
    flow: &Flow,
    steps: &'f [FlowStep],
    mut has_reason: bool,
    mut past: Past<'f>,
    findings: &mut Findings<'_>,
) -> Past<'f> {
    for step in steps {
        let has_reason = std::mem::take(&mut has_reason) || step.when.is_some();
        match &step.what {
            Happening::Event { event, by, to, .. } => {
                past.led((flow, step, has_reason), by, &format!("publish `{event}`"), findings);
                past.reach(to);
                past.received.extend(to.iter().map(|one| (one.service.as_str(), event.as_str())));
            }
            Happening::Message { subject, by, to } => {
                past.led((flow, step, has_reason), by, &format!("send to `{subject}`"), findings);
                past.reach(to);
            }
            Happening::Request { subject, by, to } => {
                past.led((flow, step, has_reason), by, &format!("ask on `{subject}`"), findings);
                past.reach(to);
            }
            Happening::DeadLetter { event, by } => {
                if !past.received.contains(&(by.service.as_str(), event.as_str())) {
                    let message = format!("`{event}` has not come to `{}` before", by.service);
                    let help = "put it behind the step that publishes the event to the service";
                    findings.push(RULE.code.at(step.span, message).help(help));
                }
            }
            Happening::Alternatives(ways) => {
                let before = past.clone();
                for way in ways {
                    let after = walk(flow, &way.steps, true, before.clone(), findings);
                    past.led.extend(after.led);
                    past.received.extend(after.received);
                }
            }
        }
    }
    past
}

impl<'f> Past<'f> {
    /// The service does something now, and finds that nothing led it there.
    fn led(
        &mut self,
        (flow, step, has_reason): (&Flow, &FlowStep, bool),
        by: &'f str,
        what: &str,
        findings: &mut Findings<'_>,
    ) {
        if self.led.insert(by) && !has_reason {
            let message = format!("nothing in `{}` leads `{by}` to {what}", flow.name);
            let finding = RULE.code.at(step.span, message);
            findings.push(
                finding
                    .help("say what does: `when: a customer confirms an order`")
                    .help(format!("or put it behind a step that comes to `{by}`")),
            );
        }
    }

    fn reach(&mut self, to: &'f [Receiver]) {
        self.led.extend(to.iter().map(|one| one.service.as_str()));
    }
}

const FAILING: &str = r#"
# orders/created.yaml
event: orders.order.created
versions:
  1.0: { payload: { type: object }, examples: [{}] }
# services/shop.yaml
service: shop
publishes: [orders.order.created]
subscriptions: { copies: { events: [orders.order.created] } }
# flows/order.yaml
flow: order
steps:
  - orders.order.created
"#;

const PASSING: &str = r#"
# orders/created.yaml
event: orders.order.created
versions:
  1.0: { payload: { type: object }, examples: [{}] }
# services/shop.yaml
service: shop
publishes: [orders.order.created]
subscriptions: { copies: { events: [orders.order.created] } }
# flows/order.yaml
flow: order
steps:
  - event: orders.order.created
    when: a customer confirms an order
  - dead_letter: orders.order.created
# flows/again.yaml
flow: again
steps:
  - alt:
      a customer orders once more: [orders.order.created]
      nobody wants it: [{ event: orders.order.created, when: the shop gives it away }]
"#;
