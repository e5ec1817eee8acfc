//! Alerts as Prometheus reads them.

use std::fmt::Write as _;

use super::alerts::{ALERTS, Alert, Raised, Rule};
use super::{HEADER, Options};
use crate::model::{Catalog, Service};

/// The rules, in YAML: a group for each service, so that one can be left out or silenced alone.
pub fn rules(catalog: &Catalog, options: &Options) -> String {
    let groups = catalog.services.values().map(|service| of_service(catalog, service, options));
    let groups: String = groups.chain([of_processes(options)]).collect();
    format!("{HEADER}groups:{groups}\n")
}

fn of_service(catalog: &Catalog, service: &Service, options: &Options) -> String {
    let mut rules = String::new();
    for alert in ALERTS {
        let Raised::ByService(raised) = alert.raised else { continue };
        for rule in raised(catalog, service) {
            rules.push_str(&written(alert, &rule, labels(service, &rule), options));
        }
    }
    if rules.is_empty() { rules } else { group(&service.name, &rules) }
}

fn labels<'a>(service: &'a Service, rule: &'a Rule) -> Vec<(&'static str, &'a str)> {
    let subscription = rule.subscription.as_deref().map(|name| ("subscription", name));
    let owner = service.owner.as_deref().map(|name| ("owner", name));
    [Some(("service", service.name.as_str())), subscription, owner].into_iter().flatten().collect()
}

fn of_processes(options: &Options) -> String {
    let mut rules = String::new();
    for alert in ALERTS {
        if let Raised::ByProcess(raised) = alert.raised {
            rules.push_str(&written(alert, &raised(), Vec::new(), options));
        }
    }
    // No service is called so, as it is no name in snake_case.
    group("outbox of any process", &rules)
}

fn group(name: &str, rules: &str) -> String {
    format!("\n  - name: {}\n    rules:{rules}", quoted(name))
}

fn written(alert: &Alert, rule: &Rule, labels: Vec<(&str, &str)>, options: &Options) -> String {
    let mut out =
        format!("\n      - alert: {}\n        expr: {}\n", alert.name, quoted(&rule.expression));
    if let Some(lasting) = alert.lasting {
        let _ = writeln!(out, "        for: {lasting}");
    }
    let _ = writeln!(out, "        labels:\n          severity: {}", alert.severity.name());
    for (name, value) in labels {
        let _ = writeln!(out, "          {name}: {}", quoted(&template(value)));
    }
    let _ = write!(
        out,
        "        annotations:\n          summary: {}\n          runbook_url: {}",
        quoted(&rule.summary),
        quoted(&template(&options.entry(alert)))
    );
    out
}

/// In single quotes, where only these are special.
pub(super) fn quoted(text: &str) -> String {
    let line: Vec<&str> = text.split_whitespace().collect();
    format!("'{}'", line.join(" ").replace('\'', "''"))
}

/// Text that means itself: Prometheus fills in what stands between double braces.
fn template(text: &str) -> String {
    text.replace("{{", "{{ \"{{\" }}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_stay_texts() {
        assert_eq!(quoted("it's\n 1"), "'it''s 1'");
        assert_eq!(template("a {{ b"), "a {{ \"{{\" }} b");
    }
}
