//! `bench`: how fast events go through, beside bare async-nats.

use crate::Outcome;
use crate::command::{cargo, root, run};

const BENCHMARK: [&str; 5] = ["bench", "--package", "tidings-tests", "--bench", "throughput"];
const FILE: &str = "target/bench.json";

/// How much is measured; the benchmark knows what each means.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) enum Plan {
    #[default]
    Quick,
    Full,
}

impl Plan {
    /// Reads `[--quick | --full]`.
    pub(crate) fn parse(args: &[String]) -> Outcome<Self> {
        match args {
            [] => Ok(Self::default()),
            [arg] if arg == "--quick" => Ok(Self::Quick),
            [arg] if arg == "--full" => Ok(Self::Full),
            [first, rest @ ..] => {
                let known = ["--quick", "--full"].contains(&first.as_str());
                let found = rest.first().filter(|_| known).unwrap_or(first);
                Err(format!("`bench` takes one of `--quick` and `--full`, found `{found}`"))
            }
        }
    }

    fn flag(self) -> &'static str {
        match self {
            Self::Quick => "--quick",
            Self::Full => "--full",
        }
    }
}

pub(crate) fn run_planned(plan: Plan, args: &[String]) -> Outcome {
    crate::tools::fetch_all()?;
    let mut benchmark = cargo(&BENCHMARK);
    // Cargo runs it in the folder of its package.
    benchmark.args(["--", plan.flag(), "--json"]).arg(root().join(FILE)).args(args);
    run(benchmark)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_plan_is_read_and_anything_else_named() {
        let wrong = |found: &str| {
            Err(format!("`bench` takes one of `--quick` and `--full`, found `{found}`"))
        };
        let cases: [(&[&str], Outcome<Plan>); 5] = [
            (&[], Ok(Plan::Quick)),
            (&["--quick"], Ok(Plan::Quick)),
            (&["--full"], Ok(Plan::Full)),
            (&["--fast"], wrong("--fast")),
            (&["--quick", "--full"], wrong("--full")),
        ];
        for (given, expected) in cases {
            let args: Vec<_> = given.iter().map(ToString::to_string).collect();
            assert_eq!(Plan::parse(&args), expected, "{given:?}");
        }
    }
}
