//! `rules` of `catalog.yaml`: how severe findings are.

use tidings_codegen::diagnostic::Severity;
use tidings_codegen::fixture::compile;

/// A catalog with three warnings, one from each of T405, T410 and T503.
const REST: &str = "
# orders/created.yaml
event: orders.order.created
versions: { 1.0: { payload: { type: object } } }
# orders/paid.yaml
event: orders.order.paid
versions: { 1.0: { payload: { type: object }, examples: [{}] } }
# services/shop.yaml
service: shop
publishes: [orders.order.created, orders.order.paid]
subscriptions:
  copies: { events: [orders.order.created], handler_timeout: 2h }
";

fn findings(rules: &str) -> Vec<(&'static str, Severity)> {
    let compilation = compile(&format!("# catalog.yaml\ncatalog: shop\n{rules}\n{}", REST.trim()));
    let mut found: Vec<_> =
        compilation.diagnostics.iter().map(|one| (one.code, one.severity)).collect();
    found.sort_unstable();
    found
}

#[test]
fn without_rules_the_defaults_hold() {
    let warnings = ["T405", "T410", "T503"].map(|code| (code, Severity::Warning));
    assert_eq!(findings(""), warnings);
}

#[test]
fn a_rule_is_set_by_name_or_code() {
    let found = findings("rules: { T405: off, unconsumed-event: error, no-example: warn }");
    assert_eq!(found, [("T410", Severity::Error), ("T503", Severity::Warning)]);
}

#[test]
fn what_is_off_does_not_keep_other_rules_from_looking() {
    // T410 and T503 look only where nothing else is an error.
    assert_eq!(findings("rules: { T405: error }"), [("T405", Severity::Error)]);
    let found = findings("rules: { T405: off }");
    assert_eq!(found, [("T410", Severity::Warning), ("T503", Severity::Warning)]);
}

#[test]
fn the_built_catalog_is_the_same_whatever_the_rules() {
    let loud = compile(&format!("# catalog.yaml\ncatalog: shop\n{}", REST.trim()));
    let rules = "rules: { T405: off, T410: off, T503: off }";
    let silent = compile(&format!("# catalog.yaml\ncatalog: shop\n{rules}\n{}", REST.trim()));
    assert!(silent.diagnostics.is_empty(), "{:?}", silent.diagnostics);
    assert_eq!(loud.catalog.events.len(), silent.catalog.events.len());
}
