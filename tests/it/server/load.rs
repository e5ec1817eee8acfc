//! The program of load, in its short forms: what it publishes is handled in several processes, or in one as fast as it goes.

use std::fs;
use std::process::Command;

use serde_json::Value;

/// What the program measures, which it must end well for.
fn figures(args: &[&str]) -> Value {
    let folder = tempfile::tempdir().expect("a folder");
    let json = folder.path().join("load.json");
    let output = Command::new(env!("CARGO_BIN_EXE_load"))
        .args(args)
        .arg("--json")
        .arg(&json)
        .env_remove("NATS_URL")
        .output()
        .expect("it can be started");
    let said = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}\n{said}\n{errors}", output.status);
    serde_json::from_str(&fs::read_to_string(json).expect("figures")).expect("JSON")
}

#[test]
fn events_under_load_all_arrive_and_the_figures_say_so() {
    let figures =
        figures(&["--events", "3000", "--instances", "2", "--rate", "200", "--seconds", "2"]);
    assert_eq!(figures["flood"]["fate"]["events"], 3000, "{figures:#}");
    assert_eq!(figures["flood"]["fate"]["lost"], 0, "{figures:#}");
    assert_eq!(figures["steady"]["fate"]["events"], 400, "{figures:#}");
    assert_eq!(figures["steady"]["fate"]["lost"], 0, "{figures:#}");
    let handled = &figures["flood"]["handled_per_second_by_instance"];
    assert!(handled.as_array().is_some_and(|handled| handled.len() == 2), "{figures:#}");
    assert!(
        figures["steady"]["latency_us"]["p95"].as_u64().is_some_and(|p95| p95 > 0),
        "{figures:#}"
    );
}

#[test]
fn a_subscriber_at_full_speed_is_watched() {
    let figures = figures(&["--full-speed", "0.1"]);
    assert!(figures["events"].as_u64().is_some_and(|events| events >= 5_000), "{figures:#}");
    assert_eq!(figures["lost"], 0, "{figures:#}");
    let most = figures["subscriber"]["kib_at_most"].as_u64();
    assert!(most.is_some_and(|most| (1_024..64 * 1_024).contains(&most)), "{figures:#}");
}
