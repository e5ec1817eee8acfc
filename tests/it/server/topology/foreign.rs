use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_in_the_way_is_named_and_blocks_no_other() {
    let server = NatsServer::start().await.expect("a server");
    let bus = connect(&server).await;
    let admin = Admin::of(&server).await;
    let legacy = json!({ "name": "LEGACY", "subjects": ["legacy", "parcels.parcel.*"] });
    admin.call("STREAM.CREATE.LEGACY", legacy).await;

    let planned = plan(&bus, &CATALOG).await;
    let said = "`parcels.>` overlaps with `parcels.parcel.*` of the stream `LEGACY`";
    assert!(planned.differences().any(|one| one.class == Class::Foreign && one.text == said));
    let applied = bus.topology(&CATALOG).apply().await.expect("applied");
    assert!(applied.refused.is_empty(), "{:?}", applied.refused);
    for difference in applied.left.differences() {
        assert_eq!(
            difference.object.path().split('/').next(),
            Some("PARCELS_EVENTS"),
            "{difference:?}"
        );
    }
    let ensured = bus.ensure(&CATALOG).await.expect_err("it cannot be created").to_string();
    assert_eq!(
        ensured,
        "the stream `PARCELS_EVENTS` could not be brought to what the catalog says: its subject `parcels.>` overlaps with \
         `parcels.parcel.*` of the stream `LEGACY`: no two streams take one subject"
    );

    admin.call("STREAM.DELETE.LEGACY", Value::Null).await;
    let applied = bus.topology(&CATALOG).apply().await.expect("applied");
    assert!(applied.left.is_clean(), "{:?}", lines(applied.left.differences()));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_external_stream_is_compared_and_never_touched() {
    let server = NatsServer::start().await.expect("a server");
    let bus = connect(&server).await;
    let admin = Admin::of(&server).await;
    let catalog = changed(|stream| {
        if stream.name == "PARCELS_EVENTS" {
            stream.ownership = Ownership::External;
        }
    });
    let missing = bus.topology(&catalog).apply().await.expect("applied").left;
    let said = "PARCELS_EVENTS: does not exist, and is external [missing]";
    assert!(lines(missing.differences()).contains(&said.to_owned()));
    let ensured = bus.ensure(&catalog).await.expect_err("nobody has created it").to_string();
    assert!(ensured.contains("does not exist, and is external"), "{ensured}");

    let theirs = json!({ "name": "PARCELS_EVENTS", "subjects": ["parcels.>", "letters.>"], "max_msgs": 100, "max_age": 0 });
    admin.call("STREAM.CREATE.PARCELS_EVENTS", theirs).await;
    let before = admin.stream("PARCELS_EVENTS").await;
    let consent = Consent::new().narrow("PARCELS_EVENTS").recreate("PARCELS_EVENTS");
    let applied = bus.topology(&catalog).consent(consent).apply().await.expect("applied");
    assert_eq!(admin.stream("PARCELS_EVENTS").await, before);
    let left = lines(applied.left.differences());
    assert!(
        left.contains(&"PARCELS_EVENTS: max_msgs is 100 instead of unlimited [safe]".to_owned()),
        "{left:?}"
    );
    assert!(
        left.iter().all(|line| line.starts_with("PARCELS_EVENTS: ")),
        "its consumers are ours: {left:?}"
    );
    let notes = lines(applied.left.notes());
    assert!(
        notes.iter().any(|line| line.contains("max_age is unlimited")),
        "more is not wrong: {notes:?}"
    );
    bus.ensure(&catalog).await.expect("what it needs is there");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_catalogs_may_share_a_stream() {
    let server = NatsServer::start().await.expect("a server");
    let bus = super::super::connect(&server).await;
    let other = Catalog { name: "other", ..changed(|stream| stream.limits.max_age = None) };
    let applied = bus.topology(&other).apply().await.expect("applied");
    let left = lines(applied.left.differences());
    assert!(left.iter().all(|line| line.ends_with("[foreign]") || line.contains("/")), "{left:?}");
    let admin = Admin::of(&server).await;
    assert_eq!(admin.stream("PARCELS_EVENTS").await["max_age"], json!(86_400_000_000_000_u64));
}
