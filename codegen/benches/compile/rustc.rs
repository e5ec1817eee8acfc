//! In the place of rustc: runs it, and notes what it used.

use std::ffi::OsString;
use std::io::Write as _;
use std::path::Path;
use std::process::{Child, Command, ExitCode};
use std::time::Duration;
use std::{env, fs, thread};

use crate::Outcome;

/// Where to note it. Who sets this gets a rustc from this program.
pub(crate) const LOG: &str = "TIDINGS_RUSTC_LOG";

/// The unit of `/proc/<pid>/stat`: 100 a second on every Linux that Rust runs on.
const TICK: Duration = Duration::from_millis(10);
/// How often the peak of the memory is looked at: it only grows, so the last look is near the end.
const LOOK: Duration = Duration::from_millis(5);

/// What one run of rustc used.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Used {
    pub(crate) cpu: Duration,
    /// Bytes at the most.
    pub(crate) memory: u64,
}

/// Runs rustc, where this program stands in for it.
pub(crate) fn stand_in() -> Option<ExitCode> {
    let log = env::var_os(LOG)?;
    let mut args = env::args_os().skip(1);
    let rustc = args.next()?;
    let args: Vec<OsString> = args.collect();
    Some(match noted(Path::new(&log), rustc, &args) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    })
}

fn noted(log: &Path, rustc: OsString, args: &[OsString]) -> Outcome<ExitCode> {
    let mut child = Command::new(rustc).args(args).spawn()?;
    let (status, memory) = watched(&mut child)?;
    let name = args.iter().skip_while(|arg| *arg != "--crate-name").nth(1);
    if let Some(name) = name {
        let cpu = of_children().unwrap_or_default().as_millis();
        let mut log = fs::OpenOptions::new().create(true).append(true).open(log)?;
        writeln!(log, "{} {cpu} {memory}", name.to_string_lossy())?;
    }
    Ok(status.code().and_then(|code| u8::try_from(code).ok()).map_or(ExitCode::FAILURE, Into::into))
}

fn watched(child: &mut Child) -> Outcome<(std::process::ExitStatus, u64)> {
    let mut memory = 0;
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok((status, memory));
        }
        memory = peak(child.id()).unwrap_or(0).max(memory);
        thread::sleep(LOOK);
    }
}

/// The most that a process had, in bytes.
fn peak(id: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{id}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: u64 = line.trim().trim_end_matches("kB").trim().parse().ok()?;
    Some(kilobytes * 1024)
}

/// The CPU time of processes that this one started and that have ended.
fn of_children() -> Option<Duration> {
    sum([16, 17])
}

/// The CPU time of this process, of all its threads.
pub(crate) fn of_this_process() -> Option<Duration> {
    sum([14, 15])
}

/// Of these fields of `/proc/<pid>/stat`, the first of which is 1.
fn sum(fields: [usize; 2]) -> Option<Duration> {
    let stat = fs::read_to_string("/proc/self/stat").ok()?;
    // The name stands in parentheses and may hold some itself; it is the second field.
    let (_, rest) = stat.rsplit_once(") ")?;
    let all: Vec<&str> = rest.split(' ').collect();
    let ticks = |number: usize| all.get(number - 3)?.parse::<u32>().ok();
    let [user, system] = fields;
    Some(TICK * (ticks(user)? + ticks(system)?))
}

/// What rustc used for the crate of this name, by the log.
pub(crate) fn used(log: &Path, name: &str) -> Outcome<Used> {
    let text = fs::read_to_string(log)?;
    let line = text.lines().find_map(|line| line.strip_prefix(name));
    let line = line.ok_or_else(|| format!("rustc did not run for {name}"))?;
    let numbers: Vec<u64> = line.split_whitespace().map(str::parse).collect::<Result<_, _>>()?;
    let [cpu, memory] = numbers[..] else {
        return Err(format!("`{line}` is no line of it").into());
    };
    Ok(Used { cpu: Duration::from_millis(cpu), memory })
}
