//! Schemas of what operators look at: Grafana's and compose files' from npm, Kubernetes' from PyPI.

use std::fs;
use std::process::Command;

use super::folder;
use super::npm::{self, told};
use crate::Outcome;
use crate::command::{root, run};

/// Makes them available in `operations/node_modules` and `operations/python`.
pub(crate) fn fetch() -> Outcome {
    npm::install("operations").map_err(|error| {
        format!("{error}\nGrafana's schema comes through npm: install Node.js 18 or newer")
    })?;
    kubernetes().map_err(|error| {
        format!("{error}\nKubernetes' schemas come through pip: install python3 with pip")
    })
}

fn kubernetes() -> Outcome {
    let wanted = root().join("tests/operations/requirements.txt");
    let home = folder().join("operations/python");
    let installed = home.join("installed.txt");
    let list = fs::read(&wanted).map_err(told(&wanted))?;
    if fs::read(&installed).is_ok_and(|present| present == list) {
        return Ok(());
    }
    let mut install = Command::new("python3");
    install.args(["-m", "pip", "--quiet", "--disable-pip-version-check", "install", "--upgrade"]);
    install.args(["--no-deps", "--only-binary=:all:", "--root-user-action=ignore"]);
    install.arg("--target").arg(&home).arg("--requirement").arg(&wanted);
    run(install)?;
    // Written last: what is there is whole.
    fs::write(&installed, list).map_err(told(&installed))
}
