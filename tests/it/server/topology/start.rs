use tidings::topology::{Policy, TopologyError};

use super::*;

async fn connect_by(server: &NatsServer, policy: Policy) -> Tidings {
    let config = Config::new(server.url()).topology(policy);
    Tidings::connect(config).await.expect("a connection")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_does_what_its_policy_says() {
    let server = NatsServer::start().await.expect("a server");
    let off = connect_by(&server, Policy::Off).await;
    off.topology(&CATALOG).prepare().await.expect("nothing to do");
    let verifying = connect_by(&server, Policy::Verify).await;
    let Err(TopologyError::Differs(missing)) = verifying.topology(&CATALOG).prepare().await else {
        panic!("nothing is there");
    };
    assert_eq!(missing.len(), plan(&off, &CATALOG).await.differences().count());
    assert!(missing.iter().all(|one| one.class == Class::Missing));

    let ensuring = connect_by(&server, Policy::Ensure).await;
    ensuring.topology(&CATALOG).prepare().await.expect("created");
    verifying.topology(&CATALOG).prepare().await.expect("as it should be");

    let admin = Admin::of(&server).await;
    admin.change_stream("PARCELS_EVENTS", json!({ "max_age": 0, "max_msgs": 5 })).await;
    let differs =
        verifying.topology(&CATALOG).prepare().await.expect_err("it is not as it should be");
    assert_eq!(
        differs.to_string(),
        "the server is not as the catalog says:\n  stream `PARCELS_EVENTS`: max_msgs is 5 instead of unlimited"
    );
    ensuring.topology(&CATALOG).prepare().await.expect("repaired");
    // What it keeps beyond that is an operator's to take away.
    verifying.topology(&CATALOG).prepare().await.expect("as it should be");
    assert_eq!(admin.stream("PARCELS_EVENTS").await["max_age"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_is_told_of_what_only_an_operator_changes() {
    let server = NatsServer::start().await.expect("a server");
    let bus = connect(&server).await;
    let admin = Admin::of(&server).await;
    let config =
        json!({ "name": "PARCELS_EVENTS", "subjects": ["parcels.>"], "storage": "memory" });
    admin.call("STREAM.CREATE.PARCELS_EVENTS", config).await;
    let error = bus.ensure(&CATALOG).await.expect_err("the storage is another").to_string();
    assert_eq!(
        error,
        "the stream `PARCELS_EVENTS` could not be brought to what the catalog says: storage is memory, the catalog says \
         file; no server changes `storage` of what exists"
    );
}

#[tokio::test]
async fn the_embedded_broker_has_nothing_to_compare() {
    let bus = Tidings::embedded();
    let topology = bus.topology(&CATALOG);
    assert!(matches!(topology.plan().await, Err(TopologyError::Embedded)));
    topology.verify().await.expect("created");
    topology.prepare().await.expect("there already");
}
