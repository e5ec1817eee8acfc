//! What `tidings init` and `tidings new` write is a crate that builds, and whose types are those of its YAML; with a build
//! script, and with what `tidings generate --rust` writes among its sources.

use std::ffi::OsString;
use std::fs;
use std::path::Path;
use std::process::{Command, ExitCode};

/// Uses what each file of the catalog stands for.
const USES: &str = "
#[allow(dead_code)]
type Uses = (orders::OrderCreated, payments::PaymentProcessed, payments::PaymentsAccountClosed, billing::Publisher);
";

#[test]
fn a_new_catalog_builds() {
    let project = tempfile::tempdir().expect("a temporary folder");
    let folder = project.path().join("event-catalog");
    let shown = folder.to_str().expect("UTF-8");
    let tidings = |args: &[&str]| {
        let args = ["tidings", "--catalog", shown].into_iter().chain(args.iter().copied());
        assert_eq!(tidings_cli::run_from(args.map(OsString::from)), ExitCode::SUCCESS);
    };
    tidings(&["init", shown]);
    tidings(&["new", "domain", "payments", "--summary", "Money: in and out."]);
    tidings(&["new", "event", "payments.payment.processed", "--summary", "Somebody paid."]);
    tidings(&["new", "event", "payments.account_closed", "--key", "account"]);
    let events = ["--publishes", "payments.payment.processed", "--consumes", "orders.>"];
    tidings(&[&["new", "service", "billing"], &events[..]].concat());
    tidings(&["check"]);

    let library = folder.join("src/lib.rs");
    let text = fs::read_to_string(&library).expect("a library");
    fs::write(library, text + USES).expect("a writable file");
    // The versions that the workspace is built with: they are on this machine.
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace");
    fs::copy(workspace.join("Cargo.lock"), folder.join("Cargo.lock")).expect("a lock file");
    // Kept between runs, because everything below Tidings takes a minute.
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("new-catalog");
    assert_eq!(compiled(&folder, &target), IS_COMPILED);

    // The same types among the sources, instead of a build script.
    fs::remove_file(folder.join("build.rs")).expect("the build script");
    fs::write(folder.join("src/lib.rs"), format!("{LIBRARY}{USES}")).expect("a writable file");
    let types = folder.join("src/events.rs");
    let types = types.to_str().expect("UTF-8");
    tidings(&["generate", "--rust", types]);
    assert_eq!(compiled(&folder, &target), IS_COMPILED);

    // Where an edit changes nothing of them, cargo finds nothing to do.
    let domain = folder.join("payments/domain.yaml");
    let text = fs::read_to_string(&domain).expect("the domain");
    fs::write(&domain, format!("# What is paid, and by whom.\n{text}")).expect("a writable file");
    tidings(&["generate", "--rust", types]);
    assert_eq!(compiled(&folder, &target), IS_FRESH);

    // Where it does, one file is another, and the crate is compiled.
    fs::write(&domain, text.replace("in and out", "out and in")).expect("a writable file");
    tidings(&["generate", "--rust", types]);
    tidings(&["generate", "--rust", types, "--check"]);
    assert_eq!(compiled(&folder, &target), IS_COMPILED);
}

/// A library of a crate without a build script.
const LIBRARY: &str = "
#[rustfmt::skip]
mod events;

pub use events::*;
";

const IS_COMPILED: &str = "\"fresh\":false";
const IS_FRESH: &str = "\"fresh\":true";

/// Checks the crate; what cargo said of it.
fn compiled(folder: &Path, target: &Path) -> &'static str {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["check", "--offline", "--quiet", "--message-format", "json"]).current_dir(folder);
    let ended = cargo.env("CARGO_TARGET_DIR", target).output().expect("cargo");
    let said = String::from_utf8_lossy(&ended.stdout);
    assert!(ended.status.success(), "{said}\n{}", String::from_utf8_lossy(&ended.stderr));
    let artifact = "{\"reason\":\"compiler-artifact\"";
    let library = "\"name\":\"event_catalog\"";
    let line = said.lines().find(|line| line.starts_with(artifact) && line.contains(library));
    let line = line.unwrap_or_else(|| panic!("nothing of the library in\n{said}"));
    if line.contains(IS_FRESH) { IS_FRESH } else { IS_COMPILED }
}
