//! Changes that need no transaction of their own, many of them by one statement: in SQLite, most of what a statement costs is to
//! be asked.

use std::collections::HashSet;
use std::time::Duration;

use serde_json::{Value as Json, json};

use super::statements::{kept, millis};
use crate::state::inbox::Mark;
use crate::state::sql::{Dialect, Value, sql};

#[derive(Clone, Debug)]
pub(super) enum Change {
    /// Claims the event for this owner.
    Claim { by: String, lease: Duration },
    /// This owner goes on. What it has not any more is not claimed by this: it may be late.
    Renew { by: String, lease: Duration },
    /// It was handled.
    Done { retention: Option<Duration> },
    /// It is given free, where this owner has it.
    Release { by: String },
}

impl Change {
    fn by(&self) -> Option<&str> {
        match self {
            Self::Claim { by, .. } | Self::Renew { by, .. } | Self::Release { by } => Some(by),
            Self::Done { .. } => None,
        }
    }

    /// What a statement is told of it.
    fn row(&self, mark: &Mark) -> Json {
        let lasts = match self {
            Self::Claim { lease, .. } | Self::Renew { lease, .. } => millis(*lease),
            Self::Done { retention } => kept(*retention),
            Self::Release { .. } => 0,
        };
        json!([mark.subscription, mark.source, mark.event, self.by(), lasts])
    }
}

/// Makes changes, and says of each whether it had an effect. PostgreSQL takes only one of each event.
///
/// They were asked for side by side, so their order is nobody's business but for those that one has asked for: what is claimed
/// or renewed comes before what is done or given free.
pub(super) async fn make<DB: Dialect>(
    connection: &mut DB::Connection,
    changes: &[(Mark, Change)],
) -> sqlx::Result<Vec<bool>> {
    let mut kinds: [Vec<Json>; 4] = Default::default();
    for (mark, change) in changes {
        let kind = match change {
            Change::Claim { .. } => 0,
            Change::Renew { .. } => 1,
            Change::Done { .. } => 2,
            Change::Release { .. } => 3,
        };
        kinds[kind].push(change.row(mark));
    }
    let mut changed = Vec::with_capacity(changes.len());
    for (rows, statement) in kinds.into_iter().zip(statements::<DB>()) {
        if rows.is_empty() {
            continue;
        }
        let rows = Json::from(rows).to_string();
        let values = [Value::Text(&rows)];
        let made = DB::rows(connection, statement, &values, |row| {
            Ok((row.text(0)?, row.text(1)?, row.text(2)?, row.perhaps_text(3)?))
        });
        changed.extend(made.await?);
    }
    let changed: HashSet<_> = changed
        .iter()
        .map(|(subscription, source, event, by)| {
            (subscription.as_str(), source.as_str(), event.as_str(), by.as_deref())
        })
        .collect();
    let had_effect = |(mark, change): &(Mark, Change)| {
        changed.contains(&(mark.subscription, &mark.source, &mark.event, change.by()))
    };
    Ok(changes.iter().map(had_effect).collect())
}

/// In the order of the kinds. Each returns what it has changed.
fn statements<DB: Dialect>() -> [&'static str; 4] {
    [
        // It is ours now: it was nobody's, was given up, or has been ours all along.
        sql!(
            DB,
            "INSERT INTO tidings_inbox (subscription, source, event, owner, expires) \
             SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, " now
            " + CAST(value ->> 4 AS BIGINT) FROM " rows " WHERE true \
             ON CONFLICT (subscription, source, event) \
             DO UPDATE SET owner = excluded.owner, expires = excluded.expires \
             WHERE tidings_inbox.owner = excluded.owner \
             OR (tidings_inbox.owner IS NOT NULL AND tidings_inbox.expires < " now ") \
             RETURNING subscription, source, event, owner"
        ),
        sql!(
            DB,
            "UPDATE tidings_inbox SET expires = " now " + CAST(value ->> 4 AS BIGINT) FROM " rows
            " WHERE subscription = value ->> 0 AND source = value ->> 1 AND event = value ->> 2 \
             AND owner = value ->> 3 RETURNING subscription, source, event, owner"
        ),
        // Whoever may have claimed it since: the effect is there.
        sql!(
            DB,
            "INSERT INTO tidings_inbox (subscription, source, event, owner, expires) \
             SELECT value ->> 0, value ->> 1, value ->> 2, NULL, " now
            " + CAST(value ->> 4 AS BIGINT) FROM " rows " WHERE true \
             ON CONFLICT (subscription, source, event) \
             DO UPDATE SET owner = NULL, expires = excluded.expires \
             RETURNING subscription, source, event, owner"
        ),
        sql!(
            DB,
            "DELETE FROM tidings_inbox WHERE (subscription, source, event, owner) IN ( \
             SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3 FROM " rows ") \
             RETURNING subscription, source, event, owner"
        ),
    ]
}
