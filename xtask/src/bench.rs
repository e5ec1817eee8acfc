//! `bench`: what each step of an event takes, and how fast events go through, beside bare async-nats.

use std::process::Command;

use crate::Outcome;
use crate::command::{cargo, root, run};

/// What later runs compare themselves with.
const BASELINE: &str = "tests/benches/baseline.json";
const FIGURES: &str = "target/bench.json";
const ALLOCATIONS: &str = "target/bench-allocations.json";

/// How much is measured, and what becomes of it; the benchmark knows what each plan means.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Plan {
    full: bool,
    save: bool,
    /// Other libraries and frameworks too.
    peers: bool,
}

impl Plan {
    /// Reads `[--quick | --full] [--save | --peers]`.
    pub(crate) fn parse(args: &[String]) -> Outcome<Self> {
        let (mut plan, mut size) = (Self::default(), None);
        for arg in args {
            match arg.as_str() {
                "--save" if !plan.save => plan.save = true,
                "--peers" if !plan.peers => plan.peers = true,
                "--quick" | "--full" if size.is_none() => size = Some(arg == "--full"),
                found => {
                    let takes =
                        "`bench` takes one of `--quick` and `--full`, `--save` and `--peers`";
                    return Err(format!("{takes}, found `{found}`"));
                }
            }
        }
        if plan.save && plan.peers {
            return Err("`--save` keeps what later runs without `--peers` are compared with: run it without, too".to_owned());
        }
        Ok(Self { full: size.unwrap_or_default(), ..plan })
    }
}

/// Runs everything, or with arguments for it (`--only outbox`) the program that takes time alone.
pub(crate) fn run_planned(plan: Plan, args: &[String]) -> Outcome {
    crate::tools::fetch_all()?;
    let (baseline, allocations) = (root().join(BASELINE), root().join(ALLOCATIONS));
    let whole = args.is_empty();
    let mut timed = benchmark("throughput", &["--"]);
    timed.arg(if plan.full { "--full" } else { "--quick" });
    // Cargo runs it in the folder of its package.
    timed.arg("--json").arg(root().join(FIGURES)).arg("--baseline").arg(&baseline);
    let mut steps = benchmark("micro", &["--", "--instructions", "--baseline"]);
    steps.arg(&baseline);
    if plan.save {
        timed.arg("--save");
        steps.arg("--save");
    }
    if plan.peers {
        timed.arg("--peers").arg(crate::peers::install()?);
    }
    let counted = if whole { run(steps) } else { Ok(()) };
    if whole {
        let mut counting = benchmark("allocations", &["--", "--json"]);
        counting.arg(&allocations);
        run(counting)?;
        timed.arg("--allocations").arg(&allocations);
    }
    timed.args(args);
    let measured = run(timed);
    if whole && plan.full {
        run(benchmark("micro", &[]))?;
    }
    counted.and(measured)
}

fn benchmark(name: &str, args: &[&str]) -> Command {
    let mut benchmark = cargo(&["bench", "--package", "tidings-benches", "--bench", name]);
    benchmark.args(args);
    benchmark
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_plan_is_read_and_anything_else_named() {
        let wrong = |found: &str| {
            let takes = "`bench` takes one of `--quick` and `--full`, `--save` and `--peers`";
            Err(format!("{takes}, found `{found}`"))
        };
        let plan = |full, save| Ok(Plan { full, save, peers: false });
        let apart = "`--save` keeps what later runs without `--peers` are compared with: run it without, too";
        let cases: [(&[&str], Outcome<Plan>); 11] = [
            (&[], plan(false, false)),
            (&["--quick"], plan(false, false)),
            (&["--full"], plan(true, false)),
            (&["--save"], plan(false, true)),
            (&["--full", "--save"], plan(true, true)),
            (&["--full", "--peers"], Ok(Plan { full: true, save: false, peers: true })),
            (&["--save", "--peers"], Err(apart.to_owned())),
            (&["--peers", "--peers"], wrong("--peers")),
            (&["--fast"], wrong("--fast")),
            (&["--quick", "--full"], wrong("--full")),
            (&["--save", "--save"], wrong("--save")),
        ];
        for (given, expected) in cases {
            let args: Vec<_> = given.iter().map(ToString::to_string).collect();
            assert_eq!(Plan::parse(&args), expected, "{given:?}");
        }
    }
}
