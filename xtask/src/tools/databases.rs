//! PostgreSQL and Redis, from Debian's packages: tests start servers of their own with their programs.

use std::process::Command;

use crate::Outcome;
use crate::command::{run, succeeds};

const PACKAGES: [&str; 2] = ["postgresql", "redis-server"];

/// Installs what is missing, where that can be done: on Debian and its kin, as root.
pub(crate) fn fetch() -> Outcome {
    if have_postgres() && is_there("redis-server") {
        return Ok(());
    }
    let by_hand = format!("apt-get install {}", PACKAGES.join(" "));
    let told =
        |why: &str| format!("tests need PostgreSQL and Redis: {why} (on Debian, `{by_hand}`)");
    if !is_there("apt-get") {
        return Err(told("install them with your system's packages"));
    }
    if !is_root() {
        return Err(told("install them as root"));
    }
    run(apt(&["update"]))?;
    run(apt(&[&["install", "--yes", "--no-install-recommends"], &PACKAGES[..]].concat()))
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
