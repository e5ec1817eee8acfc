//! Structs that check the catalog's entries, or become them.
#![allow(dead_code, reason = "the structs are only described")]

use std::collections::BTreeMap;
use std::fs;
use std::panic::catch_unwind;
use std::path::Path;

use serde::{Deserialize, Serialize};
use tempfile::TempDir;
use tidings::__private::{SchemaCheck, Unchecked as _};
use tidings::code_first::{Entry, assert_matches_catalog};
use tidings::{Date, Event, JsonSchema, Timestamp, Uuid, schemars};
use tidings_codegen::diagnostic::Severity;
use tidings_codegen::render::{Style, render};

use event_catalog::orders;

/// What the catalog has as `orders.order.status_changed`, in types of one's own.
#[derive(Serialize, Deserialize, JsonSchema, Event)]
#[event(orders::OrderStatusChanged)]
struct Moved {
    order_id: OrderId,
    customer_id: Uuid,
    email: String,
    previous_status: Status,
    status: Status,
    changed_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tracking: Option<Tracking>,
}

#[derive(Serialize, Deserialize, JsonSchema)]
struct OrderId(Uuid);

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Status {
    Pending,
    Allocated,
    /// The money is there.
    Paid,
    Shipped,
    Delivered,
    Cancelled,
}

#[derive(Serialize, Deserialize, JsonSchema)]
struct Tracking {
    carrier: String,
    number: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
}

/// The same with mistakes.
#[derive(Serialize, Deserialize, JsonSchema)]
struct Drifted {
    order_id: String,
    customer_id: Uuid,
    email: Option<String>,
    previous_status: String,
    status: Stage,
    changed_at: u8,
    reason: String,
    colour: String,
}

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Stage {
    Pending,
    Allocated,
    Paid,
    Shipped,
    Delivered,
    Lost,
}

impl Event for Drifted {
    type Contract = orders::OrderStatusChanged;

    const SPEC: &'static tidings::EventSpec = orders::OrderStatusChanged::SPEC;

    fn subject(&self) -> Result<tidings::Subject, tidings::InvalidToken> {
        unreachable!("it is never published")
    }

    fn key(&self) -> Option<String> {
        None
    }
}

#[test]
fn every_difference_of_a_struct_and_the_catalog_is_told() {
    assert_matches_catalog::<Moved>();

    // As the test that `#[derive(Event)]` generates.
    let message = catch_unwind(|| SchemaCheck::<Drifted>::new().run()).expect_err("drifted");
    let message = message.downcast_ref::<String>().expect("a message");
    let lines: Vec<&str> =
        message.lines().filter(|line| line.starts_with("  /")).map(str::trim).collect();
    assert_eq!(
        lines,
        [
            "/changed_at: the catalog says a string of format date-time, the struct an integer from 0 to 255",
            "/colour: the struct has it (a string), the catalog has not",
            "/email: the struct may write `null`, which the catalog does not allow: add `#[serde(skip_serializing_if = \"Option::is_none\")]`",
            "/order_id: the catalog says a string of format uuid, the struct a string",
            "/previous_status: the catalog says one of `allocated` `cancelled` `delivered` `paid` `pending` `shipped`, the struct a string",
            "/reason: the struct cannot do without it, and the catalog does not require it: make it an `Option`",
            "/status: the catalog has `cancelled`, the struct has not",
            "/status: the struct has `lost`, the catalog has not",
            "/tracking: the catalog has it (an object), the struct has not",
        ],
        "{message}"
    );
    assert!(message.contains("code_first.rs:"), "{message}");
    assert!(message.contains("`orders.order.status_changed` 1.1"), "{message}");
}

#[test]
fn a_type_without_a_schema_is_not_held_to_it() {
    SchemaCheck::<orders::OrderStatusChanged>::new().run();
}

/// Everything that a payload may want to hold.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
struct PickupRequested {
    /// The parcel: what is to be fetched.
    parcel_id: Uuid,
    at: Timestamp,
    day: Date,
    /// How heavy it is, in grams.
    weight: u32,
    #[serde(default)]
    priority: i16,
    share: f64,
    fragile: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
    door: Option<String>,
    size: Size,
    place: Place,
    stops: Vec<Stop>,
    labels: BTreeMap<String, i64>,
    corner: (f64, f64),
    #[serde(skip_serializing_if = "Option::is_none")]
    first: Option<Stop>,
}

