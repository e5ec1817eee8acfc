//! Ids that outlive their messages.

use std::collections::BTreeSet;

use crate::codes::{Code, Fixtures, Level};
use crate::lint::words::in_words;
use crate::lint::{Findings, Rule, Scope};
use crate::model::Catalog;

pub(in crate::lint) const RULE: Rule = Rule {
    code: Code {
        id: "T307",
        name: "duplicate-window",
        level: Level::Error,
        configurable: false,
        explanation: "The server forgets a message's id with the message: it refuses a duplicate window longer than `max_age`.",
        fixtures: Fixtures::Catalogs { failing: FAILING, passing: PASSING },
    },
    scope: Scope::Part,
    check,
};

fn check(catalog: &Catalog, findings: &mut Findings<'_>) {
    let mut reported = BTreeSet::new();
    for stream in catalog.streams.values() {
        for held in stream.everywhere() {
            let limits = held.limits;
            let Some(max_age) = limits.max_age.filter(|age| *age < limits.duplicate_window) else {
                continue;
            };
            let (window, age) = (held.place("duplicate_window"), held.place("max_age"));
            // Of an environment, what it changes.
            let own = held.own_place("duplicate_window").or(held.own_place("max_age"));
            let span = own.or(window).or(age).unwrap_or(stream.span);
            if !reported.insert(span) {
                continue;
            }
            let finding = RULE.code.at(
                span,
                format!(
                    "`{}` remembers ids for {} but messages for {}{}",
                    stream.name,
                    in_words(limits.duplicate_window),
                    in_words(max_age),
                    held.suffix()
                ),
            );
            let others = [(window, "the ids' age"), (age, "the messages' age")];
            let other = others.into_iter().find_map(|(place, what)| {
                place.filter(|place| *place != span).map(|place| (place, what))
            });
            let finding = match other {
                Some((place, what)) => finding.and(place, what),
                None => finding,
            };
            findings.push(finding.help("let `duplicate_window` be no longer than `max_age`"));
        }
    }
}

const FAILING: &str = r#"
# orders/domain.yaml
domain: orders
stream: { max_age: 1m }
"#;

const PASSING: &str = r#"
# orders/domain.yaml
domain: orders
stream: { max_age: 1m, duplicate_window: 1m }
"#;
