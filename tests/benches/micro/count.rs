//! Instructions, counted by valgrind's callgrind: this program runs itself under it.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;
use std::process::{Command, Stdio};

use tidings_benches::baseline::{Better, Row};

use crate::Outcome;
use crate::steps::Step;

/// Says to this program that valgrind runs it.
pub(crate) const UNDER_VALGRIND: &str = "--under-valgrind";
/// Patterns are compiled and buffers have grown by then.
const WARM_UP: usize = 16;
/// Maps of the standard library put their keys elsewhere in each process: the mean of several moves less.
const TIMES: u64 = 32;
/// What callgrind counts, and then writes down.
const COUNTED: &str = concat!(module_path!(), "::counted");

pub(crate) const MISSING: &str = "instructions are counted by valgrind, which is not here: \
    `apt-get install valgrind`, `dnf install valgrind` or `pacman -S valgrind` brings it on Linux";

/// Runs each step for callgrind.
pub(crate) fn counted_all(steps: Vec<Step>) -> Outcome {
    for mut step in steps {
        for _ in 0..WARM_UP {
            (step.run)()?;
        }
        counted(&mut step)?;
    }
    Ok(())
}

#[inline(never)]
fn counted(step: &mut Step) -> Outcome {
    for _ in 0..TIMES {
        (step.run)()?;
    }
    Ok(())
}

/// How many instructions each of the steps takes; none without valgrind.
pub(crate) fn instructions(names: &[&'static str]) -> Outcome<Option<Vec<Row>>> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("steps");
    let mut valgrind = Command::new("valgrind");
    valgrind.args(["--quiet", "--tool=callgrind", "--collect-atstart=no"]);
    valgrind.arg(format!("--toggle-collect={COUNTED}")).arg(format!("--dump-after={COUNTED}"));
    valgrind.arg(format!("--callgrind-out-file={}", file.display()));
    valgrind.arg(std::env::current_exe()?).arg(UNDER_VALGRIND);
    let run = match valgrind.stdin(Stdio::null()).output() {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        run => run.map_err(|error| format!("valgrind cannot be run: {error}"))?,
    };
    if !run.status.success() {
        let said = String::from_utf8_lossy(&run.stderr).into_owned();
        return Err(format!("under valgrind the steps fail ({}):\n{said}", run.status).into());
    }
    let rows = (1..).zip(names).map(|(part, name)| {
        let total = total(&file.with_extension(part.to_string()))?;
        Ok(Row::exact(*name, Better::Less, total as f64 / TIMES as f64))
    });
    rows.collect::<Outcome<_>>().map(Some)
}

/// What callgrind has counted in one part of its output.
fn total(part: &Path) -> Outcome<u64> {
    let text = fs::read_to_string(part).map_err(|error| {
        format!("callgrind has not seen `{COUNTED}`: {}: {error}", part.display())
    })?;
    let total = text.lines().find_map(|line| line.strip_prefix("totals: "));
    Ok(total.ok_or("callgrind's output has no totals")?.trim().parse()?)
}
