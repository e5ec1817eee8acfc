//! What was measured, as it stands in the file.

use std::fs;
use std::path::Path;

use serde::{Deserialize, Serialize};
use tidings_benches::baseline::Circumstances;

use crate::Outcome;
use crate::failover::Pauses;
use crate::ground::{Sample, Shape};
use crate::model::{Assumptions, Costs};

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Figures {
    pub(crate) circumstances: Circumstances,
    /// Whether the program was built with optimization: without, what clients use says nothing.
    pub(crate) optimized: bool,
    /// Whether servers waited for the disk before they acknowledged.
    pub(crate) sync_always: bool,
    /// The system's load before anything was started: above a half somebody else was at work.
    pub(crate) load_before: f64,
    pub(crate) growth: Vec<Growth>,
    pub(crate) order: Vec<Order>,
    pub(crate) pauses: Pauses,
    /// What the model computes with, by the number of copies. It may be changed to what other hardware is like.
    pub(crate) costs: Vec<Costs>,
    pub(crate) assumptions: Assumptions,
}

/// Medians of one shape.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Growth {
    pub(crate) servers: usize,
    pub(crate) copies: u8,
    pub(crate) shape: Shape,
    pub(crate) publish: Sample,
    pub(crate) handle: Sample,
}

/// Medians of events that stay in order over all instances.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Order {
    pub(crate) servers: usize,
    pub(crate) copies: u8,
    pub(crate) partitions: u16,
    pub(crate) instances: usize,
    pub(crate) handle: Sample,
}

impl Figures {
    pub(crate) fn read(path: &Path) -> Outcome<Self> {
        let text = fs::read_to_string(path).map_err(|error| {
            format!("{}: {error}; `cargo xtask scale` measures, and writes it", path.display())
        })?;
        Ok(serde_json::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))?)
    }

    pub(crate) fn write(&self, path: &Path) -> Outcome {
        let text = serde_json::to_string_pretty(self)?;
        Ok(fs::write(path, text + "\n").map_err(|error| format!("{}: {error}", path.display()))?)
    }
}

/// The system's load over the last minute.
pub(crate) fn load() -> f64 {
    let told = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    told.split(' ').next().and_then(|load| load.parse().ok()).unwrap_or_default()
}
