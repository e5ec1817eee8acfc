use tidings::BrokerError;

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_that_no_catalog_describes_is_created_changed_and_deleted() {
    let server = NatsServer::start().await.expect("a server");
    let bus = connect(&server).await;
    let streams = bus.streams().expect("a server");
    assert_eq!(streams.info("AUDIT").await.expect("an answer"), None);
    let missing = streams.change("AUDIT", &json!({ "max_msgs": 5 })).await;
    assert!(matches!(missing, Err(BrokerError::StreamMissing(name)) if name == "AUDIT"));

    let settings = json!({ "subjects": ["audit.>"], "compression": "s2" });
    let created = streams.create("AUDIT", &settings).await.expect("created");
    assert_eq!(streams.create("AUDIT", &settings).await.expect("the same"), created);
    let other = streams.create("AUDIT", &json!({ "subjects": ["other"] })).await;
    assert!(matches!(other, Err(BrokerError::Refused { code: 10058, .. })), "{other:?}");
    let changed = streams.change("AUDIT", &json!({ "max_msgs": 5 })).await.expect("changed");
    assert_eq!(
        (&changed.settings["max_msgs"], &changed.settings["compression"]),
        (&json!(5), &json!("s2"))
    );
    let list = streams.list().await.expect("a list");
    assert_eq!(list.len(), 1);
    assert_eq!((&list[0].name, &list[0].settings["max_msgs"]), (&changed.name, &json!(5)));

    streams.delete("AUDIT").await.expect("deleted");
    streams.delete("AUDIT").await.expect("gone already");
    assert!(streams.list().await.expect("a list").is_empty());
    for name in ["", "a.b", "*", ">", "a b"] {
        let refused = streams.delete(name).await;
        assert!(
            matches!(refused, Err(BrokerError::Refused { code: 0, .. })),
            "{name}: {refused:?}"
        );
    }
}
