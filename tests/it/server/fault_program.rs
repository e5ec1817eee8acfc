//! The program of faults, in its short form: `docs/faults.md` says what it does and what it proves.

use std::process::Command;

/// Runs it to its end; what it prints is shown where it does not end well.
fn ends_well(args: &[&str]) {
    let program = env!("CARGO_BIN_EXE_faults");
    let output = Command::new(program).args(args).output().expect("it can be started");
    let said = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}\n{said}\n{errors}", output.status);
    assert!(said.contains("all is as promised"), "{said}");
}

#[test]
fn a_short_run_on_one_server_keeps_every_promise() {
    ends_well(&["--events", "600", "--servers", "1", "--seed", "1", "--minutes", "0.15"]);
}

#[test]
fn a_short_run_on_a_cluster_keeps_every_promise() {
    ends_well(&["--events", "400", "--servers", "3", "--seed", "3", "--minutes", "0.1"]);
}

#[test]
fn a_short_run_whose_server_loses_its_store_keeps_what_came_after() {
    ends_well(&["--events", "600", "--wipe", "--seed", "1", "--minutes", "0.15"]);
}

#[test]
fn what_is_asked_for_wrongly_is_named() {
    let program = env!("CARGO_BIN_EXE_faults");
    let output =
        Command::new(program).args(["--servers", "2"]).output().expect("it can be started");
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("`--servers`"), "{output:?}");
}
