//! How fast events are published, checked and consumed, beside bare async-nats on the same server.
//!
//! `cargo xtask bench` runs it; `docs/performance.md` says what is measured and how to read it.

mod compress;
mod consume;
mod cpu;
mod embedded;
mod measure;
mod publish;
mod replay;
mod report;
mod stage;
mod validate;

use std::path::PathBuf;

use self::measure::Plan;
use self::report::Report;
use self::stage::Stage;

/// What stops a benchmark is shown and ends it.
type Outcome<T = ()> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

#[tokio::main]
async fn main() -> Outcome {
    let arguments = Arguments::parse(std::env::args().skip(1))?;
    let plan = arguments.plan;
    let stage = Stage::open().await?;
    let mut report = Report::new(plan, stage.server_version());
    println!("{report}");

    report.add(publish::one_by_one(&stage, plan).await?);
    report.add(publish::pipelined(&stage, plan).await?);
    report.add(consume::stored(&stage, plan).await?);
    report.add(replay::all(&stage, plan).await?);
    for case in embedded::all(plan).await? {
        report.add(case);
    }
    for case in validate::all(plan).await? {
        report.add(case);
    }
    for case in compress::all(plan).await? {
        report.add(case);
    }
    if let Some(path) = &arguments.json {
        report.write(path)?;
    }
    Ok(())
}

struct Arguments {
    plan: &'static Plan,
    json: Option<PathBuf>,
}

impl Arguments {
    /// Reads `[--quick | --full] [--json PATH]`.
    fn parse(mut args: impl Iterator<Item = String>) -> Outcome<Self> {
        let mut arguments = Self { plan: &measure::QUICK, json: None };
        while let Some(arg) = args.next() {
            match arg.as_str() {
                "--quick" => arguments.plan = &measure::QUICK,
                "--full" => arguments.plan = &measure::FULL,
                "--json" => {
                    let path = args.next().ok_or("`--json` takes the path of a file to write")?;
                    arguments.json = Some(path.into());
                }
                // Cargo says so to every benchmark.
                "--bench" => {}
                other => {
                    let words = "it takes `--quick`, `--full` and `--json PATH`";
                    return Err(format!("the benchmark does not know `{other}`: {words}").into());
                }
            }
        }
        Ok(arguments)
    }
}
