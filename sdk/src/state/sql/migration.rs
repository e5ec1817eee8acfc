//! How tables come about, and how they become those of a newer version.

use std::time::Duration;

use sqlx::Pool;

use super::{Dialect, Lent, Value};

/// One at a time migrates: the number stands for nothing but that.
const LOCK: i64 = 0x7469_6469_6e67_7300;

/// How long it waits for another that migrates.
const PATIENCE: Duration = Duration::from_secs(60);

/// Which version each component's tables have.
const VERSIONS: &str = "CREATE TABLE IF NOT EXISTS tidings_versions (
    component TEXT PRIMARY KEY,
    version BIGINT NOT NULL
)";

/// The tables of one component, version by version.
#[derive(Debug)]
pub(crate) struct Migrations {
    /// Its name: `inbox`.
    pub(crate) component: &'static str,
    /// Each makes a version of the one before it, and only adds: an instance with an older version of this crate goes on
    /// working during a rollout. What was released is never changed.
    pub(crate) steps: &'static [Migration],
}

/// From one version to the next.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Migration {
    pub(crate) sqlite: &'static str,
    pub(crate) postgres: &'static str,
}

/// The tables of a component could not be brought to their newest version. Those that there were are as they were.
#[derive(Debug, thiserror::Error)]
#[error("the tables of the {component} could not be created or brought to version {version}")]
pub struct MigrateError {
    component: &'static str,
    version: usize,
    source: sqlx::Error,
}

impl Migrations {
    /// Brings the tables to the newest version, whoever else does the same at the same time. Nothing happens where they have
    /// it, or a newer one.
    pub(crate) async fn run<DB: Dialect>(&self, pool: &Pool<DB>) -> Result<(), MigrateError> {
        let migrated = self.migrate(pool).await;
        let (component, version) = (self.component, self.steps.len());
        migrated.map_err(|source| MigrateError { component, version, source })
    }

    async fn migrate<DB: Dialect>(&self, pool: &Pool<DB>) -> sqlx::Result<()> {
        let mut lent = Lent::of(pool).await?;
        let migrated = self.migrate_in::<DB>(&mut lent).await;
        lent.give_back();
        migrated
    }

    async fn migrate_in<DB: Dialect>(&self, connection: &mut DB::Connection) -> sqlx::Result<()> {
        let component = Value::Text(self.component);
        let mut transaction = DB::begin(connection, PATIENCE).await?;
        DB::lock(&mut transaction, LOCK).await?;
        DB::script(&mut transaction, VERSIONS).await?;
        let query = "SELECT version FROM tidings_versions WHERE component = $1";
        let version = DB::number(&mut transaction, query, &[component]).await?.unwrap_or(0);
        // A newer one is that of another instance, and has everything that this one needs.
        let behind = usize::try_from(version).ok().and_then(|version| self.steps.get(version..));
        let Some(steps) = behind.filter(|steps| !steps.is_empty()) else { return Ok(()) };
        for step in steps {
            DB::script(&mut transaction, DB::choose(step.sqlite, step.postgres)).await?;
        }
        let newest = i64::try_from(self.steps.len()).unwrap_or(i64::MAX);
        let note = "INSERT INTO tidings_versions (component, version) VALUES ($1, $2)
            ON CONFLICT (component) DO UPDATE SET version = excluded.version";
        DB::execute(&mut transaction, note, &[component, Value::Number(newest)]).await?;
        transaction.commit().await
    }
}

#[cfg(all(test, feature = "sqlite"))]
mod tests {
    use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};

    use super::*;

    const FIRST: Migration = Migration {
        sqlite: "CREATE TABLE things (id INTEGER PRIMARY KEY); INSERT INTO things VALUES (1)",
        postgres: "",
    };
    const SECOND: Migration =
        Migration { sqlite: "ALTER TABLE things ADD COLUMN name TEXT", postgres: "" };
    const BROKEN: Migration = Migration {
        sqlite: "CREATE TABLE others (id INTEGER PRIMARY KEY); SELECT nothing",
        postgres: "",
    };

    const V1: Migrations = Migrations { component: "things", steps: &[FIRST] };
    const V2: Migrations = Migrations { component: "things", steps: &[FIRST, SECOND] };
    const V3: Migrations = Migrations { component: "things", steps: &[FIRST, SECOND, BROKEN] };

    async fn count(pool: &Pool<sqlx::Sqlite>, sql: &'static str) -> Option<i64> {
        sqlx::query_scalar(sql).fetch_one(pool).await.ok()
    }

    #[tokio::test]
    async fn each_step_is_made_once_whoever_begins() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = SqliteConnectOptions::new().filename(folder.path().join("a.db"));
        let pool = SqlitePoolOptions::new().connect_lazy_with(file.create_if_missing(true));
        let (one, other, newer) = tokio::join!(V1.run(&pool), V1.run(&pool), V2.run(&pool));
        for migrated in [one, other, newer, V2.run(&pool).await] {
            migrated.expect("migrated");
        }
        assert_eq!(count(&pool, "SELECT COUNT(name) + COUNT(*) FROM things").await, Some(1));
        V1.run(&pool).await.expect("what is newer stays");
        let version = "SELECT version FROM tidings_versions WHERE component = 'things'";
        assert_eq!(count(&pool, version).await, Some(2));

        let error = V3.run(&pool).await.expect_err("it is broken");
        assert!(error.to_string().contains("tables of the things"), "{error}");
        assert_eq!(count(&pool, version).await, Some(2));
        assert_eq!(count(&pool, "SELECT COUNT(*) FROM others").await, None, "all or nothing");
    }
}
