//! `tidings new`

use crate::tidings::Project;

#[test]
fn files_stand_where_the_others_stand() {
    let project = Project::shop();
    let wrote = |args: &[&str]| project.tidings(args).stdout(0);
    assert_eq!(
        wrote(&[
            "new",
            "domain",
            "payments",
            "--owner",
            "team-payments",
            "--summary",
            "Money: in and out."
        ]),
        "wrote event-catalog/payments/domain.yaml\n"
    );
    assert_eq!(
        project.read("event-catalog/payments/domain.yaml"),
        "domain: payments\nsummary: \"Money: in and out.\"\nowner: team-payments\n"
    );
    assert_eq!(
        wrote(&["new", "event", "orders.order.status_changed", "--summary", "It went on."]),
        "wrote event-catalog/orders/order-status-changed.yaml\n"
    );
    insta::assert_snapshot!(
        "new_event",
        project.read("event-catalog/orders/order-status-changed.yaml")
    );
    assert_eq!(
        wrote(&[
            "new",
            "service",
            "billing",
            "--publishes",
            "orders.order.status_changed",
            "--consumes",
            "orders.order.created,orders.order.status_changed"
        ]),
        "wrote event-catalog/services/billing.yaml\n"
    );
    assert_eq!(
        project.read("event-catalog/services/billing.yaml"),
        "service: billing\npublishes: [orders.order.status_changed]\nsubscriptions:\n  main:\n    events: [orders.order.created, orders.order.status_changed]\n"
    );
    project.tidings(&["check", "--deny", "warnings"]).stdout(0);
    project.tidings(&["fmt", "--check"]).stdout(0);
}

#[test]
fn editors_are_told_what_a_file_is_where_the_catalog_has_their_schemas() {
    let project = Project::shop();
    project.tidings(&["generate"]).stdout(0);
    project.tidings(&["new", "service", "billing"]).stdout(0);
    assert_eq!(
        project.read("event-catalog/services/billing.yaml"),
        "# yaml-language-server: $schema=../.editor/v1/service.json\nservice: billing\n"
    );
}

#[test]
fn an_event_stands_beside_its_domain() {
    let project = Project::shop();
    let domain = project.read("event-catalog/orders/domain.yaml");
    std::fs::remove_dir_all(project.path().join("event-catalog/orders")).expect("a folder");
    project.write("event-catalog/sales/ordering/domain.yml", &domain);
    let shown = project.tidings(&["new", "event", "orders.order.shipped"]).stdout(0);
    assert_eq!(shown, "wrote event-catalog/sales/ordering/order-shipped.yaml\n");
}

#[test]
fn what_is_there_stays() {
    let project = Project::shop();
    project.write("event-catalog/orders/order-shipped.yaml", "# mine\n");
    let before = project.files();
    for (args, said) in [
        (&["new", "domain", "orders"][..], "the catalog has a domain `orders` already"),
        (
            &["new", "event", "orders.order.created"],
            "the catalog has an event `orders.order.created` already",
        ),
        (&["new", "event", "orders.order.shipped"], "order-shipped.yaml` is there already"),
        (&["new", "service", "sales"], "the catalog has a service `sales` already"),
    ] {
        let shown = project.tidings(args).failure();
        assert!(shown.contains(said), "{shown}");
    }
    assert_eq!(project.files(), before);
    assert_eq!(project.read("event-catalog/orders/order-shipped.yaml"), "# mine\n");
}

#[test]
fn what_would_be_a_mistake_is_not_written() {
    let project = Project::shop();
    let before = project.files();
    insta::assert_snapshot!(
        "new_unknown_event",
        project
            .tidings(&["new", "service", "billing", "--consumes", "orders.order.craeted"])
            .stdout(1)
    );
    for name in ["Billing", "../billing", "types"] {
        let shown = project.tidings(&["new", "domain", name]).stdout(1);
        assert!(shown.contains("nothing is written"), "{name}: {shown}");
    }
    insta::assert_snapshot!(
        "new_unknown_domain",
        project.tidings(&["new", "event", "order.order.shipped"]).failure()
    );
    let dotless = project.tidings(&["new", "event", "OrderShipped"]).failure();
    assert!(dotless.contains("write `domain.entity.action`"), "{dotless}");
    assert_eq!(project.files(), before);
}

#[test]
fn mistakes_elsewhere_do_not_stand_in_the_way() {
    let project = Project::shop();
    project.write("event-catalog/services/broken.yaml", "service: broken\npublishes: [a.b.c]\n");
    project.tidings(&["new", "event", "orders.order.shipped"]).stdout(0);
}
