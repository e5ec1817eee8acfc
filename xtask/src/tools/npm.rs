//! Packages of npm: those that a `package-lock.json` lists.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::folder;
use crate::Outcome;
use crate::command::{root, run};

/// Makes those of `tests/<name>` available in `<name>/node_modules` of the tools.
pub(super) fn install(name: &str) -> Outcome {
    install_into(&folder().join(name), &root().join("tests").join(name))
}

/// Makes those that are wanted available in `home/node_modules`.
pub(crate) fn install_into(home: &Path, wanted: &Path) -> Outcome {
    let installed = home.join("installed.json");
    let lock = fs::read(wanted.join("package-lock.json")).map_err(told(wanted))?;
    if fs::read(&installed).is_ok_and(|present| present == lock) {
        return Ok(());
    }
    fs::create_dir_all(home).map_err(told(home))?;
    for file in ["package.json", "package-lock.json"] {
        fs::copy(wanted.join(file), home.join(file)).map_err(told(home))?;
    }
    let mut install = npm();
    install.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]);
    install.current_dir(home);
    run(install)?;
    // Written last: what is there is whole.
    fs::write(&installed, lock).map_err(told(&installed))
}

pub(super) fn npm() -> Command {
    Command::new(if cfg!(windows) { "npm.cmd" } else { "npm" })
}

pub(crate) fn told(path: &Path) -> impl FnOnce(io::Error) -> String {
    let path: PathBuf = path.to_path_buf();
    move |error| format!("{}: {error}", path.display())
}
