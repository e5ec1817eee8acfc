//! Buckets of objects that other clients use too.

use async_nats::jetstream::{self, object_store};
use tidings::objects::{ObjectError, ObjectsConfig};
use tidings::testing::NatsServer;
use tidings::{Config, Tidings};
use tokio::io::AsyncReadExt as _;

const LARGEST: u64 = 1 << 30;

/// A server, our connection to it, and another client's.
async fn both() -> (NatsServer, Tidings, jetstream::Context) {
    let server = NatsServer::start().await.expect("a server");
    let bus = Tidings::connect(Config::new(server.url())).await.expect("a connection");
    let client = async_nats::connect(server.url()).await.expect("a connection");
    (server, bus, jetstream::new(client))
}

fn noise(bytes: usize) -> Vec<u8> {
    let mut random = fastrand::Rng::with_seed(7);
    std::iter::repeat_with(|| random.u8(..)).take(bytes).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_we_put_another_client_reads() {
    let (_server, bus, context) = both().await;
    let ours = bus.ensure_objects(&ObjectsConfig::new("scans").compressed()).await;
    let ours = ours.expect("a bucket");
    let theirs = context.get_object_store("scans").await.expect("a bucket to them too");
    for (name, bytes) in [("page", 400_000), ("a page.of 1 ü", 1), ("nothing", 0), ("page", 5)] {
        let put = ours.put(name, noise(bytes)).await.expect("put");
        let info = theirs.info(name).await.expect("known to them");
        assert_eq!((info.size, info.chunks as u64, &info.digest), (bytes, put.chunks, &put.digest));
        assert_eq!((info.name.as_str(), info.bucket.as_str()), (name, "scans"));
        let mut read = Vec::new();
        let mut object = theirs.get(name).await.expect("readable to them");
        // It checks the digest.
        object.read_to_end(&mut read).await.expect("whole to them");
        assert!(read == noise(bytes), "other bytes than were put");
    }
    ours.delete("page").await.expect("deleted");
    assert!(theirs.info("page").await.expect("its deletion").deleted);
    theirs.put("page", &mut &b"again"[..]).await.expect("put over our deletion");
    let got = ours.get("page", LARGEST).await.expect("readable").expect("it is there");
    assert_eq!(&got[..], b"again");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_another_client_puts_we_read() {
    let (_server, bus, context) = both().await;
    let config = object_store::Config { bucket: "scans".to_owned(), ..Default::default() };
    let theirs = context.create_object_store(config).await.expect("a bucket");
    let ours = bus.objects("scans").expect("a name");
    for bytes in [0, 1, 400_000] {
        let put = theirs.put("page", &mut &noise(bytes)[..]).await.expect("put");
        let info = ours.info("page").await.expect("readable").expect("it is there");
        assert_eq!((info.size, info.digest), (bytes as u64, put.digest));
        let got = ours.get("page", LARGEST).await.expect("readable").expect("it is there");
        assert!(got == noise(bytes), "other bytes than were put");
    }
    theirs
        .add_link("alias", &theirs.get("page").await.expect("it is there"))
        .await
        .expect("linked");
    assert!(matches!(ours.info("alias").await, Err(ObjectError::Link { .. })));
    theirs.delete("page").await.expect("deleted");
    assert!(ours.info("page").await.expect("readable").is_none());
    ours.put("page", "again").await.expect("put over their deletion");
    assert!(!theirs.info("page").await.expect("known to them").deleted);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_part_that_is_lost_or_changed_is_noticed() {
    let (_server, bus, context) = both().await;
    let ours = bus.ensure_objects(&ObjectsConfig::new("scans")).await.expect("a bucket");
    let stream = context.get_stream("OBJ_scans").await.expect("its stream");

    ours.put("page", noise(300_000)).await.expect("put");
    stream.delete_message(2).await.expect("the second of three");
    let error = ours.get("page", LARGEST).await.expect_err("a part is lost");
    assert!(error.to_string().contains("2 of 3 parts are there"), "{error}");

    ours.put("page", "sound").await.expect("put");
    let first =
        stream.get_raw_message(stream.get_info().await.expect("its state").state.last_sequence - 1);
    let chunk = first.await.expect("the part before what is said about it");
    stream.delete_message(chunk.sequence).await.expect("deleted");
    context.publish(chunk.subject, "round".into()).await.expect("sent").await.expect("stored");
    let error = ours.get("page", LARGEST).await.expect_err("another part");
    assert!(error.to_string().contains("its digest is"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_object_is_put_and_read_while_the_server_is_killed() {
    let (mut server, bus, _context) = both().await;
    let scans = bus.ensure_objects(&ObjectsConfig::new("scans")).await.expect("a bucket");
    let working = tokio::spawn(async move {
        for number in 0..30 {
            let name = format!("page {number}");
            scans.put(&name, noise(1_000_000)).await?;
            let got = scans.get(&name, LARGEST).await?.expect("it was put");
            assert!(got == noise(1_000_000), "other bytes than were put");
        }
        Ok::<_, ObjectError>(scans.list().await?.len())
    });
    for _ in 0..2 {
        server.restart().await.expect("back");
    }
    assert_eq!(working.await.expect("no panic").expect("all put and read"), 30);
}
