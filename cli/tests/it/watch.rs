//! `tidings check --watch`

use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdout, Stdio};

use serde_json::Value;

use crate::tidings::Project;

/// The command at work; it ends with the test.
struct Watching {
    running: Child,
    lines: BufReader<ChildStdout>,
}

impl Watching {
    fn start(project: &Project) -> Self {
        let mut command = project.command(&["check", "--watch", "--format", "json"]);
        let mut running = command.stdout(Stdio::piped()).spawn().expect("a program");
        let lines = BufReader::new(running.stdout.take().expect("its output"));
        Self { running, lines }
    }

    /// Waits for a report of this kind. A change may be seen half written, so there may be others before.
    fn wait_for(&mut self, wanted: impl Fn(&Value) -> bool) {
        loop {
            let mut line = String::new();
            let length = self.lines.read_line(&mut line).expect("a line");
            assert_ne!(length, 0, "it has ended");
            if wanted(&serde_json::from_str(&line).expect("JSON")) {
                return;
            }
        }
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        let _ = self.running.kill();
        let _ = self.running.wait();
    }
}

#[test]
fn every_change_is_checked() {
    let project = Project::shop();
    let mut watching = Watching::start(&project);
    watching.wait_for(|report| report["passed"] == true);

    project.write("event-catalog/orders/broken.yaml", "evnt: x\n");
    watching.wait_for(|report| report["findings"][0]["code"] == "T011");

    std::fs::remove_file(project.path().join("event-catalog/orders/broken.yaml")).expect("a file");
    watching.wait_for(|report| report["passed"] == true);

    // A folder that was not there when it began.
    project.write("event-catalog/payments/domain.yaml", "domain: payments\n");
    project.write("event-catalog/payments/paid.yaml", "event: payments.paid\nversions: {}\n");
    watching.wait_for(|report| report["findings"][0]["file"] == "event-catalog/payments/paid.yaml");
}

#[test]
fn a_reader_that_goes_away_ends_it() {
    let project = Project::shop();
    let mut command = project.command(&["check", "--watch"]);
    let mut running = command.stdout(Stdio::piped()).spawn().expect("a program");
    drop(running.stdout.take());
    project.write("event-catalog/orders/domain.yaml", "domain: orders\n");
    assert_eq!(running.wait().expect("its end").code(), Some(0));
}

#[test]
fn one_document_of_junit_cannot_be_many() {
    let shown = Project::shop().tidings(&["check", "--watch", "--format", "junit"]).failure();
    assert!(shown.contains("use `--format json`"), "{shown}");
}
