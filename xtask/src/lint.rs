//! `lint`: what can be judged without running a test.

use crate::Outcome;
use crate::command::{cargo, run};

pub(crate) fn run_all() -> Outcome {
    run(cargo(&["fmt", "--all", "--check"]))?;
    let everything = ["clippy", "--workspace", "--all-targets", "--all-features"];
    run(cargo(&[&everything[..], &["--", "-D", "warnings"]].concat()))?;
    let mut rustdoc = cargo(&["doc", "--workspace", "--all-features", "--no-deps"]);
    rustdoc.env("RUSTDOCFLAGS", "-D warnings");
    run(rustdoc)
}
