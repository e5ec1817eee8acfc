//! How events tell tenants apart is changed.

use crate::codes::{Code, Fixtures, Level};
use crate::compat::change::{Changes, Part};
use crate::compat::rule::{Check, Hurts, Rule, Tier};
use crate::compat::snapshot::{Snapshot, Tenancy};

pub(in crate::compat) static RULE: Rule = Rule {
    code: Code {
        id: "T814",
        name: "tenancy-changed",
        level: Level::Error,
        configurable: true,
        explanation: "Services built before the change write and expect the tenant's attribute as it was: under its old name, or with the freedom to leave it out.",
        fixtures: Fixtures::Edits { released: RELEASED, failing: FAILING, passing: PASSING },
    },
    tier: Tier::Topology,
    hurts: Hurts::BOTH,
    check: Check::Catalogs(check),
};

fn check(before: &Snapshot, after: &Snapshot, changes: &mut Changes) {
    if before.tenancy == after.tenancy {
        return;
    }
    let words = |tenancy: &Option<Tenancy>| match tenancy {
        None => "none".to_owned(),
        Some(Tenancy { attribute, required: true }) => format!("`{attribute}`, required"),
        Some(Tenancy { attribute, required: false }) => format!("`{attribute}`, optional"),
    };
    let text = format!("tenancy was {} and is {}", words(&before.tenancy), words(&after.tenancy));
    changes.breaks(&RULE, Part::Catalog, "tenancy", text);
}

const RELEASED: &str = r#"
# catalog.yaml
catalog: shop
tenancy: { attribute: tenant }
"#;

const FAILING: &str = r#"
# catalog.yaml
catalog: shop
tenancy: { attribute: organization }
"#;

const PASSING: &str = r#"
# catalog.yaml
catalog: shop
tenancy: { attribute: tenant, required: true }
"#;
