use std::fs;
use std::process::Command;

use serde::{Deserialize, Serialize};

/// Everything but what is written when a run is saved.
const CODE: [&str; 3] = ["--", ":/", ":(exclude,top)tests/benches/baseline.json"];

/// When and where something was measured, as far as can be told.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
pub struct Circumstances {
    /// With a `+` where files differed from it.
    pub commit: Option<String>,
    /// The compiler.
    pub rustc: Option<String>,
    /// nats-server, where there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server: Option<String>,
    /// The processor.
    pub processor: Option<String>,
    /// How many cores of it.
    pub cores: usize,
    /// Memory, in GiB.
    pub memory: Option<u64>,
    /// The system and its version.
    pub system: String,
}

impl Circumstances {
    /// Now, on this machine, with this version of nats-server.
    #[must_use]
    pub fn here(server: Option<&str>) -> Self {
        Self {
            commit: commit(),
            rustc: said("rustc", &["--version"]),
            server: server.map(str::to_owned),
            processor: told("/proc/cpuinfo", "model name"),
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            memory: memory(),
            system: system(),
        }
    }

    /// What makes figures differ though the code is the same, in words.
    pub(super) fn differences(&self, found: &Self) -> Vec<String> {
        let words = |text: &Option<String>| text.as_deref().unwrap_or("unknown").to_owned();
        let cores = |own: &Self| format!("{} cores of {}", own.cores, words(&own.processor));
        [
            ("nats-server ", words(&self.server), words(&found.server)),
            ("", words(&self.rustc), words(&found.rustc)),
            ("", cores(self), cores(found)),
            ("", self.system.clone(), found.system.clone()),
        ]
        .into_iter()
        .filter(|(_, saved, found)| saved != found)
        .map(|(what, saved, found)| format!("saved with {what}{saved}, found with {found}"))
        .collect()
    }
}

fn commit() -> Option<String> {
    let commit = said("git", &["rev-parse", "--short", "HEAD"])?;
    let mut status = vec!["status", "--porcelain", "--untracked-files=no"];
    status.extend(CODE);
    let changed = said("git", &status)?;
    Some(if changed.is_empty() { commit } else { commit + "+" })
}

fn memory() -> Option<u64> {
    let total = told("/proc/meminfo", "MemTotal")?;
    let kibibytes: u64 = total.strip_suffix(" kB")?.parse().ok()?;
    Some(kibibytes.div_ceil(1 << 20))
}

fn system() -> String {
    let name = std::env::consts::OS;
    match fs::read_to_string("/proc/sys/kernel/osrelease") {
        Ok(release) => format!("{name} {}", release.trim()),
        Err(_) => name.to_owned(),
    }
}

/// What a program says of this repository.
fn said(program: &str, args: &[&str]) -> Option<String> {
    let here = env!("CARGO_MANIFEST_DIR");
    let output = Command::new(program).args(args).current_dir(here).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.trim().to_owned())
}

/// A value of a file with a name and a value on each line.
fn told(file: &str, name: &str) -> Option<String> {
    let text = fs::read_to_string(file).ok()?;
    let lines = text.lines().filter_map(|line| line.split_once(':'));
    lines.into_iter().find_map(|(own, value)| (own.trim() == name).then(|| value.trim().to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_is_named() {
        let here = Circumstances::here(Some("2.15.1"));
        assert!(here.differences(&here).is_empty());
        assert!(here.rustc.as_deref().is_some_and(|rustc| rustc.starts_with("rustc ")), "{here:?}");
        let there = Circumstances { cores: here.cores + 1, ..here.clone() };
        let differences = here.differences(&there);
        let [only] = differences.as_slice() else { panic!("{differences:?}") };
        assert!(only.starts_with("saved with ") && only.contains(" cores of "), "{only}");
    }
}
