//! The accounts in the database. Every question names the organization: there is no way to ask for another's.

use event_catalog::types::{PersonName, UserStatus};
use sqlx::sqlite::SqliteRow;
use sqlx::types::Json;
use sqlx::types::uuid::fmt::Hyphenated;
use sqlx::{Row as _, SqliteConnection};
use tidings::Uuid;

pub(super) const SCHEMA: &str = "
    CREATE TABLE IF NOT EXISTS accounts (
        user_id      TEXT PRIMARY KEY,
        organization TEXT NOT NULL,
        email        TEXT NOT NULL COLLATE NOCASE,
        name         TEXT NOT NULL,
        status       TEXT NOT NULL,
        password     TEXT NOT NULL,
        UNIQUE (organization, email)
    ) STRICT;
    CREATE TABLE IF NOT EXISTS roles (
        user_id TEXT NOT NULL REFERENCES accounts ON DELETE CASCADE,
        role    TEXT NOT NULL,
        PRIMARY KEY (user_id, role)
    ) STRICT;
    CREATE TABLE IF NOT EXISTS sessions (
        session_id   TEXT PRIMARY KEY,
        organization TEXT NOT NULL,
        user_id      TEXT NOT NULL REFERENCES accounts ON DELETE CASCADE
    ) STRICT;
";

/// Who wants an account.
pub struct Registration {
    /// Address to sign in with.
    pub email: String,
    /// The user's name.
    pub name: PersonName,
    /// What proves who they are.
    pub password: String,
}

/// What is to be different about an account.
#[derive(Default)]
pub struct Changes {
    /// Another address.
    pub email: Option<String>,
    /// Another name.
    pub name: Option<PersonName>,
    /// What the account may do from now on.
    pub status: Option<UserStatus>,
}

/// An account as it stands.
pub(super) struct Account {
    pub(super) user_id: Uuid,
    pub(super) email: String,
    pub(super) name: PersonName,
    pub(super) status: UserStatus,
    /// What is kept of the password.
    pub(super) password: String,
}

impl Account {
    fn read(row: &SqliteRow) -> sqlx::Result<Self> {
        let user_id = row.try_get::<Hyphenated, _>("user_id")?.into_uuid();
        let (Json(name), Json(status)) = (row.try_get("name")?, row.try_get("status")?);
        let (email, password) = (row.try_get("email")?, row.try_get("password")?);
        Ok(Self { user_id, email, name, status, password })
    }
}

/// The account with this id.
pub(super) async fn by_id(
    connection: &mut SqliteConnection,
    organization: &str,
    user_id: Uuid,
) -> sqlx::Result<Option<Account>> {
    let found = sqlx::query("SELECT * FROM accounts WHERE organization = ? AND user_id = ?")
        .bind(organization)
        .bind(user_id.hyphenated())
        .fetch_optional(connection)
        .await?;
    found.as_ref().map(Account::read).transpose()
}

/// The account with this address.
pub(super) async fn by_email(
    connection: &mut SqliteConnection,
    organization: &str,
    email: &str,
) -> sqlx::Result<Option<Account>> {
    let found = sqlx::query("SELECT * FROM accounts WHERE organization = ? AND email = ?")
        .bind(organization)
        .bind(email)
        .fetch_optional(connection)
        .await?;
    found.as_ref().map(Account::read).transpose()
}

/// Takes an account in, or takes over what is different about it. False where another has the address.
pub(super) async fn put(
    connection: &mut SqliteConnection,
    organization: &str,
    account: &Account,
) -> sqlx::Result<bool> {
    let put = "
        INSERT INTO accounts (user_id, organization, email, name, status, password)
        VALUES (?, ?, ?, ?, ?, ?)
        ON CONFLICT (user_id) DO UPDATE SET
            email = excluded.email, name = excluded.name, status = excluded.status,
            password = excluded.password";
    let put = sqlx::query(put)
        .bind(account.user_id.hyphenated())
        .bind(organization)
        .bind(&account.email)
        .bind(Json(&account.name))
        .bind(Json(account.status))
        .bind(&account.password)
        .execute(connection)
        .await;
    match put {
        Ok(_) => Ok(true),
        Err(sqlx::Error::Database(error)) if error.is_unique_violation() => Ok(false),
        Err(error) => Err(error),
    }
}

/// Removes an account with its roles and sessions. False where there is none.
pub(super) async fn remove(
    connection: &mut SqliteConnection,
    organization: &str,
    user_id: Uuid,
) -> sqlx::Result<bool> {
    let removed = sqlx::query("DELETE FROM accounts WHERE organization = ? AND user_id = ?")
        .bind(organization)
        .bind(user_id.hyphenated())
        .execute(connection)
        .await?;
    Ok(removed.rows_affected() > 0)
}

/// Gives a role. False where the user has it already.
pub(super) async fn give(
    connection: &mut SqliteConnection,
    user_id: Uuid,
    role: &str,
) -> sqlx::Result<bool> {
    let given =
        sqlx::query("INSERT INTO roles (user_id, role) VALUES (?, ?) ON CONFLICT DO NOTHING")
            .bind(user_id.hyphenated())
            .bind(role)
            .execute(connection)
            .await?;
    Ok(given.rows_affected() > 0)
}
