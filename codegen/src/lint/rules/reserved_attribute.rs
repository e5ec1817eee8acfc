//! Attributes that CloudEvents, or the envelope, has already.

use crate::codes::{Code, Fixtures, Level};
use crate::lint::{Findings, Rule, Scope};
use crate::model::Catalog;

pub(in crate::lint) const RULE: Rule = Rule {
    code: Code {
        id: "T115",
        name: "reserved-attribute",
        level: Level::Error,
        configurable: false,
        explanation: "The tenant's id is an extension attribute of the envelope, whose name is the given one without `_`. CloudEvents and the runtime use some names themselves.",
        fixtures: Fixtures::Catalogs { failing: FAILING, passing: PASSING },
    },
    scope: Scope::Part,
    check,
};

/// The attributes of CloudEvents 1.0, and the extensions of the envelope.
const TAKEN: [&str; 22] = [
    "aggregateversion",
    "causationid",
    "copyof",
    "correlationid",
    "data",
    "datacontenttype",
    "datadigest",
    "dataref",
    "dataschema",
    "datasize",
    "encryptedfields",
    "id",
    "majors",
    "partitionkey",
    "schemaversion",
    "source",
    "specversion",
    "subject",
    "time",
    "traceparent",
    "tracestate",
    "type",
];

fn check(catalog: &Catalog, findings: &mut Findings<'_>) {
    let Some(tenancy) = &catalog.tenancy else { return };
    let attribute = tenancy.attribute.replace('_', "");
    if TAKEN.contains(&attribute.as_str()) {
        let message = format!("every event has an attribute `{attribute}` already");
        findings.push(
            RULE.code
                .at(tenancy.span, message)
                .help("write another name, such as `organization_id`"),
        );
    }
}

const FAILING: &str = r#"
# catalog.yaml
catalog: shop
tenancy: { attribute: correlation_id }
"#;

const PASSING: &str = r#"
# catalog.yaml
catalog: shop
tenancy: { attribute: organization_id }
"#;
