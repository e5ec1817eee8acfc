//! `bench --peers`: what the programs in `tests/benches/peers` need, from public registries, into `target/peers`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::Outcome;
use crate::command::{cargo, root, run};
use crate::tools::npm::{self, told};

type Install = fn(&Path, &Path) -> Outcome;

/// A folder of programs each, and how what they need is installed into one of the same name.
const KINDS: [(&str, Install); 3] =
    [("python", python), ("node", node), ("ruststream", ruststream)];

/// Says in `missing.txt` of a folder why its programs cannot run, where they cannot, for the benchmark to tell.
pub(crate) fn install() -> Outcome<PathBuf> {
    let peers = root().join("target/peers");
    for (kind, install) in KINDS {
        let (wanted, home) = (root().join("tests/benches/peers").join(kind), peers.join(kind));
        let missing = home.join("missing.txt");
        fs::create_dir_all(&home).map_err(told(&home))?;
        if let Err(error) = install(&wanted, &home) {
            eprintln!("{error}");
            fs::write(&missing, error).map_err(told(&missing))?;
        } else if missing.exists() {
            fs::remove_file(&missing).map_err(told(&missing))?;
        }
    }
    Ok(peers)
}

fn python(wanted: &Path, home: &Path) -> Outcome {
    let (requirements, installed) = (wanted.join("requirements.txt"), home.join("installed.txt"));
    let pinned = fs::read(&requirements).map_err(told(&requirements))?;
    if fs::read(&installed).ok().as_ref() != Some(&pinned) {
        let mut environment = Command::new("python3");
        environment.args(["-m", "venv", "--clear"]).arg(home.join("venv"));
        run(environment)?;
        let mut packages = Command::new(home.join("venv/bin/python"));
        packages.args(["-m", "pip", "--quiet", "--disable-pip-version-check", "install"]);
        packages.args(["--only-binary=:all:", "--requirement"]).arg(&requirements);
        run(packages)?;
        // Written last: what is there is whole.
        fs::write(&installed, pinned).map_err(told(&installed))?;
    }
    copy(wanted, home, "py")
}

fn node(wanted: &Path, home: &Path) -> Outcome {
    npm::install_into(home, wanted)?;
    copy(wanted, home, "mjs")
}

fn ruststream(wanted: &Path, home: &Path) -> Outcome {
    let mut build = cargo(&["build", "--release", "--locked", "--manifest-path"]);
    build.arg(wanted.join("Cargo.toml")).arg("--target-dir").arg(home);
    run(build)
}

/// The programs themselves, to where they find what they import.
fn copy(wanted: &Path, home: &Path, kind: &str) -> Outcome {
    for entry in fs::read_dir(wanted).map_err(told(wanted))? {
        let path = entry.map_err(told(wanted))?.path();
        if path.extension().is_some_and(|extension| extension == kind)
            && let Some(name) = path.file_name()
        {
            fs::copy(&path, home.join(name)).map_err(told(&path))?;
        }
    }
    Ok(())
}
