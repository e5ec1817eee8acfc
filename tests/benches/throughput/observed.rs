//! What it costs to be observed: the runtime with a recorder of metrics, and with traces, beside neither.
//!
//! Recorders and subscribers are of a whole process, so each way has one of its own: this program again, which
//! [`Program`](crate::child::Program) tells what to do.

use std::io;

use axum::Router;
use axum::body::Bytes;
use axum::http::StatusCode;
use tidings::otlp::Otlp;
use tidings::prometheus::Exposition;
use tidings::{Config, Tidings};
use tokio::net::TcpListener;
use tokio::process::Command;
use tokio::sync::Mutex;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::prelude::*;

use crate::Outcome;
use crate::consume::{AtOnce, BUSY, DURABLE, handled};
use crate::measure::{Case, Meter, Plan, in_turns};
use crate::child::{Program, Wanted};
use crate::publish;
use crate::stage::Stage;

const COLLECTOR: &str = "TIDINGS_BENCH_COLLECTOR";

/// What a process is started with, and the share of traces that are sampled.
const WAYS: [(&str, &str, &str); 4] = [
    ("neither", "neither", "0"),
    ("metrics, for Prometheus", "metrics", "0"),
    ("traces, 1 in 100 sampled", "traces", "0.01"),
    ("traces, all sampled", "traces", "1"),
];

/// Publishing and consuming, in each of these ways.
pub(crate) async fn all(stage: &Stage, plan: &Plan) -> Outcome<[Case; 2]> {
    let collector = collector().await?;
    let mut processes = Vec::with_capacity(WAYS.len());
    for (_, way, sampled) in WAYS {
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["--serve", way]).env(COLLECTOR, &collector);
        command.env("OTEL_TRACES_SAMPLER", "parentbased_traceidratio");
        command.env("OTEL_TRACES_SAMPLER_ARG", sampled);
        processes.push(Mutex::new(Program::start(command, stage).await?));
    }
    let programs: Vec<_> =
        WAYS.iter().zip(&processes).map(|((name, ..), process)| (*name, process)).collect();
    let events = plan.streamed;
    let publish = in_turns("publish, observed", plan, &programs, async |process| {
        stage.clear().await?;
        let sample = process.lock().await.publish(events).await?;
        stage.holds(events).await?;
        Ok(sample)
    });
    let publish = publish.await?;

    stage.clear().await?;
    publish::enqueued(&stage.bus, &stage.meter, events).await?;
    stage.holds(events).await?;
    let consume = in_turns("consume, 256 at once, observed", plan, &programs, async |process| {
        let _ = stage.stream().await?.delete_consumer(DURABLE).await;
        stage.bus.ensure(&AtOnce::<BUSY>::topology()).await?;
        process.lock().await.consume(stage, "consume", events).await
    });
    Ok([publish, consume.await?])
}

/// One that takes everything and keeps nothing. It ends with the program.
async fn collector() -> Outcome<String> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = format!("http://{}", listener.local_addr()?);
    let router = Router::new().fallback(|_: Bytes| async { StatusCode::OK });
    tokio::spawn(axum::serve(listener, router).into_future());
    Ok(address)
}

/// What the process does that is started in one of these ways.
pub(crate) async fn serve(way: &str) -> Outcome {
    let _otlp = observe(way)?;
    let wanted = heard()?.ok_or("nothing was said")?;
    let wanted: Wanted = serde_json::from_str(&wanted)?;
    let bus = Tidings::connect(Config::new(&wanted.url)).await?;
    let meter = Meter::new(None);
    println!("tidings, {way}");
    while let Some(task) = heard()? {
        let (work, events) = task.split_once(' ').ok_or("a task is two words")?;
        let events = events.parse()?;
        println!("ready");
        heard()?;
        match work {
            "publish" => publish::enqueued(&bus, &meter, events).await?,
            _ => handled::<BUSY>(&bus, &meter, events, true).await?,
        };
        println!("done");
    }
    Ok(())
}

/// A line of what it is told. Nothing else of this thread waits meanwhile.
fn heard() -> io::Result<Option<String>> {
    let mut line = String::new();
    let length = io::stdin().read_line(&mut line)?;
    Ok((length > 0).then(|| line.trim_end().to_owned()))
}

fn observe(way: &str) -> Outcome<Option<Otlp>> {
    match way {
        "metrics" => {
            Exposition::install()?;
            Ok(None)
        }
        "traces" => {
            let otlp = Otlp::to("throughput", &std::env::var(COLLECTOR)?)?;
            let layers = tracing_subscriber::registry().with(LevelFilter::INFO);
            layers.with(otlp.layer()).try_init()?;
            Ok(Some(otlp))
        }
        _ => Ok(None),
    }
}
