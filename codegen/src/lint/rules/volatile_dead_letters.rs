//! Dead letters that a restart forgets.

use std::collections::BTreeSet;

use crate::codes::{Code, Fixtures, Level};
use crate::lint::{Findings, Rule, Scope};
use crate::model::{Catalog, Storage};

pub(in crate::lint) const RULE: Rule = Rule {
    code: Code {
        id: "T316",
        name: "volatile-dead-letters",
        level: Level::Warn,
        configurable: true,
        explanation: "Dead letters wait for people. Kept in memory they are gone with the server, after the events themselves were given up.",
        fixtures: Fixtures::Catalogs { failing: FAILING, passing: PASSING },
    },
    scope: Scope::Part,
    check,
};

fn check(catalog: &Catalog, findings: &mut Findings<'_>) {
    let Some(stream) = catalog.streams.get(&catalog.dead_letters.stream) else { return };
    let mut reported = BTreeSet::new();
    for held in stream.everywhere().filter(|held| held.limits.storage == Storage::Memory) {
        let span = held.place("storage").unwrap_or(stream.span);
        if reported.insert(span) {
            let message =
                format!("`{}` keeps the dead letters in memory{}", stream.name, held.suffix());
            findings
                .push(RULE.code.at(span, message).help("write `dead_letters: { storage: file }`"));
        }
    }
}

const FAILING: &str = r#"
# catalog.yaml
catalog: shop
defaults: { stream: { storage: memory } }
"#;

const PASSING: &str = r#"
# catalog.yaml
catalog: shop
defaults: { stream: { storage: memory } }
dead_letters: { storage: file }
"#;
