//! Relaying what lies in an outbox, beside bare async-nats with the same messages, as many on their way at once.

use std::time::Duration;

use sqlx::PgPool;
use tempfile::TempDir;
use tidings::Dialect;
use tidings::outbox::{Outbox, PostgresOutbox, SqliteOutbox};
use tidings_tests::database::Postgres;
use tokio::sync::oneshot;

use crate::Outcome;
use crate::measure::{Case, Plan, Sample, in_turns, on_runtime};
use crate::publish;
use crate::stage::{Stage, event, publisher};

/// As many as a relay has on their way at once.
const WINDOW: usize = 512;
/// Events of one transaction.
const TOGETHER: usize = 500;

#[derive(Clone, Copy)]
enum Program {
    Bare,
    Sqlite,
    Postgres,
}

/// A backlog of events with a thousand keys, from the start of the relay until all of them are in the stream and gone from
/// the database.
pub(crate) async fn relayed(stage: &Stage, plan: &Plan) -> Outcome<Case> {
    let events = plan.streamed;
    let databases = Databases::open().await?;
    let programs = [
        ("async-nats", Program::Bare),
        ("tidings, SQLite", Program::Sqlite),
        ("tidings, PostgreSQL", Program::Postgres),
    ];
    in_turns("relay an outbox, 512 on their way", plan, &programs, async |program| {
        stage.clear().await?;
        let sample = match program {
            Program::Bare => publish::bare_pipelined(stage, events, WINDOW).await?,
            Program::Sqlite => drained(stage, &databases.sqlite, events).await?,
            Program::Postgres => drained(stage, &databases.postgres, events).await?,
        };
        stage.holds(events).await?;
        Ok(sample)
    })
    .await
}

async fn drained<DB: Dialect>(
    stage: &Stage,
    outbox: &Outbox<DB>,
    events: usize,
) -> Outcome<Sample> {
    fill(stage, outbox, events).await?;
    let (stream, meter, outbox, bus) =
        (stage.stream().await?, stage.meter.clone(), outbox.clone(), stage.bus.clone());
    on_runtime(async move {
        let (end, ended) = oneshot::channel::<()>();
        let started = meter.start();
        let relay = tokio::spawn(outbox.relay(&bus).until(ended));
        while stream.get_info().await?.state.messages < events as u64 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        drop(end);
        let report = relay.await??;
        let sample = started.stop(events);
        match (report.relayed, report.left) {
            (relayed, Some(0)) if relayed == events as u64 => Ok(sample),
            _ => Err(format!("{events} events should have been relayed: {report:?}").into()),
        }
    })
    .await
}

async fn fill<DB: Dialect>(stage: &Stage, outbox: &Outbox<DB>, events: usize) -> Outcome {
    let publisher = publisher(&stage.bus);
    for first in (0..events).step_by(TOGETHER) {
        let mut transaction = outbox.pool().begin().await?;
        for index in first..events.min(first + TOGETHER) {
            outbox.publish(&mut transaction, publisher.parcel_sent(event(index))).await?;
        }
        transaction.commit().await?;
    }
    Ok(())
}

/// One of each, which ends with its outbox.
struct Databases {
    sqlite: SqliteOutbox,
    postgres: PostgresOutbox,
    _server: Postgres,
    _folder: TempDir,
}

impl Databases {
    async fn open() -> Outcome<Self> {
        let (folder, server) = (tempfile::tempdir()?, Postgres::start().await?);
        let sqlite = Outbox::file(folder.path().join("outbox.db")).await?;
        let postgres = Outbox::new(PgPool::connect(&server.url()).await?);
        postgres.migrate().await?;
        Ok(Self { sqlite, postgres, _server: server, _folder: folder })
    }
}
