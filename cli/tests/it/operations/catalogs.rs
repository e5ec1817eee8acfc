//! Catalogs to write dashboards of.

use std::path::PathBuf;

use crate::tidings::{Project, workspace};

/// Two services, and all that can be said about alerts.
pub(super) fn shop() -> Project {
    let project = Project::empty();
    let event = "event: orders.order.created\nversions: { 1.0: { payload: { type: object } } }\n";
    for (path, text) in [
        ("catalog.yaml", "catalog: shop\ndefaults: { subscription: { handler_timeout: 5s } }\n"),
        ("orders/domain.yaml", "domain: orders\n"),
        ("orders/created.yaml", event),
        ("services/billing.yaml", BILLING),
        ("services/audit.yaml", AUDIT),
    ] {
        project.write(&format!("event-catalog/{path}"), text);
    }
    project
}

const BILLING: &str = "\
service: billing
owner: it's us, {{ the team }}
publishes: [orders.order.created]
subscriptions:
  invoicing:
    events: [orders.order.created]
    alerts: { lag: 500, handler_p95: 2s }
";

const AUDIT: &str = "\
service: audit
subscriptions:
  access:
    events: [orders.order.created]
    breaker: off
    alerts: { lag: off, handler_p95: off }
";

/// A hundred events, and twenty services of which one takes them all.
pub(super) fn large() -> Project {
    let project = Project::empty();
    project.write("event-catalog/catalog.yaml", "catalog: city\n");
    project.write("event-catalog/lines/domain.yaml", "domain: lines\n");
    for event in 0..100 {
        let text = format!(
            "event: lines.line{event}.moved\nversions: {{ 1.0: {{ payload: {{ type: object }} }} }}\n"
        );
        project.write(&format!("event-catalog/lines/line-{event}.yaml"), &text);
    }
    for service in 0..20 {
        let events: Vec<String> =
            (0..5).map(|at| format!("lines.line{}.moved", 5 * service + at)).collect();
        let text = format!(
            "service: line_{service}\npublishes: [{}]\nsubscriptions: {{ own: {{ events: [{}] }} }}\n",
            events.join(", "),
            events[0]
        );
        project.write(&format!("event-catalog/services/line-{service}.yaml"), &text);
    }
    let all = "service: control\nsubscriptions: { all: { events: [lines.>] } }\n";
    project.write("event-catalog/services/control.yaml", all);
    project
}

/// Nothing but its name.
pub(super) fn empty() -> Project {
    let project = Project::empty();
    project.write("event-catalog/catalog.yaml", "catalog: shop\n");
    project
}

pub(super) fn of(project: &Project) -> PathBuf {
    project.path().join("event-catalog")
}

/// The samples, and those above.
pub(super) fn all() -> Vec<(Option<Project>, PathBuf)> {
    let made = [shop(), large(), empty()].map(|project| {
        let folder = of(&project);
        (Some(project), folder)
    });
    let own = ["event-catalog", "tests/catalog"].map(|path| (None, workspace().join(path)));
    own.into_iter().chain(made).collect()
}
