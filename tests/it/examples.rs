//! The examples of the event catalog, as its types and their checks read them.

use std::collections::BTreeSet;
use std::path::Path;

use event_catalog::{auth, catalog, ddmrp, execution, inventory, orders, payments, user};
use serde_json::Value;
use tidings::Event;

use crate::redaction::hides_personal_data;

/// Each example decodes, keeps its constraints, and says the same when it is written again.
fn examples_of<E: Event + std::fmt::Debug>() -> (&'static str, u16) {
    let spec = E::SPEC;
    for example in spec.examples {
        let event: E = serde_json::from_str(example)
            .unwrap_or_else(|error| panic!("{}: {error}: {example}", spec.event_type));
        assert_eq!(event.validate(), Ok(()), "{example}");
        hides_personal_data(&event, example);
        let written = serde_json::to_value(&event).expect("JSON");
        let example: Value = serde_json::from_str(example).expect("JSON");
        assert_eq!(written, example, "{}", spec.event_type);
    }
    (spec.event_type, spec.version.major)
}

#[test]
#[allow(deprecated, reason = "old versions are read as well")]
fn every_example_of_the_catalog_is_valid() {
    let checked = BTreeSet::from([
        examples_of::<auth::v1::LoginFailed>(),
        examples_of::<auth::v1::LoginSucceeded>(),
        examples_of::<auth::v1::AuthLogout>(),
        examples_of::<auth::v1::AuthPasswordReset>(),
        examples_of::<auth::v1::RoleAssigned>(),
        examples_of::<auth::v1::UserCreated>(),
        examples_of::<auth::v1::UserDeleted>(),
        examples_of::<auth::v1::UserUpdated>(),
        examples_of::<auth::v2::UserCreated>(),
        examples_of::<catalog::v1::ProductCreated>(),
        examples_of::<catalog::v1::ProductUpdated>(),
        examples_of::<catalog::v1::SupplierCreated>(),
        examples_of::<ddmrp::v1::BufferAlertTriggered>(),
        examples_of::<ddmrp::v1::BufferCalculated>(),
        examples_of::<ddmrp::v1::BufferStatusChanged>(),
        examples_of::<execution::v1::InventoryUpdated>(),
        examples_of::<execution::v1::PurchaseOrderCreated>(),
        examples_of::<execution::v1::PurchaseOrderReceived>(),
        examples_of::<execution::v1::SalesOrderCreated>(),
        examples_of::<execution::v1::SalesOrderShipped>(),
        examples_of::<inventory::v1::InventoryAllocated>(),
        examples_of::<orders::v1::OrderCreated>(),
        examples_of::<orders::v1::OrderStatusChanged>(),
        examples_of::<orders::v2::OrderCreated>(),
        examples_of::<payments::v1::PaymentProcessed>(),
        examples_of::<payments::v2::PaymentProcessed>(),
        examples_of::<user::v1::UserAvatarUploaded>(),
        examples_of::<user::v1::UserCreated>(),
        examples_of::<user::v1::UserUpdated>(),
    ]);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../event-catalog");
    let compiled = tidings_codegen::compile(&folder).expect("a readable catalog");
    let all: BTreeSet<(&str, u16)> = compiled
        .catalog
        .events
        .values()
        .flat_map(|event| event.majors().into_keys().map(|major| (event.id.as_str(), major)))
        .collect();
    assert_eq!(checked, all, "list the event in this test");
}
