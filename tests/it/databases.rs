//! The databases that other tests start are real, and can be killed.

use sqlx::{Connection, PgConnection};
use tidings_tests::database::{Postgres, Redis};

#[tokio::test]
async fn what_postgres_committed_is_there_after_a_kill() {
    let mut postgres = Postgres::start().await.expect("a server");
    let mut connection = PgConnection::connect(&postgres.url()).await.expect("connected");
    let create = "CREATE TABLE kept AS SELECT 7 AS number";
    sqlx::query(create).execute(&mut connection).await.expect("committed");
    postgres.kill().expect("killed");
    postgres.restart().await.expect("up again");
    let mut connection = PgConnection::connect(&postgres.url()).await.expect("connected");
    let kept = sqlx::query_scalar::<_, i32>("SELECT number FROM kept").fetch_one(&mut connection);
    assert_eq!(kept.await.expect("there"), 7);
}

#[tokio::test]
async fn what_redis_took_is_there_after_a_kill() {
    let mut server = Redis::start().await.expect("a server");
    let client = redis::Client::open(server.url()).expect("an address");
    let mut connection = client.get_multiplexed_async_connection().await.expect("connected");
    let set = redis::cmd("SET").arg("kept").arg(7).query_async::<()>(&mut connection).await;
    set.expect("taken");
    server.kill().expect("killed");
    server.restart().await.expect("up again");
    let mut connection = client.get_multiplexed_async_connection().await.expect("connected");
    let kept = redis::cmd("GET").arg("kept").query_async::<u8>(&mut connection).await;
    assert_eq!(kept.expect("there"), 7);
}
