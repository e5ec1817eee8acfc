//! `tidings permissions`

use serde_json::Value;

use crate::tidings::Project;

const TENANCY: &str = "catalog: shop\ntenancy: { attribute: organization_id }\n";

#[test]
fn what_a_catalog_permits_is_configuration_of_a_server() {
    let text = Project::shop().tidings(&["permissions"]).stdout(0);
    insta::assert_snapshot!("permissions", text);
}

#[test]
fn users_have_keys_and_an_account_where_that_is_asked_for() {
    let project = Project::shop();
    let asked = ["permissions", "--credentials", "nkey", "--account", "SHOP", "--out", "shop.conf"];
    assert_eq!(project.tidings(&asked).stdout(0), "wrote shop.conf\n");
    let text = project.read("shop.conf");
    for line in ["accounts {", "  SHOP {", "    jetstream: enabled", "        nkey: $SALES_NKEY"] {
        assert!(text.lines().any(|own| own == line), "{line} in {text}");
    }
    assert!(!text.contains("PASSWORD"), "{text}");
    // The same again is no news.
    assert_eq!(project.tidings(&asked).stdout(0), "");
    let wrong = project.tidings(&["permissions", "--account", "a b"]);
    assert!(wrong.stderr.contains("an account's name begins with a letter"), "{}", wrong.stderr);
}

#[test]
fn environments_that_share_an_account_have_users_of_their_own() {
    let project = Project::shop();
    let text = project.tidings(&["permissions", "--prefix", "staging,test"]).stdout(0);
    for line in [
        "#   STAGING_SALES_PASSWORD",
        "    # NATS_USER=test-sales NATS_INBOX_PREFIX=_INBOX_test-sales TIDINGS_PREFIX=test",
        "            \"staging.orders.order.created\"",
        "            \"$JS.API.CONSUMER.INFO.TEST_ORDERS_EVENTS.sales-copies\"",
    ] {
        assert!(text.lines().any(|own| own == line), "{line} in {text}");
    }
    assert!(!text.contains("\"orders.order.created\""), "{text}");
    let wrong = project.tidings(&["permissions", "--prefix", "Staging"]);
    assert!(wrong.stderr.contains("`Staging` is no prefix"), "{}", wrong.stderr);
}

#[test]
fn machines_are_told_the_same() {
    let text = Project::shop().tidings(&["permissions", "--format", "json"]).stdout(0);
    let document: Value = serde_json::from_str(&text).expect("JSON");
    let users = document["data"]["users"].as_array().expect("users");
    let names: Vec<&str> = users.iter().filter_map(|user| user["name"].as_str()).collect();
    assert_eq!(names, ["sales", "tidings-provisioner", "tidings-operator", "tidings-sweeper"]);
    let sales = &users[0];
    assert_eq!(sales["subscribe"]["allow"][0], "_INBOX_sales.>");
    let allowed = sales["publish"]["allow"].as_array().expect("subjects");
    assert!(allowed.iter().any(|subject| subject == "orders.order.created"));
}

#[test]
fn an_organization_that_no_subject_tells_narrows_nothing() {
    let project = Project::shop();
    let asked = ["permissions", "--organization", "acme"];
    let failure = project.tidings(&asked).failure();
    assert!(failure.contains("no subject of the catalog tells whose an event is"), "{failure}");
    assert!(failure.contains("`tenancy` of `catalog.yaml`"), "{failure}");
    project.write("event-catalog/catalog.yaml", TENANCY);
    let failure = project.tidings(&asked).failure();
    assert!(failure.contains("`{organization_id}`"), "{failure}");
    let event = project.read("event-catalog/orders/order-created.yaml");
    let event = event
        .replace("key: order_id", "subject: orders.{organization_id}.order.created\nkey: order_id")
        .replace("required: [order_id]", "required: [order_id, organization_id]")
        .replace(
            "properties:",
            "properties:\n        organization_id: { type: string, description: Whose. }",
        )
        .replace("- order_id:", "- organization_id: acme\n        order_id:");
    project.write("event-catalog/orders/order-created.yaml", &event);
    let text = project.tidings(&asked).stdout(0);
    assert!(text.contains("\"orders.acme.order.created\""), "{text}");
    let wrong = project.tidings(&["permissions", "--organization", "a.*"]);
    assert!(wrong.stderr.contains("one token of a subject"), "{}", wrong.stderr);
}
