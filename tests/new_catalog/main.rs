//! What `tidings init` and `tidings new` write is a crate that builds, and whose types are those of its YAML.

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
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["check", "--offline", "--quiet"]).current_dir(&folder);
    let ended = cargo.env("CARGO_TARGET_DIR", target).output().expect("cargo");
    assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
}
