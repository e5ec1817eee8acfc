use std::time::Duration;

use tidings::objects::{ObjectError, Objects, ObjectsConfig};
use tidings::{BrokerError, Tidings};

use super::on_both_brokers;
use crate::fixture::until;

on_both_brokers!(
    an_object_of_any_size_is_read_back,
    an_object_takes_the_place_of_the_one_before,
    what_was_deleted_is_gone_with_its_parts,
    objects_are_listed_by_what_is_there,
    whoever_takes_less_is_not_given_more,
    objects_grow_old,
    a_full_bucket_refuses_an_object_and_keeps_none_of_it,
    a_bucket_of_objects_that_nobody_created_is_named,
    what_cannot_be_an_objects_name_is_refused,
);

const CHUNK: usize = 128 * 1024;
const LARGEST: u64 = 1 << 30;

async fn scans(bus: &Tidings) -> Objects {
    bus.ensure_objects(&ObjectsConfig::new("scans")).await.expect("a bucket")
}

fn noise(bytes: usize) -> Vec<u8> {
    let mut random = fastrand::Rng::with_seed(bytes as u64);
    std::iter::repeat_with(|| random.u8(..)).take(bytes).collect()
}

async fn an_object_of_any_size_is_read_back(bus: Tidings) {
    let scans = scans(&bus).await;
    for (bytes, chunks) in
        [(0, 0), (1, 1), (CHUNK, 1), (CHUNK + 1, 2), (3 * CHUNK, 3), (5 << 20, 40)]
    {
        let name = format!("of {bytes}/bytes ü.bin");
        let put = scans.put(&name, noise(bytes)).await.expect("put");
        assert_eq!((put.size, put.chunks), (bytes as u64, chunks), "{bytes}");
        let info = scans.info(&name).await.expect("readable").expect("it is there");
        assert_eq!((info.size, info.chunks, &info.digest), (put.size, put.chunks, &put.digest));
        let got = scans.get(&name, LARGEST).await.expect("readable").expect("it is there");
        assert!(got == noise(bytes), "other bytes than the {bytes} that were put");

        let mut reader = scans.read(&name).await.expect("readable").expect("it is there");
        let mut read = Vec::new();
        while let Some(part) = reader.next().await.expect("a part") {
            assert!(part.len() <= CHUNK);
            read.extend_from_slice(&part);
        }
        assert!(read == noise(bytes), "other bytes in parts than the {bytes} that were put");
        assert!(reader.next().await.expect("still the end").is_none());
    }
    let again = bus.objects("scans").expect("a name");
    assert!(again.info("of 1/bytes ü.bin").await.expect("readable").is_some());
    assert!(again.info("never put").await.expect("readable").is_none());
    assert!(again.read("never put").await.expect("readable").is_none());
}

async fn an_object_takes_the_place_of_the_one_before(bus: Tidings) {
    let scans = scans(&bus).await;
    scans.put("page", noise(3 * CHUNK)).await.expect("put");
    let mut late = scans.read("page").await.expect("readable").expect("it is there");
    late.next().await.expect("a part").expect("the first of three");
    scans.put("page", "a short one").await.expect("put");
    let got = scans.get("page", LARGEST).await.expect("readable").expect("it is there");
    assert_eq!(&got[..], b"a short one");
    // Who is still reading the one before is told, and not given half of it.
    let error = loop {
        match late.next().await {
            Ok(Some(_)) => {}
            Ok(None) => panic!("taken for whole"),
            Err(error) => break error,
        }
    };
    assert!(matches!(error, ObjectError::Damaged { .. }), "{error:?}");
}

async fn what_was_deleted_is_gone_with_its_parts(bus: Tidings) {
    let config = ObjectsConfig::new("scans").max_bytes(1 << 20);
    let scans = bus.ensure_objects(&config).await.expect("a bucket");
    scans.delete("page").await.expect("nothing is wrong with that");
    for _ in 0..4 {
        // Two of them would not fit side by side.
        scans.put("page", noise(600_000)).await.expect("put");
        scans.delete("page").await.expect("deleted");
        assert!(scans.info("page").await.expect("readable").is_none());
        assert!(scans.get("page", LARGEST).await.expect("readable").is_none());
    }
}

async fn objects_are_listed_by_what_is_there(bus: Tidings) {
    let scans = scans(&bus).await;
    assert!(scans.list().await.expect("readable").is_empty());
    for name in ["a", "b", "c", "a"] {
        scans.put(name, name.repeat(3)).await.expect("put");
    }
    scans.delete("b").await.expect("deleted");
    let mut names: Vec<String> =
        scans.list().await.expect("readable").into_iter().map(|info| info.name).collect();
    names.sort();
    assert_eq!(names, ["a", "c"]);
}

async fn whoever_takes_less_is_not_given_more(bus: Tidings) {
    let scans = scans(&bus).await;
    scans.put("page", noise(1000)).await.expect("put");
    assert!(scans.get("page", 1000).await.expect("just as much").is_some());
    let error = scans.get("page", 999).await.expect_err("more");
    assert!(matches!(error, ObjectError::TooLarge { size: 1000, limit: 999, .. }), "{error:?}");
}

async fn objects_grow_old(bus: Tidings) {
    let config = ObjectsConfig::new("scans").max_age(Duration::from_secs(1));
    let scans = bus.ensure_objects(&config).await.expect("a bucket");
    scans.put("page", noise(CHUNK + 1)).await.expect("put");
    until("it is forgotten", async || scans.info("page").await.expect("readable").is_none()).await;
}

async fn a_full_bucket_refuses_an_object_and_keeps_none_of_it(bus: Tidings) {
    let config = ObjectsConfig::new("scans").max_bytes(1 << 20);
    let scans = bus.ensure_objects(&config).await.expect("a bucket");
    scans.put("small", noise(300_000)).await.expect("put");
    let full = scans.put("large", noise(1 << 20)).await.expect_err("full");
    let ObjectError::Broker { source: BrokerError::Refused { code: 10077, .. }, .. } = full else {
        panic!("{full:?}");
    };
    assert!(scans.info("large").await.expect("readable").is_none());
    // There is room where its parts were, and what had been there is whole.
    scans.put("other", noise(500_000)).await.expect("put");
    assert!(scans.get("small", LARGEST).await.expect("readable").expect("there") == noise(300_000));
}

async fn a_bucket_of_objects_that_nobody_created_is_named(bus: Tidings) {
    let nowhere = bus.objects("nowhere").expect("a name");
    let error = nowhere.info("page").await.expect_err("no bucket");
    assert!(error.to_string().contains("nowhere"), "{error}");
    let ObjectError::Broker { source: BrokerError::StreamMissing(_), .. } = error else {
        panic!("{error:?}");
    };
}

async fn what_cannot_be_an_objects_name_is_refused(bus: Tidings) {
    assert!(matches!(bus.objects("a.b"), Err(ObjectError::BucketName { .. })));
    let scans = scans(&bus).await;
    for name in ["", &"x".repeat(513)] {
        let error = scans.put(name, "x").await.expect_err("no name");
        assert!(matches!(error, ObjectError::Name { .. }), "{error:?}");
        assert!(matches!(scans.info(name).await, Err(ObjectError::Name { .. })));
    }
    scans.put(&"ü".repeat(256), "x").await.expect("as long as it may be");
}
