//! `docs/operating.md`: every command in it does what it says there.

use std::sync::atomic::Ordering;

use super::dlq::rejected;
use super::{Stage, masked};
use crate::tidings::workspace;

/// A command, and what it writes.
struct Step {
    command: String,
    output: String,
}

/// The commands of a page, in their order.
fn steps(page: &str) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    let mut is_console = false;
    for line in page.lines() {
        match line.strip_prefix("$ ") {
            _ if line == "```console" => is_console = true,
            _ if line == "```" => is_console = false,
            Some(command) if is_console => {
                steps.push(Step { command: command.to_owned(), output: String::new() });
            }
            None if is_console => {
                let step = steps.last_mut().expect("a command before its output");
                step.output.push_str(line);
                step.output.push('\n');
            }
            _ => {}
        }
    }
    steps
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_can_do_as_the_page_says() {
    let page = workspace().join("docs/operating.md");
    let steps = steps(&std::fs::read_to_string(page).expect("the page"));
    assert!(steps.len() >= 8, "{}", steps.len());
    let stage = Stage::new().await;
    let failing = rejected(&stage, &["acme"]).await;
    for Step { command, output } in steps {
        if command.contains("--wait") {
            failing.mended.store(true, Ordering::Relaxed);
        }
        let args: Vec<&str> = command.split(' ').collect();
        let [program, args @ ..] = &args[..] else { panic!("{command}") };
        assert_eq!(*program, "tidings", "{command}");
        let shown = stage.tidings(args).stdout(0);
        assert_eq!(masked(&shown), masked(&output), "{command}");
    }
}
