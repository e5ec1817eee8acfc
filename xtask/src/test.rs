//! `test`: every suite, with nextest where it is installed and `cargo test` where not.

use std::num::NonZero;

use crate::Outcome;
use crate::command::{cargo, run, succeeds};
use crate::scratch::Scratch;
use crate::tools::nats_server;

/// Where the suite that needs a real server lives: this module of the test binary `it`.
const REAL_SERVER_SUITE: [&str; 2] = ["--test", "it"];
const REAL_SERVER_MODULE: &str = "server::";

/// What no server's version has a part in: it runs on the newest one alone.
const OF_ANY_SERVER: [&str; 14] = [
    "conformance::background",
    "conformance::encryption",
    "conformance::personal",
    "conformance::unions",
    "conformance::validation",
    "conformance::versions",
    "inbox::",
    "outbox::",
    "server::booking",
    "server::harness",
    "server::load",
    "server::rollout",
    "server::scale",
    "server::signals",
];

/// Which tests to run, and on which servers.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Selection {
    /// Only the real-server suite, on these.
    servers: Option<Vec<&'static str>>,
    /// Handed to the test runner.
    args: Vec<String>,
}

impl Selection {
    /// Reads `[--server VERSION|all] [-- ARGS]`.
    pub(crate) fn parse(args: &[String]) -> Outcome<Self> {
        let mut selection = Self::default();
        let mut args = args.iter();
        while let Some(arg) = args.next() {
            match arg.as_str() {
                "--" => selection.args = args.by_ref().cloned().collect(),
                "--server" => {
                    let wanted = args.next().map_or("", String::as_str);
                    selection.servers = Some(servers(wanted)?);
                }
                other => {
                    return Err(format!(
                        "`test` does not know `{other}`; to hand it to the test runner write `-- {other}`"
                    ));
                }
            }
        }
        Ok(selection)
    }
}

fn servers(wanted: &str) -> Outcome<Vec<&'static str>> {
    let known = nats_server::VERSIONS;
    match known.iter().find(|version| **version == wanted) {
        Some(version) => Ok(vec![version]),
        None if wanted == "all" => Ok(known.to_vec()),
        None => Err(format!("`--server` takes `all` or one of {}", known.join(", "))),
    }
}

pub(crate) fn run_selected(selection: &Selection) -> Outcome {
    crate::tools::fetch_all()?;
    let mut runner = Runner { kind: Kind::installed(), scratch: Scratch::in_memory() };
    let outcome = runner.run(selection);
    if let (Err(_), Some(scratch)) = (&outcome, runner.scratch.take()) {
        scratch.keep();
    }
    outcome
}

fn of_the_server() -> Vec<&'static str> {
    let skipped = OF_ANY_SERVER.iter().flat_map(|module| ["--skip", module]);
    ["--", REAL_SERVER_MODULE].into_iter().chain(skipped).collect()
}

struct Runner {
    kind: Kind,
    scratch: Option<Scratch>,
}

enum Kind {
    Nextest,
    CargoTest,
}

impl Kind {
    fn installed() -> Self {
        if succeeds(cargo(&["nextest", "--version"])) {
            return Self::Nextest;
        }
        eprintln!(
            "note: without cargo-nextest tests run slower: `cargo install cargo-nextest --locked`"
        );
        Self::CargoTest
    }
}

impl Runner {
    fn run(&self, selection: &Selection) -> Outcome {
        let args: Vec<&str> = selection.args.iter().map(String::as_str).collect();
        if let Some(servers) = &selection.servers {
            return servers.iter().try_for_each(|version| self.real_server_suite(version, &args));
        }
        run(self.command(&args))?;
        if args.is_empty() {
            run(cargo(&["test", "--workspace", "--doc"]))?;
            for version in &nats_server::VERSIONS[1..] {
                self.real_server_suite(version, &args)?;
            }
        }
        Ok(())
    }

    fn real_server_suite(&self, version: &str, args: &[&str]) -> Outcome {
        let selected = if args.is_empty() { of_the_server() } else { args.to_vec() };
        let mut suite = self.command(&[&REAL_SERVER_SUITE, selected.as_slice()].concat());
        suite.env("TIDINGS_NATS_SERVER", nats_server::path(version));
        run(suite)
    }

    /// The whole workspace each time, so that every run builds with the same features.
    fn command(&self, args: &[&str]) -> std::process::Command {
        let threads = threads().to_string();
        let runner: &[&str] = match self.kind {
            Kind::Nextest => &["nextest", "run", "--workspace", "--test-threads", &threads],
            // Documentation tests have a step of their own.
            Kind::CargoTest if args.contains(&"--test") => &["test", "--workspace"],
            Kind::CargoTest => &["test", "--workspace", "--lib", "--bins", "--tests"],
        };
        let mut command = cargo(&[runner, args].concat());
        if let Some(scratch) = &self.scratch {
            scratch.serve(&mut command);
        }
        command
    }
}

/// Most tests wait for servers that they have killed, with hardly any work for a processor.
fn threads() -> usize {
    3 * std::thread::available_parallelism().map_or(1, NonZero::get)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(args: &[&str]) -> Outcome<Selection> {
        Selection::parse(&args.iter().map(ToString::to_string).collect::<Vec<_>>())
    }

    #[test]
    fn servers_and_runner_arguments_are_read() {
        let newest = nats_server::VERSIONS[0];
        let cases: [(&[&str], _, &[&str]); 5] = [
            (&[], None, &[]),
            (&["--server", "all"], Some(nats_server::VERSIONS.to_vec()), &[]),
            (&["--server", newest], Some(vec![newest]), &[]),
            (&["--", "--server", "x"], None, &["--server", "x"]),
            (&["--server", newest, "--", "outbox"], Some(vec![newest]), &["outbox"]),
        ];
        for (given, servers, args) in cases {
            let args = args.iter().map(ToString::to_string).collect();
            assert_eq!(parse(given), Ok(Selection { servers, args }), "{given:?}");
        }
    }

    #[test]
    fn mistakes_are_told_with_the_way_out() {
        for (given, said) in [
            (&["outbox"][..], "write `-- outbox`"),
            (&["--server"], "takes `all` or one of 2."),
            (&["--server", "1.0.0"], "takes `all` or one of 2."),
        ] {
            let message = parse(given).expect_err("a mistake");
            assert!(message.contains(said), "{message}");
        }
    }
}
