//! What the build script does, step by step.

use std::path::Path;
use std::time::{Duration, Instant};

use tidings_codegen::emit::rust::{Modules, State, emit};
use tidings_codegen::{compile, write};

use crate::{Outcome, catalog, rustc};

/// How often; the fastest counts.
const ROUNDS: u32 = 3;

/// How long the steps took.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Generation {
    /// Reading the files, resolving and judging them.
    pub(crate) check: Duration,
    /// Writing them as Rust.
    pub(crate) emit: Duration,
    /// CPU time of a round, which programs beside it change little: of all threads, and in the mean.
    pub(crate) cpu: Duration,
    /// Lines of Rust.
    pub(crate) lines: usize,
}

/// Measures a catalog of so many events, from its files on.
pub(crate) fn measure(events: usize) -> Outcome<Generation> {
    let folder =
        std::env::temp_dir().join(format!("tidings-scale-{events}-{}", std::process::id()));
    for (path, text) in catalog::files(events, false) {
        write::write(&folder.join(path), &text)?;
    }
    let mut best: Option<Generation> = None;
    let used = rustc::of_this_process;
    let before = used();
    for _ in 0..ROUNDS {
        // On a thread of its own, as what one has learned of typify would be known to the next.
        let round = std::thread::scope(|scope| scope.spawn(|| round(&folder)).join());
        let found = round.map_err(|_| "generation panicked")??;
        best = Some(match best {
            Some(best) if best.check + best.emit < found.check + found.emit => best,
            _ => found,
        });
    }
    let cpu = used().zip(before).map_or(Duration::ZERO, |(after, before)| after - before);
    std::fs::remove_dir_all(&folder)?;
    let best = best.map(|best| Generation { cpu: cpu / ROUNDS, ..best });
    best.ok_or_else(|| "nothing was measured".into())
}

/// Generates once.
fn round(folder: &Path) -> Outcome<Generation> {
    let start = Instant::now();
    let compilation = compile(folder)?;
    let check = start.elapsed();
    if let Some(error) = compilation.errors().next() {
        return Err(format!("the catalog has errors: {error:?}").into());
    }
    let start = Instant::now();
    let generated = emit(&compilation.catalog, State::Whole);
    let files = generated.files(Path::new("event_catalog.rs"), Modules::Included);
    let emit = start.elapsed();
    let lines = files.iter().map(|file| file.text.lines().count()).sum();
    Ok(Generation { check, emit, cpu: Duration::ZERO, lines })
}