#[derive(Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Size {
    Small,
    /// Needs two people.
    Large,
}

#[derive(Clone, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Place {
    Address { street: String },
    Locker { number: u16 },
}

#[derive(Clone, Serialize, Deserialize, JsonSchema)]
struct Stop {
    depot: String,
    next: Vec<Stop>,
}

fn pickup() -> PickupRequested {
    let stop = Stop { depot: "north".to_owned(), next: Vec::new() };
    PickupRequested {
        parcel_id: Uuid::nil(),
        at: "2026-03-02T09:14:12Z".parse().expect("a time"),
        day: "2026-03-03".parse().expect("a day"),
        weight: 1200,
        priority: 0,
        share: 0.5,
        fragile: true,
        note: None,
        door: None,
        size: Size::Large,
        place: Place::Locker { number: 7 },
        stops: vec![stop.clone()],
        labels: BTreeMap::from([("size".to_owned(), 3)]),
        corner: (1.5, 2.0),
        first: Some(stop),
    }
}

fn entry() -> Entry<PickupRequested> {
    Entry::new("parcels.pickup.requested")
        .summary("A parcel waits.")
        .key("parcel_id")
        .example(&pickup())
}

/// A catalog without the event.
fn catalog() -> TempDir {
    let folder = TempDir::new().expect("a folder");
    write(folder.path(), "catalog.yaml", "catalog: shop\n");
    write(folder.path(), "parcels/domain.yaml", "domain: parcels\n");
    write(
        folder.path(),
        "services/courier.yaml",
        "service: courier\npublishes: [parcels.pickup.requested]\nsubscriptions:\n  plan: { events: [parcels.pickup.requested] }\n",
    );
    folder
}

fn write(folder: &Path, path: &str, text: &str) {
    let path = folder.join(path);
    fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
    fs::write(path, text).expect("a file");
}

fn errors(folder: &Path) -> Vec<String> {
    let compilation = tidings_codegen::compile(folder).expect("a catalog");
    let errors = compilation.diagnostics.iter().filter(|one| one.severity == Severity::Error);
    errors.map(|one| render(one, &compilation.sources, &Style::default())).collect()
}

#[test]
fn a_struct_becomes_an_entry_that_compiles() {
    let folder = catalog();
    let missing = entry().check(folder.path()).expect_err("it is not there").to_string();
    assert!(missing.contains("UPDATE_CATALOG=1"), "{missing}");

    entry().write(folder.path()).expect("written");
    let path = folder.path().join("parcels/pickup-requested.yaml");
    let text = fs::read_to_string(&path).expect("the entry");
    let errors = errors(folder.path());
    assert!(errors.is_empty(), "{}\n{text}", errors.join("\n"));

    entry().check(folder.path()).unwrap_or_else(|error| panic!("{error}\n{text}"));
    entry().write(folder.path()).expect("nothing to do");
    assert_eq!(fs::read_to_string(path).expect("the entry"), text, "what is there stays");
}

#[test]
fn an_entry_that_is_there_is_never_changed() {
    let folder = catalog();
    let text = "# Ours.\nevent: parcels.pickup.requested\nowner_note: keep\nversions:\n  1.0:\n    payload: { type: object, properties: { parcel_id: { $ref: ../types/id.yaml }, colour: { type: string } } }\n";
    write(folder.path(), "parcels/pickup.yaml", text);
    write(folder.path(), "types/id.yaml", "type: string\nformat: uuid\n");

    let drift = entry().write(folder.path()).expect_err("another payload").to_string();
    assert!(drift.contains("version 1.0") && drift.contains("pickup.yaml"), "{drift}");
    assert!(
        drift.contains("/colour: the catalog has it (a string), the struct has not"),
        "{drift}"
    );
    assert!(drift.contains("/weight: the struct has it"), "{drift}");
    assert!(!drift.contains("/parcel_id: the catalog says"), "the reference is followed: {drift}");
    let found = fs::read_to_string(folder.path().join("parcels/pickup.yaml")).expect("the entry");
    assert_eq!(found, text);
}
