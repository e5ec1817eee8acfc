// The whole program, in both of its builds: `timed.rs` and `counted.rs`.

mod atomic;
mod breaker;
mod bulk;
mod chart;
mod child;
mod compress;
mod consume;
mod embedded;
mod inbox;
mod latency;
mod measure;
mod observed;
mod ordered;
mod outbox;
mod peers;
mod publish;
mod raw;
mod replay;
mod report;
mod stage;
mod synced;
mod validate;

use std::path::PathBuf;
use std::process::ExitCode;

use tidings::prometheus::Exposition;

use self::measure::Plan;
use self::report::Report;
use self::stage::Stage;

/// What stops a benchmark is shown and ends it.
type Outcome<T = ()> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

#[tokio::main]
async fn main() -> Outcome<ExitCode> {
    let arguments = Arguments::parse(std::env::args().skip(1))?;
    if let Some(way) = &arguments.serve {
        observed::serve(way).await?;
        return Ok(ExitCode::SUCCESS);
    }
    // As a service would have it: the runtime is measured with what it measures itself.
    Exposition::install()?;
    let plan = arguments.plan;
    let stage = Stage::open().await?;
    let mut report = Report::new(plan, stage.server_version());
    if let Some(path) = &arguments.allocations {
        report.know_allocations(path)?;
    }
    println!("{report}");

    if arguments.wants("publish") {
        report.add(publish::one_by_one(&stage, plan).await?);
        report.add(publish::pipelined(&stage, plan).await?);
    }
    if arguments.wants("consume") {
        report.add(consume::stored(&stage, plan).await?);
    }
    if arguments.wants("atomic") {
        report.add(atomic::batches(&stage, plan).await?);
    }
    if arguments.wants("bulk") {
        report.add_all(bulk::all(&stage, plan).await?);
    }
    if arguments.wants("synced") {
        report.add(synced::to_disk(plan).await?);
    }
    if arguments.wants("ordered") {
        report.add(ordered::by_key(&stage, plan).await?);
    }
    if arguments.wants("breaker") {
        report.add(breaker::closed(&stage, plan).await?);
    }
    if arguments.wants("observed") {
        report.add_all(observed::all(&stage, plan).await?);
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
    if let Some(home) = &arguments.peers
        && arguments.only.as_deref().is_none_or(|only| only == "peers")
    {
        peers::all(&stage, plan, home, &mut report).await;
    }
    if let Some(path) = &arguments.json {
        report.write(path)?;
    }
    match &arguments.baseline {
        Some(path) => Ok(report.conclude(path, arguments.save)?),
        None => Ok(ExitCode::SUCCESS),
    }
}

/// What there is to measure, in this order.
const GROUPS: [&str; 16] = [
    "publish", "consume", "atomic", "bulk", "synced", "ordered", "breaker", "observed", "latency",
    "replay", "outbox", "inbox", "embedded", "validate", "compress", "peers",
];

struct Arguments {
    plan: &'static Plan,
    /// One of the groups; those of the plan where nothing is said.
    only: Option<String>,
    /// What the build that counts has written.
    allocations: Option<PathBuf>,
    json: Option<PathBuf>,
    /// Where peers are installed that are to be measured too.
    peers: Option<PathBuf>,
    /// How this process is observed while another one tells it what to do.
    serve: Option<String>,
    /// What to compare the figures with.
    baseline: Option<PathBuf>,
    /// Or to save them in it.
    save: bool,
}

impl Arguments {
    /// Reads `[--quick | --full] [--only GROUP] [--peers FOLDER] [--allocations PATH] [--json PATH] [--baseline PATH]
    /// [--save]`, or `--serve WAY`.
    fn parse(mut args: impl Iterator<Item = String>) -> Outcome<Self> {
        let plan = if allocations().is_some() { &measure::COUNTED } else { &measure::QUICK };
        let (only, serve, save) = (None, None, false);
        let (allocations, json, peers, baseline) = (None, None, None, None);
        let mut arguments =
            Self { plan, only, allocations, json, peers, serve, baseline, save };
        while let Some(arg) = args.next() {
            let mut path = || -> Outcome<Option<PathBuf>> {
                let path = args.next().ok_or_else(|| format!("`{arg}` takes the path of a file"))?;
                Ok(Some(path.into()))
            };
            match arg.as_str() {
                "--quick" => arguments.plan = &measure::QUICK,
                "--full" => arguments.plan = &measure::FULL,
                "--allocations" => arguments.allocations = path()?,
                "--json" => arguments.json = path()?,
                "--peers" => arguments.peers = path()?,
                "--serve" => {
                    let way = args.next().ok_or("`--serve` takes how this process is observed")?;
                    arguments.serve = Some(way);
                }
                "--baseline" => arguments.baseline = path()?,
                "--save" => arguments.save = true,
                "--only" => {
                    let only = args.next().filter(|only| GROUPS.contains(&only.as_str()));
                    let one_of = || format!("`--only` takes one of {}", GROUPS.join(", "));
                    arguments.only = Some(only.ok_or_else(one_of)?);
                }
                // Cargo says so to every benchmark.
                "--bench" => {}
                other => {
                    let words = "it takes `--quick`, `--full`, `--only GROUP`, `--peers FOLDER`, `--json PATH`, \
                        `--allocations PATH`, `--baseline PATH` and `--save`";
                    return Err(format!("the benchmark does not know `{other}`: {words}").into());
                }
            }
        }
        match (arguments.save, &arguments.only) {
            (_, Some(only)) if only == "peers" && arguments.peers.is_none() => {
                Err("`cargo xtask bench --peers -- --only peers` installs and measures them".into())
            }
            (true, Some(only)) => {
                Err(format!("`--save` saves a whole run, and not that of {only} alone").into())
            }
            _ => Ok(arguments),
        }
    }
    fn wants(&self, group: &str) -> bool {
        match &self.only {
            Some(only) => only == group,
            None => self.plan.groups.is_none_or(|groups| groups.contains(&group)),
        }
    }
}
