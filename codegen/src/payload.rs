//! Payloads that somebody has written, held to the schema of their event.

use std::path::PathBuf;

use serde_json::Value;

use crate::diagnostic::Diagnostic;
use crate::lint::Checker;
use crate::model::{Catalog, Example, Scope, Version};
use crate::source::{SourceMap, Span};
use crate::yaml;

/// What a finding is called that is about a payload and not about the catalog.
pub const MISMATCH: &str = "payload-mismatch";

/// Reads a payload, which is JSON or YAML, adds it to `sources`, and holds it to the schema of a version of its event.
///
/// ```
/// use tidings_codegen::payload;
///
/// let mut compilation = tidings_codegen::compile_files([
///     ("catalog.yaml", "catalog: shop"),
///     ("orders/domain.yaml", "domain: orders"),
///     (
///         "orders/created.yaml",
///         "event: orders.order.created\nversions: { 1.0: { payload: { type: object, properties: { id: { type: string } } } } }",
///     ),
/// ]);
/// let version = compilation.catalog.events["orders.order.created"].newest();
/// let (catalog, sources) = (&compilation.catalog, &mut compilation.sources);
/// let found = payload::read(catalog, version, "payload.json", "{ \"ids\": 7 }", sources);
/// assert_eq!(found.unwrap_err()[0].message, "the schema has no property `ids`");
/// ```
///
/// # Errors
/// What is wrong with it; at least one finding.
pub fn read(
    catalog: &Catalog,
    version: &Version,
    path: impl Into<PathBuf>,
    text: &str,
    sources: &mut SourceMap,
) -> Result<Value, Vec<Diagnostic>> {
    let file = sources.add_foreign(path, text);
    // Numbers keep what JSON says of them.
    let json: Option<Value> = serde_json::from_str(text).ok();
    let payload = match (yaml::read(file, text), json) {
        (Ok(node), Some(value)) => Example { value, ..Example::of(&node) },
        (Ok(node), None) => Example::of(&node),
        // Larger than files that people write: it is held to its schema all the same, as a whole.
        (Err(_), Some(value)) => Example::nowhere(Span { file, start: 0, end: 0 }, value),
        (Err(found), None) => return Err(found),
    };
    let found = mismatches(catalog, version, &payload);
    if found.is_empty() { Ok(payload.value) } else { Err(found) }
}

/// In what a payload differs from the schema of a version, in words: for one that nobody has written.
pub fn differences(catalog: &Catalog, version: &Version, payload: &Value) -> Vec<String> {
    let payload = Example::nowhere(version.span, payload.clone());
    let found = mismatches(catalog, version, &payload);
    found.into_iter().map(|diagnostic| diagnostic.message).collect()
}

fn mismatches(catalog: &Catalog, version: &Version, payload: &Example) -> Vec<Diagnostic> {
    let gaps = std::collections::BTreeSet::<Span>::new();
    let checker = Checker::new(Scope::version(catalog, version), "the payload", &gaps);
    let found = checker.check(&payload.value, &version.payload).into_iter();
    let found = found.map(|mismatch| {
        let span = mismatch.place(&payload.places).unwrap_or(payload.span);
        let mut finding = Diagnostic::error(MISMATCH, mismatch.message, span);
        if let Some(schema) = mismatch.schema {
            finding = finding.and(schema, "the schema");
        }
        finding.help.extend(mismatch.help);
        finding
    });
    found.collect()
}
