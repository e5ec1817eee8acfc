//! What a relay knows of rows that is not in the database yet.

use std::collections::HashSet;
use std::time::Duration;

use crate::outbox::statements::{Read, Turn};

/// Fates of rows, to be written down together.
#[derive(Debug, Default)]
pub(super) struct Fates {
    /// Ids and lanes.
    relayed: Vec<(i64, i64)>,
    dead: Vec<(i64, i64, String)>,
}

impl Fates {
    pub(super) fn relayed(&mut self, id: i64, lane: i64) {
        self.relayed.push((id, lane));
    }

    pub(super) fn dead(&mut self, id: i64, lane: i64, error: &str) {
        // PostgreSQL has no such character in its texts.
        self.dead.push((id, lane, error.replace('\0', "\u{fffd}")));
    }

    pub(super) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub(super) fn len(&self) -> usize {
        self.relayed.len() + self.dead.len()
    }

    /// Rows and their lanes.
    pub(super) fn rows(&self) -> impl Iterator<Item = (i64, i64)> {
        let relayed = self.relayed.iter().copied();
        relayed.chain(self.dead.iter().map(|(id, lane, _)| (*id, *lane)))
    }

    pub(super) fn ids(&self) -> HashSet<i64> {
        self.rows().map(|(id, _)| id).collect()
    }

    pub(super) fn turn(&self, patience: Duration, keep: bool, read: Option<Read>) -> Turn {
        Turn {
            patience,
            relayed: self.relayed.iter().map(|(id, _)| *id).collect(),
            keep,
            dead: self.dead.iter().map(|(id, _, error)| (*id, error.clone())).collect(),
            read,
        }
    }

    /// These are not written down either.
    pub(super) fn add(&mut self, others: Self) {
        self.relayed.extend(others.relayed);
        self.dead.extend(others.dead);
    }
}
