//! The sessions in the database.

use sqlx::SqliteConnection;
use sqlx::types::uuid::fmt::Hyphenated;
use tidings::Uuid;

/// Begins a session.
pub(super) async fn begin(
    connection: &mut SqliteConnection,
    organization: &str,
    user_id: Uuid,
) -> sqlx::Result<Uuid> {
    let session_id = Uuid::now_v7();
    sqlx::query("INSERT INTO sessions (session_id, organization, user_id) VALUES (?, ?, ?)")
        .bind(session_id.hyphenated())
        .bind(organization)
        .bind(user_id.hyphenated())
        .execute(connection)
        .await?;
    Ok(session_id)
}

/// Ends a session, and tells whose it was.
pub(super) async fn end(
    connection: &mut SqliteConnection,
    organization: &str,
    session_id: Uuid,
) -> sqlx::Result<Option<Uuid>> {
    let ended = "DELETE FROM sessions WHERE organization = ? AND session_id = ? RETURNING user_id";
    let ended: Option<Hyphenated> = sqlx::query_scalar(ended)
        .bind(organization)
        .bind(session_id.hyphenated())
        .fetch_optional(connection)
        .await?;
    Ok(ended.map(Hyphenated::into_uuid))
}

/// Ends all sessions of a user, and tells how many they were.
pub(super) async fn end_all(connection: &mut SqliteConnection, user_id: Uuid) -> sqlx::Result<u64> {
    let ended = sqlx::query("DELETE FROM sessions WHERE user_id = ?")
        .bind(user_id.hyphenated())
        .execute(connection)
        .await?;
    Ok(ended.rows_affected())
}
