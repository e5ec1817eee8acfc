//! The program of bookings, in its short form: handlers that are killed at every step, and books that are right.

use std::process::Command;

fn books_are_right(args: &[&str]) {
    let output = Command::new(env!("CARGO_BIN_EXE_booking")).args(args).output();
    let output = output.expect("it can be started");
    let said = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}\n{said}\n{errors}", output.status);
    assert!(said.contains("every event was booked once"), "{said}");
}

#[test]
fn effects_in_sqlite_happen_once_although_processes_die() {
    books_are_right(&["--rounds", "16", "--seed", "1"]);
}

#[test]
fn effects_in_postgres_happen_once_although_processes_die() {
    books_are_right(&["--rounds", "16", "--seed", "2", "--database", "postgres"]);
}
