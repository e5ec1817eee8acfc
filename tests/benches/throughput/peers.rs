//! Other libraries and frameworks doing the same work, each beside the runtime in a case of its own.
//!
//! Their programs are in `tests/benches/peers`; `cargo xtask bench --peers` installs what they need. They get their messages
//! made before the clock starts, as bare async-nats does.

use std::fs;
use std::path::Path;

use tokio::process::Command;
use tokio::sync::Mutex;

use crate::Outcome;
use crate::consume::{AtOnce, BUSY, DEFAULT, DURABLE, handled};
use crate::measure::{Case, Plan, in_turns};
use crate::child::{Program, as_wanted};
use crate::publish;
use crate::report::Report;
use crate::stage::Stage;

/// A program, as it is installed.
struct Peer {
    name: &'static str,
    /// Where it lies among the others.
    folder: &'static str,
    /// What runs it: a program there, or one of the system's.
    runs: &'static str,
    script: Option<&'static str>,
    /// How it consumes, and the task of that.
    consumes: &'static [(&'static str, &'static str)],
}

const EACH: (&str, &str) = ("consume and settle", "consume");
const BATCHES: (&str, &str) = ("consume and settle in batches of 1,000", "consume-batches");

const PEERS: [Peer; 4] = [
    Peer {
        name: "FastStream",
        folder: "python",
        runs: "venv/bin/python",
        script: Some("with_faststream.py"),
        consumes: &[EACH, BATCHES],
    },
    Peer {
        name: "nats-py",
        folder: "python",
        runs: "venv/bin/python",
        script: Some("with_nats_py.py"),
        consumes: &[EACH],
    },
    Peer {
        name: "nats.js",
        folder: "node",
        runs: "node",
        script: Some("with_nats_js.mjs"),
        consumes: &[EACH],
    },
    Peer {
        name: "RustStream",
        folder: "ruststream",
        runs: "release/ruststream-peer",
        script: None,
        consumes: &[EACH, BATCHES],
    },
];

/// Measures those that are installed in `home`; of the others the report says why they are not.
pub(crate) async fn all(stage: &Stage, plan: &Plan, home: &Path, report: &mut Report) {
    for peer in &PEERS {
        if let Err(error) = beside(peer, stage, plan, home, report).await {
            report.add_missing(format!("beside {}", peer.name), error.to_string());
        }
    }
}

async fn beside(
    peer: &Peer,
    stage: &Stage,
    plan: &Plan,
    home: &Path,
    report: &mut Report,
) -> Outcome {
    let program = Mutex::new(Program::start(peer.command(home)?, stage).await?);
    report.add(published(stage, plan, &program).await?);
    for way in peer.consumes {
        report.add(consumed(stage, plan, &program, way).await?);
    }
    Ok(())
}

impl Peer {
    fn command(&self, home: &Path) -> Outcome<Command> {
        let folder = home.join(self.folder);
        if let Ok(why) = fs::read_to_string(folder.join("missing.txt")) {
            return Err(why.trim_end().into());
        }
        if !folder.exists() {
            return Err("it is not installed: `cargo xtask bench --peers` does it".into());
        }
        let here = folder.join(self.runs);
        let mut command = if here.exists() { Command::new(here) } else { Command::new(self.runs) };
        command.args(self.script).current_dir(folder);
        Ok(command)
    }
}

#[derive(Clone, Copy)]
enum Publish {
    Theirs,
    Ours,
}

async fn published(stage: &Stage, plan: &Plan, peer: &Mutex<Program>) -> Outcome<Case> {
    let events = plan.streamed;
    let (name, theirs) = names("publish, many on their way", peer).await;
    let programs = [(theirs, Publish::Theirs), ("tidings", Publish::Ours)];
    in_turns(name, plan, &programs, async |program| {
        stage.clear().await?;
        let sample = match program {
            Publish::Theirs => {
                let sample = peer.lock().await.publish(events).await?;
                as_wanted(stage).await?;
                sample
            }
            Publish::Ours => publish::enqueued(&stage.bus, &stage.meter, events).await?,
        };
        stage.holds(events).await?;
        Ok(sample)
    })
    .await
}

#[derive(Clone, Copy)]
enum Consume {
    Theirs,
    Default,
    Busy,
    Unconfirmed,
}

async fn consumed(
    stage: &Stage,
    plan: &Plan,
    peer: &Mutex<Program>,
    (work, task): &(&str, &str),
) -> Outcome<Case> {
    let events = plan.streamed;
    stage.clear().await?;
    publish::enqueued(&stage.bus, &stage.meter, events).await?;
    stage.holds(events).await?;
    let (name, theirs) = names(work, peer).await;
    let programs = [
        (theirs, Consume::Theirs),
        ("tidings, 16 at once", Consume::Default),
        ("tidings, 256 at once", Consume::Busy),
        ("tidings, 256 at once, unconfirmed", Consume::Unconfirmed),
    ];
    in_turns(name, plan, &programs, async |program| {
        let _ = stage.stream().await?.delete_consumer(DURABLE).await;
        let (bus, meter) = (&stage.bus, &stage.meter);
        if !matches!(program, Consume::Theirs) {
            bus.ensure(&AtOnce::<BUSY>::topology()).await?;
        }
        match program {
            Consume::Theirs => peer.lock().await.consume(stage, task, events).await,
            Consume::Default => handled::<DEFAULT>(bus, meter, events, true).await,
            Consume::Busy => handled::<BUSY>(bus, meter, events, true).await,
            Consume::Unconfirmed => handled::<BUSY>(bus, meter, events, false).await,
        }
    })
    .await
}

/// Of a case and of the other program in it. They live as long as this program does.
async fn names(work: &str, peer: &Mutex<Program>) -> (&'static str, &'static str) {
    let versions = peer.lock().await.name.clone();
    let case = format!("{work}, beside {versions}");
    let library = versions.split(',').next().unwrap_or_default().to_owned();
    (case.leak(), library.leak())
}
