//! The story on a real NATS server and a real database.

use std::process::{Command, Output};

use sqlx::{Connection as _, PgConnection};
use tidings::testing::NatsServer;
use tidings_test_servers::database::Postgres;

#[tokio::test(flavor = "multi_thread")]
async fn the_story_comes_to_its_end_on_jetstream_and_postgresql() {
    let server = NatsServer::start().await.expect("a server");
    let database = Postgres::start().await.expect("a database");
    let keys = tempfile::tempdir().expect("a folder");
    let mut program = Command::new(env!("CARGO_BIN_EXE_order-processing"));
    program.arg("--keys").arg(keys.path().join("keys"));
    program.env("NATS_URL", server.url()).env("DATABASE_URL", database.url());
    let Output { status, stdout, stderr } = program.output().expect("it runs");
    let (story, said) = (String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr));
    assert!(status.success() && said.is_empty(), "{said}\n{story}");
    for told in [
        "the warehouse ham2 does not answer",
        "1303.90 EUR declined: limit_exceeded",
        "given back in fra1: 1 × ESPRESSO-PRO",
        "the breaker is open",
        "the breaker is closed",
        "6 of 6 orders are paid, each once: nothing was lost",
        "no warehouse has FONDUE-SET",
        "1 dead-lettered",
    ] {
        assert!(story.contains(told), "{told}: {story}");
    }

    let mut connection = PgConnection::connect(&database.url()).await.expect("connected");
    let query = "SELECT status, count(*) FROM order_changes
        WHERE status <> 'allocated' GROUP BY status ORDER BY status";
    let reached: Vec<(String, i64)> =
        sqlx::query_as(query).fetch_all(&mut connection).await.expect("readable");
    // The teapot, six mugs, and the fondue set; the espresso machine could not be paid.
    let expected = [("cancelled", 1), ("paid", 8), ("shipped", 1)];
    assert_eq!(reached, expected.map(|(status, count)| (status.to_owned(), count)));
    let waiting: i64 = sqlx::query_scalar("SELECT count(*) FROM tidings_outbox")
        .fetch_one(&mut connection)
        .await
        .expect("readable");
    assert_eq!(waiting, 0);
}
