//! Changes that need no transaction of their own, many of them by one statement: in SQLite, most of what a statement costs is to
//! be asked.

use std::collections::HashSet;
use std::time::Duration;

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

/// What a statement is told of a change: subscription, source, event, owner, and for how long.
type Row<'a> = (&'a str, &'a str, &'a str, Option<&'a str>, i64);

impl Change {
    fn by(&self) -> Option<&str> {
        match self {
            Self::Claim { by, .. } | Self::Renew { by, .. } | Self::Release { by } => Some(by),
            Self::Done { .. } => None,
        }
    }

    fn row<'a>(&'a self, mark: &'a Mark) -> Row<'a> {
        let lasts = match self {
            Self::Claim { lease, .. } | Self::Renew { lease, .. } => millis(*lease),
            Self::Done { retention } => kept(*retention),
            Self::Release { .. } => 0,
        };
        (mark.subscription, &mark.source, &mark.event, self.by(), lasts)
    }

    fn kind(&self) -> Kind {
        match self {
            Self::Claim { .. } | Self::Done { .. } => Kind::Enter,
            Self::Renew { .. } => Kind::Renew,
            Self::Release { .. } => Kind::Release,
        }
    }
}

/// Changes that one statement makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// An event is claimed, or marked as handled.
    Enter,
    Renew,
    Release,
}

/// Whether one statement makes all of them, and so no transaction is needed for them to be made together.
pub(super) fn is_one_statement(changes: &[(Mark, Change)]) -> bool {
    changes.windows(2).all(|pair| pair[0].1.kind() == pair[1].1.kind())
}

/// Makes changes, and says of each whether what it is to lead to is so: the event is claimed by its owner, is handled, or is
/// not this owner's any more. PostgreSQL takes only one of each event.
///
/// They were asked for side by side, so their order is nobody's business but for those that one has asked for. Nobody has
/// done, renews or gives free what he was not told to have claimed, and who is done has no renewal on its way any more.
pub(super) async fn make<DB: Dialect>(
    connection: &mut DB::Connection,
    changes: &[(Mark, Change)],
) -> sqlx::Result<Vec<bool>> {
    let mut effects = vec![true; changes.len()];
    for kind in [Kind::Enter, Kind::Renew, Kind::Release] {
        let of_kind =
            || changes.iter().enumerate().filter(|(_, (_, change))| change.kind() == kind);
        let rows: Vec<Row<'_>> = of_kind().map(|(_, (mark, change))| change.row(mark)).collect();
        if rows.is_empty() {
            continue;
        }
        let told =
            serde_json::to_string(&rows).map_err(|error| sqlx::Error::Encode(error.into()))?;
        let told = [Value::Text(&told)];
        let changed = DB::execute(connection, statement::<DB>(kind), &told).await?;
        // As a rule all of them have. To be handed a row for each costs as much as the change itself.
        if changed == rows.len() as u64 || kind == Kind::Release {
            continue;
        }
        let owners = DB::rows(connection, owners::<DB>(), &told, |row| row.text(0)).await?;
        let owners: HashSet<&str> = owners.iter().map(String::as_str).collect();
        for (place, (_, change)) in of_kind() {
            // What was handled is marked whoever had claimed it.
            effects[place] = change.by().is_none_or(|by| owners.contains(by));
        }
    }
    Ok(effects)
}

/// Those of the owners that have their event. None has two.
fn owners<DB: Dialect>() -> &'static str {
    sql!(
        DB,
        "SELECT owner FROM tidings_inbox, " rows " WHERE subscription = value ->> 0 \
         AND source = value ->> 1 AND event = value ->> 2 AND owner = value ->> 3"
    )
}

fn statement<DB: Dialect>(kind: Kind) -> &'static str {
    match kind {
        // It is ours now: it was nobody's, was given up, or has been ours all along. And where the effect is there, it is marked,
        // whoever may have claimed it since.
        Kind::Enter => sql!(
            DB,
            "INSERT INTO tidings_inbox (subscription, source, event, owner, expires) \
             SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, " now
            " + CAST(value ->> 4 AS BIGINT) FROM " rows " WHERE true \
             ON CONFLICT (subscription, source, event) \
             DO UPDATE SET owner = excluded.owner, expires = excluded.expires \
             WHERE excluded.owner IS NULL OR tidings_inbox.owner = excluded.owner \
             OR (tidings_inbox.owner IS NOT NULL AND tidings_inbox.expires < " now ")"
        ),
        Kind::Renew => sql!(
            DB,
            "UPDATE tidings_inbox SET expires = " now " + CAST(value ->> 4 AS BIGINT) FROM " rows
            " WHERE subscription = value ->> 0 AND source = value ->> 1 AND event = value ->> 2 \
             AND owner = value ->> 3"
        ),
        Kind::Release => sql!(
            DB,
            "DELETE FROM tidings_inbox WHERE (subscription, source, event, owner) IN ( \
             SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3 FROM " rows ")"
        ),
    }
}
