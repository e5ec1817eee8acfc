//! Old dead letters.

use super::{Alert, Raised, Rule, SUBSCRIPTION, Severity, consumes};
use crate::emit::operations::metrics::{DEAD_LETTERS, Selector, measured};
use crate::facts;
use crate::model::{Catalog, Service};

pub(in super::super) const ALERT: &Alert = &Alert {
    name: "DeadLettersForgotten",
    severity: Severity::Warning,
    lasting: Some("1d"),
    meaning: "For a day, a subscription has had dead letters. They are removed when their stream's `max_age` is over, and \
              then the work that they stand for is never done.",
    look: "Which events, and why each of them failed:\n\n\
           ```console\n$ tidings dlq list --before 1d\n$ tidings dlq show 17\n```",
    act: "Each is either handled again or given up on purpose: `tidings dlq replay` or `tidings dlq purge`, as \
          for [DeadLettersGrowing](#dead-letters-growing).",
    raised: Raised::ByService(rules),
};

fn rules(catalog: &Catalog, service: &Service) -> Vec<Rule> {
    if !consumes(service) {
        return Vec::new();
    }
    let series = Selector::service(&service.name);
    let stream = catalog.streams.get(&catalog.dead_letters.stream);
    let kept = stream.and_then(|stream| stream.limits.max_age);
    let kept = kept.map_or_else(String::new, |age| {
        format!("; each is removed when it is {} old", facts::duration(age))
    });
    vec![Rule {
        subscription: None,
        expression: format!("{} > 0", measured("service, subscription", DEAD_LETTERS, &series)),
        summary: format!("{SUBSCRIPTION}: {{{{ $value }}}} dead letters lie there{kept}"),
    }]
}
