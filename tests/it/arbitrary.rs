//! Events that nobody thought of: what a schema allows, its type takes, and an independent reader of schemas agrees.

use std::fmt::Debug;

use event_catalog::{auth, catalog, ddmrp, execution, inventory, orders, payments, user};
use proptest::strategy::{Strategy as _, ValueTree as _};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use tidings::{Event, testing};
use tidings_tests::golden::{composition, constraints, schemas, shapes, unions};

const CASES: usize = 32;
/// So many values may be made that are not taken, in all cases of an event together.
const PATIENCE: u32 = 500;

fn runner() -> TestRunner {
    let config = Config { max_local_rejects: PATIENCE, ..Config::default() };
    let algorithm = RngAlgorithm::ChaCha;
    TestRunner::new_with_rng(config, TestRng::deterministic_rng(algorithm))
}

fn holds<E: Event + Debug + PartialEq>() {
    let event_type = E::SPEC.event_type;
    let schema = serde_json::from_str(E::SPEC.schema).expect("JSON");
    let options = jsonschema::options().should_validate_formats(true);
    let judge = options.build(&schema).expect("a schema");
    let (events, mut runner) = (testing::any::<E>(), runner());
    for _ in 0..CASES {
        let event = events.new_tree(&mut runner);
        let event = event.unwrap_or_else(|why| panic!("`{event_type}`: {why}")).current();
        assert_eq!(event.validate(), Ok(()), "{event:?}");
        let written = serde_json::to_value(&event).expect("it can be written");
        if let Some(error) = judge.iter_errors(&written).next() {
            panic!("`{event_type}`: {error} at `{}`: {written}", error.instance_path());
        }
        let read: E = serde_json::from_value(written).expect("what was written is read");
        assert_eq!(read, event);
    }
}

#[test]
#[allow(deprecated, reason = "old versions are made as well")]
fn what_the_samples_allow_is_made() {
    holds::<auth::v2::UserCreated>();
    holds::<auth::LoginFailed>();
    holds::<auth::RoleAssigned>();
    holds::<catalog::ProductCreated>();
    holds::<catalog::ProductUpdated>();
    holds::<catalog::SupplierCreated>();
    holds::<ddmrp::BufferAlertTriggered>();
    holds::<ddmrp::BufferCalculated>();
    holds::<execution::InventoryUpdated>();
    holds::<execution::PurchaseOrderCreated>();
    holds::<execution::SalesOrderCreated>();
    holds::<inventory::InventoryAllocated>();
    holds::<orders::v1::OrderCreated>();
    holds::<orders::v2::OrderCreated>();
    holds::<payments::PaymentProcessed>();
    holds::<user::UserAvatarUploaded>();
}

#[test]
fn what_schemas_of_every_shape_allow_is_made() {
    holds::<constraints::lab::SampleLost>();
    holds::<constraints::lab::SampleShaped>();
    holds::<constraints::lab::SampleTaken>();
    holds::<composition::products::ProductChanged>();
    holds::<schemas::products::ProductChanged>();
    holds::<shapes::products::ProductChanged>();
    holds::<unions::products::ProductChanged>();
}

#[test]
fn what_may_be_missing_is_missing_now_and_then() {
    let (events, mut runner) = (testing::any::<execution::InventoryUpdated>(), runner());
    let mut kinds = std::collections::BTreeSet::new();
    for _ in 0..CASES {
        let event = events.new_tree(&mut runner).expect("one").current();
        kinds.insert(match event.cause {
            execution::InventoryUpdatedCause::Receipt { .. } => "receipt",
            execution::InventoryUpdatedCause::Shipment { .. } => "shipment",
            execution::InventoryUpdatedCause::Adjustment { note: None, .. } => "adjustment",
            execution::InventoryUpdatedCause::Adjustment { note: Some(_), .. } => "with a note",
        });
    }
    assert_eq!(kinds.len(), 4, "{kinds:?}");
}

#[test]
fn examples_are_those_of_the_catalog() {
    let examples = testing::examples::<ddmrp::BufferAlertTriggered>();
    assert_eq!(examples.len(), ddmrp::BufferAlertTriggered::SPEC.examples.len());
    assert_eq!(testing::example::<ddmrp::BufferAlertTriggered>(), examples[0]);
}
