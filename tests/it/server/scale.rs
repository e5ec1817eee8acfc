//! The program that measures how throughput grows, in its short form: every figure is there, and the model answers from them.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

fn scale(args: &[&str], json: &Path) -> Output {
    let mut program = Command::new(env!("CARGO_BIN_EXE_scale"));
    // The system counts what is written to a disk, and not what is written to memory.
    program.env("TMPDIR", env!("CARGO_TARGET_TMPDIR"));
    program.args(args).arg("--json").arg(json).output().expect("it can be started")
}

#[test]
fn growth_is_measured_and_the_model_answers_from_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let json = folder.path().join("scale.json");
    let output = scale(&["--quick"], &json);
    let said = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}\n{said}\n{errors}", output.status);
    let figures: Value =
        serde_json::from_str(&fs::read_to_string(&json).expect("figures")).expect("JSON");

    // On one server, on three, and on three with three copies: one stream and four.
    let growth = figures["growth"].as_array().expect("a list");
    assert_eq!(growth.len(), 6, "{figures:#}");
    for (side, shape) in
        ["publish", "handle"].iter().flat_map(|side| growth.iter().map(move |shape| (side, shape)))
    {
        let sample = &shape[side];
        for figure in [&sample["rate"], &sample["client"], &sample["servers"]["cpu"]] {
            assert!(figure.as_f64().is_some_and(|figure| figure > 0.0), "{shape:#}");
        }
    }
    let [one, three] = [0, 1].map(|place| &figures["costs"][place]);
    let cost = |costs: &Value, figure: &str| costs["publish"][figure].as_f64().expect("a figure");
    assert!(cost(three, "servers") > cost(one, "servers"), "two more copies cost something");
    assert!(cost(three, "written") > 2.0 * cost(one, "written"), "and are written");
    assert_eq!(figures["order"].as_array().map(Vec::len), Some(2), "{figures:#}");
    let pauses = figures["pauses"]["published"].as_array().expect("a list");
    assert!(!pauses.is_empty(), "a leader died: {figures:#}");

    let model = scale(&["--model", "1000000", "--model", "10000"], &json);
    let said = String::from_utf8_lossy(&model.stdout);
    assert!(model.status.success(), "{said}\n{}", String::from_utf8_lossy(&model.stderr));
    assert!(said.contains("| E, events a second | formula | 1,000,000 | 10,000 |"), "{said}");
}

#[test]
fn without_figures_there_is_no_model() {
    let nowhere = tempfile::tempdir().expect("a folder").path().join("scale.json");
    let output = scale(&["--model", "1000"], &nowhere);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("`cargo xtask scale` measures"));
}
