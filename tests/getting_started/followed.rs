//! The guide, and what its services say; for the test of each.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// The guide's blocks of a language, in its order.
pub(crate) fn of(language: &str) -> Vec<String> {
    let guide = Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .find_map(|folder| fs::read_to_string(folder.join("docs/getting-started.md")).ok());
    let mut blocks = Vec::new();
    let mut open: Option<(String, String)> = None;
    for line in guide.expect("the guide").lines() {
        match (line.strip_prefix("```"), &mut open) {
            (Some(_), Some(_)) => blocks.extend(open.take()),
            (Some(language), None) => open = Some((language.to_owned(), String::new())),
            (None, Some((_, text))) => text.push_str(&format!("{line}\n")),
            (None, None) => {}
        }
    }
    assert!(open.is_none() && blocks.len() > 10, "{} blocks", blocks.len());
    blocks.into_iter().filter(|(own, _)| own == language).map(|(_, text)| text).collect()
}

/// What the guide shows below one of its `cargo run`.
pub(crate) fn shown_below_run(number: usize) -> Vec<String> {
    let console = of("console");
    let runs = console.iter().filter_map(|text| text.strip_prefix("$ cargo run\n"));
    let shown = runs.filter(|shown| !shown.is_empty()).nth(number).expect("a run with its output");
    shown.lines().map(str::to_owned).collect()
}

/// A service at work; it ends with the test.
struct Service(Child);

impl Drop for Service {
    fn drop(&mut self) {
        // It has ended already where all went well.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Runs a service until it has said so many lines, and interrupts it, upon which it ends in good order.
pub(crate) fn said(program: &str, lines: usize) -> Vec<String> {
    let mut command = Command::new(program);
    let mut service = Service(command.stdout(Stdio::piped()).spawn().expect("a program"));
    let said = BufReader::new(service.0.stdout.take().expect("piped")).lines();
    let said = said.take(lines).map(|line| line.expect("UTF-8")).collect();
    let told = Command::new("kill").args(["-INT", &service.0.id().to_string()]).status();
    assert!(told.expect("a program that runs").success());
    assert_eq!(service.0.wait().expect("an end").code(), Some(0));
    said
}
