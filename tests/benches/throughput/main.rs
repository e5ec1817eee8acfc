//! How fast events are published, checked and consumed, beside bare async-nats on the same server.
//!
//! `cargo xtask bench` runs it; `docs/performance.md` says what is measured and how to read it.

mod compress;
mod consume;
mod cpu;
mod embedded;
mod inbox;
mod latency;
mod measure;
mod outbox;
mod publish;
mod raw;
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

    if arguments.wants("publish") {
        report.add(publish::one_by_one(&stage, plan).await?);
        report.add(publish::pipelined(&stage, plan).await?);
    }
    if arguments.wants("consume") {
        report.add(consume::stored(&stage, plan).await?);
    }
    if arguments.wants("latency") {
        for rate in latency::RATES {
            report.add_latencies(latency::at(&stage, plan, rate).await?);
        }
    }
    if arguments.wants("replay") {
        report.add(replay::all(&stage, plan).await?);
    }
    if arguments.wants("outbox") {
        report.add(outbox::relayed(&stage, plan).await?);
    }
    if arguments.wants("inbox") {
        report.add(inbox::asked(&stage, plan).await?);
    }
    if arguments.wants("embedded") {
        report.add_all(embedded::all(plan).await?);
    }
    if arguments.wants("validate") {
        report.add_all(validate::all(plan).await?);
    }
    if arguments.wants("compress") {
        report.add_all(compress::all(plan).await?);
    }
    if let Some(path) = &arguments.json {
        report.write(path)?;
    }
    Ok(())
}

/// What there is to measure, in this order.
const GROUPS: [&str; 9] = [
    "publish", "consume", "latency", "replay", "outbox", "inbox", "embedded", "validate",
    "compress",
];

struct Arguments {
    plan: &'static Plan,
    /// One of the groups; all where nothing is said.
    only: Option<String>,
    json: Option<PathBuf>,
}

impl Arguments {
    /// Reads `[--quick | --full] [--only GROUP] [--json PATH]`.
    fn parse(mut args: impl Iterator<Item = String>) -> Outcome<Self> {
        let mut arguments = Self { plan: &measure::QUICK, only: None, json: None };
        while let Some(arg) = args.next() {
            match arg.as_str() {
                "--quick" => arguments.plan = &measure::QUICK,
                "--full" => arguments.plan = &measure::FULL,
                "--only" => {
                    let only = args.next().filter(|only| GROUPS.contains(&only.as_str()));
                    let one_of = || format!("`--only` takes one of {}", GROUPS.join(", "));
                    arguments.only = Some(only.ok_or_else(one_of)?);
                }
                "--json" => {
                    let path = args.next().ok_or("`--json` takes the path of a file to write")?;
                    arguments.json = Some(path.into());
                }
                // Cargo says so to every benchmark.
                "--bench" => {}
                other => {
                    let words = "it takes `--quick`, `--full`, `--only GROUP` and `--json PATH`";
                    return Err(format!("the benchmark does not know `{other}`: {words}").into());
                }
            }
        }
        Ok(arguments)
    }
    fn wants(&self, group: &str) -> bool {
        self.only.as_deref().is_none_or(|only| only == group)
    }
}
