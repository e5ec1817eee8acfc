//! The services of a shop, each as it is built before a rollout and after it: `rollout before till`, `rollout after books` …
//! An instance tells on its standard output what it has stored and handled, until it is told to end.

mod after;
mod before;
mod told;

use std::error::Error;

use tidings::{Config, Report, Tidings};

type Ended = Result<Report, Box<dyn Error>>;

/// Takes the server's address from `NATS_URL`.
#[tokio::main]
async fn main() -> Ended {
    tracing_subscriber::fmt().with_writer(std::io::stderr).with_ansi(false).init();
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [build, service] = args.as_slice() else {
        return Err("which build of which service".into());
    };
    let bus = Tidings::connect(Config::from_env()?).await?;
    match (build.as_str(), service.as_str()) {
        ("before", "till") => before::till(&bus).await,
        ("before", "books") => before::books(&bus).await,
        ("after", "till") => after::till(&bus).await,
        ("after", "books") => after::books(&bus).await,
        ("after", "audit") => after::audit(&bus).await,
        _ => Err(format!("there is no service `{service}` in the build `{build}`").into()),
    }
}
