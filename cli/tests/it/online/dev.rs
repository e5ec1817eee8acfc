//! `tidings dev`

use std::net::TcpListener;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::Value;
use tidings::{Config, Tidings};

use super::AtWork;
use crate::tidings::Project;

/// The command in a project, with the server of the tests.
fn dev(project: &Project, args: &[&str]) -> Command {
    let port: &[&str] = if args.contains(&"--port") { &[] } else { &["--port", "0"] };
    let mut command = project.command(&[&["dev"], port, args].concat());
    command.env("XDG_STATE_HOME", project.path().join("state"));
    command.env("XDG_CACHE_HOME", project.path().join("cache"));
    command
}

fn step(dev: &mut AtWork, name: &str) -> Value {
    let document = dev.document();
    assert_eq!((&document["command"], &document["data"]["step"]), (&"dev".into(), &name.into()));
    document["data"][name].clone()
}

#[cfg(unix)]
#[tokio::test]
async fn a_local_server_has_the_catalog_applied_whenever_it_changes() {
    let project = Project::shop();
    let mut command = dev(&project, &["--format", "json"]);
    // A Ctrl-C at a terminal reaches all of its programs; the server must not be among them.
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    let mut dev = AtWork::start(command);
    let applied = step(&mut dev, "applied");
    assert_eq!(applied["done"].as_array().map(Vec::len), Some(6), "{applied}");
    let ready = step(&mut dev, "ready");
    let url = ready["url"].as_str().expect("an address").to_owned();
    let store = ready["store"].as_str().expect("a folder");
    assert!(store.ends_with("state/tidings/shop"), "{store}");
    let planned = project.tidings(&["plan", "--server", &url]).stdout(0);
    assert!(planned.starts_with("no changes"), "{planned}");

    let domain = "domain: orders\nowner: team-orders\nstream: { max_age: 30d }\n";
    project.write("event-catalog/orders/domain.yaml", domain);
    loop {
        let changed = step(&mut dev, "applied");
        if changed["done"][0]["action"] == "update" {
            break;
        }
    }
    // A mistake changes nothing, and is said as `check` says it.
    project.write("event-catalog/orders/broken.yaml", "evnt: x\n");
    while dev.document()["findings"][0]["code"] != "T011" {}
    let bus = Tidings::connect(Config::new(&url)).await.expect("it still runs");
    bus.close().await.expect("closed");

    dev.interrupt();
    while dev.document()["data"]["step"] != "stopped" {}
    assert_eq!(dev.ended().code, 0);
    assert!(Tidings::connect(Config::new(&url)).await.is_err(), "the server has stopped");
    assert!(Path::new(store).join("jetstream").exists(), "what it holds stays");
}

#[cfg(unix)]
#[test]
fn a_fresh_server_leaves_nothing_behind() {
    let project = Project::shop();
    let mut dev = AtWork::start(dev(&project, &["--fresh"]));
    let mut store = None;
    while store.is_none() {
        let line = dev.line().expect("it runs");
        store = line.strip_prefix("  store  ").map(str::to_owned);
    }
    let store = store.expect("found");
    assert!(Path::new(&store).exists());
    dev.interrupt();
    let ended = dev.ended();
    assert_eq!(ended.code, 0, "{ended:?}");
    assert!(
        ended.stdout.ends_with("nats-server has stopped; nothing is left of it\n"),
        "{ended:?}"
    );
    assert!(!Path::new(&store).exists());
}

/// A server that takes no notice is waited for, but not by those who ask a second time.
#[cfg(target_os = "linux")]
#[test]
fn a_second_interruption_waits_for_nothing() {
    let project = Project::shop();
    let mut dev = AtWork::start(dev(&project, &["--fresh", "--format", "json"]));
    step(&mut dev, "applied");
    let server = step(&mut dev, "ready")["pid"].as_u64().expect("a process").to_string();
    let frozen = Command::new("kill").args(["-STOP", &server]).status();
    assert!(frozen.expect("a program that runs").success());
    let status = |field: &str| {
        let status = std::fs::read_to_string(format!("/proc/{server}/status")).expect("it lives");
        let found = status.lines().find_map(|line| line.strip_prefix(field));
        found.expect("a field").trim().to_owned()
    };
    let until = |what: &str, is_so: &dyn Fn() -> bool| {
        let begun = Instant::now();
        while !is_so() {
            assert!(begun.elapsed() < Duration::from_secs(30), "not {what}");
            std::thread::yield_now();
        }
    };
    // One that has not stopped yet would still take the next signal.
    until("frozen", &|| status("State:").starts_with('T'));
    dev.interrupt();
    // It has been told when its server has: the word waits there.
    until("told", &|| {
        let pending = u64::from_str_radix(&status("ShdPnd:"), 16).expect("a mask");
        pending & (1 << (15 - 1)) != 0
    });
    let begun = Instant::now();
    dev.interrupt();
    let ended = dev.ended();
    assert!(ended.stderr.contains("interrupted twice"), "{ended:?}");
    assert_eq!(ended.code, 2, "{ended:?}");
    assert!(begun.elapsed() < Duration::from_secs(3), "{:?}", begun.elapsed());
    assert!(!Path::new(&format!("/proc/{server}/exe")).exists(), "the server is not left behind");
}

#[test]
fn what_cannot_be_started_is_explained() {
    let project = Project::shop();
    let failure = |command: &mut Command| {
        let output = command.output().expect("a program that runs");
        assert_eq!(output.status.code(), Some(2));
        String::from_utf8(output.stderr).expect("UTF-8")
    };
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = taken.local_addr().expect("bound").port().to_string();
    let said = failure(&mut dev(&project, &["--port", &port]));
    assert!(said.contains(&format!("the port {port} cannot be listened on")), "{said}");
    assert!(said.contains("`--port 0` takes any that is free"), "{said}");

    let said = failure(dev(&project, &[]).env("TIDINGS_NATS_SERVER", "/nowhere/nats-server"));
    assert!(said.contains("there is no program `/nowhere/nats-server`"), "{said}");
    let mut nothing = dev(&project, &["--no-fetch"]);
    let said = failure(nothing.env_remove("TIDINGS_NATS_SERVER").env("PATH", project.path()));
    assert!(said.contains("there is no `nats-server` on `PATH`"), "{said}");
    // What is no server ends at once, and its words are told.
    let said = failure(dev(&project, &[]).env("TIDINGS_NATS_SERVER", "/bin/false"));
    assert!(said.contains("nats-server has ended (exit status: 1)"), "{said}");

    project
        .write("event-catalog/orders/domain.yaml", "domain: orders\nstream: { max_age: soon }\n");
    let said = failure(&mut dev(&project, &[]));
    assert!(said.contains("the catalog has mistakes"), "{said}");
}
