//! The catalog has another name.

use crate::codes::{Code, Fixtures, Level};
use crate::compat::change::{Changes, Part};
use crate::compat::rule::{Check, Hurts, Rule, Tier};
use crate::compat::snapshot::Snapshot;

pub(in crate::compat) static RULE: Rule = Rule {
    code: Code {
        id: "T819",
        name: "catalog-renamed",
        level: Level::Warn,
        configurable: true,
        explanation: "The name is a part of every event's `source`, by which readers may tell where events come from.",
        fixtures: Fixtures::Edits { released: RELEASED, failing: FAILING, passing: PASSING },
    },
    tier: Tier::Topology,
    hurts: Hurts::READERS,
    check: Check::Catalogs(check),
};

fn check(before: &Snapshot, after: &Snapshot, changes: &mut Changes) {
    if before.catalog != after.catalog {
        let text = format!(
            "the catalog was called `{}` and is called `{}`",
            before.catalog, after.catalog
        );
        changes.breaks(&RULE, Part::Catalog, "catalog", text);
    }
}

const RELEASED: &str = r#"
# catalog.yaml
catalog: shop
"#;

const FAILING: &str = r#"
# catalog.yaml
catalog: store
"#;

const PASSING: &str = r#"
# catalog.yaml
catalog: shop
title: The shop
"#;
