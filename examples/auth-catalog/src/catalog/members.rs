//! The copy of the users.

use std::path::Path;

use event_catalog::types::{PersonName, UserStatus};
use sqlx::types::Json;
use sqlx::{Row as _, SqlitePool};
use tidings::Uuid;

use crate::database;

// Of who is deleted, nothing is left but the place of the event that said so: what comes late must not bring them back.
const SCHEMA: &str = "
    CREATE TABLE IF NOT EXISTS members (
        organization TEXT NOT NULL,
        user_id      TEXT NOT NULL,
        sequence     INTEGER NOT NULL,
        email        TEXT,
        name         TEXT,
        status       TEXT,
        PRIMARY KEY (organization, user_id)
    ) STRICT;
";

/// A user, as the identity service has told.
#[derive(Clone, Debug, PartialEq)]
pub struct Member {
    /// The user.
    pub user_id: Uuid,
    /// Address to write to.
    pub email: String,
    /// The user's name.
    pub name: PersonName,
    /// What the account may do.
    pub status: UserStatus,
}

/// The users of all organizations. Every question names one: there is no way to see another's.
#[derive(Clone)]
pub struct Members(SqlitePool);

impl Members {
    /// Opens the table, in a file or in memory.
    ///
    /// # Errors
    /// The database cannot be used.
    pub async fn open(path: Option<&Path>) -> sqlx::Result<Self> {
        Ok(Self(database::open(path, SCHEMA).await?))
    }

    /// The users of an organization, by id.
    ///
    /// # Errors
    /// The database fails.
    pub async fn of(&self, organization: &str) -> sqlx::Result<Vec<Member>> {
        let of = "
            SELECT user_id, email, name, status FROM members
            WHERE organization = ? AND email IS NOT NULL ORDER BY user_id";
        let rows = sqlx::query(of).bind(organization).fetch_all(&self.0).await?;
        let members = rows.iter().map(|row| {
            let user_id = row.try_get::<sqlx::types::uuid::fmt::Hyphenated, _>("user_id")?;
            let (Json(name), Json(status)) = (row.try_get("name")?, row.try_get("status")?);
            Ok(Member { user_id: user_id.into_uuid(), email: row.try_get("email")?, name, status })
        });
        members.collect()
    }

    /// Takes over what the event at this place of the stream says of a user: how they are now, or that they are gone. False
    /// where something newer is known, because a delivery came late or a second time.
    pub(super) async fn take(
        &self,
        organization: &str,
        user_id: Uuid,
        sequence: u64,
        member: Option<Member>,
    ) -> sqlx::Result<bool> {
        let sequence =
            i64::try_from(sequence).map_err(|error| sqlx::Error::Encode(error.into()))?;
        let take = "
            INSERT INTO members (organization, user_id, sequence, email, name, status)
            VALUES (?, ?, ?, ?, ?, ?)
            ON CONFLICT (organization, user_id) DO UPDATE SET
                sequence = excluded.sequence, email = excluded.email, name = excluded.name,
                status = excluded.status
            WHERE excluded.sequence > members.sequence";
        let taken = sqlx::query(take)
            .bind(organization)
            .bind(user_id.hyphenated())
            .bind(sequence)
            .bind(member.as_ref().map(|member| &member.email))
            .bind(member.as_ref().map(|member| Json(&member.name)))
            .bind(member.as_ref().map(|member| Json(member.status)))
            .execute(&self.0)
            .await?;
        Ok(taken.rows_affected() > 0)
    }
}
