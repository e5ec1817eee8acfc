//! Programs from Debian's packages: databases that tests start servers of, Prometheus' judge of expositions and rules, and a
//! browser that the page for operators is tried in.

use std::process::Command;

use crate::Outcome;
use crate::command::{run, succeeds};

/// A package, and the program that tests need of it.
const PACKAGES: [(&str, &str); 5] = [
    ("postgresql", "postgres"),
    ("redis-server", "redis-server"),
    ("prometheus", "promtool"),
    ("chromium", "chromium"),
    ("chromium-driver", "chromedriver"),
];

/// Installs what is missing, where that can be done: on Debian and its kin, as root.
pub(crate) fn fetch() -> Outcome {
    let is_missing = |(_, program): &&(&str, &str)| match *program {
        "postgres" => !have_postgres(),
        program => !is_there(program),
    };
    let missing: Vec<&str> =
        PACKAGES.iter().filter(is_missing).map(|(package, _)| *package).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let names = missing.join(" ");
    let by_hand = format!("apt-get install {names}");
    let told = |why: &str| format!("tests need {names}: {why} (on Debian, `{by_hand}`)");
    if !is_there("apt-get") {
        return Err(told("install them with your system's packages"));
    }
    if !is_root() {
        return Err(told("install them as root"));
    }
    run(apt(&["update"]))?;
    run(apt(&[&["install", "--yes", "--no-install-recommends"], &missing[..]].concat()))
}

/// Debian keeps the programs of each version in a folder that is not on `PATH`.
fn have_postgres() -> bool {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut programs = versions.map(|version| version.path().join("bin/postgres"));
    programs.any(|program| program.is_file()) || is_there("postgres")
}

fn is_there(program: &str) -> bool {
    let paths = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&paths).any(|folder| folder.join(program).is_file())
}

fn is_root() -> bool {
    let mut id = Command::new("sh");
    id.args(["-c", r#"test "$(id -u)" = 0"#]);
    succeeds(id)
}

fn apt(args: &[&str]) -> Command {
    let mut apt = Command::new("apt-get");
    apt.arg("--quiet").args(args).env("DEBIAN_FRONTEND", "noninteractive");
    apt
}
