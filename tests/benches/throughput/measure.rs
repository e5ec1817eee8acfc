//! Samples of several programs, taken in turns, so that what disturbs the machine disturbs all of them.

use std::time::{Duration, Instant};

use crate::Outcome;
use crate::cpu::Process;

/// How much is measured.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) name: &'static str,
    /// Samples of each program.
    pub(crate) rounds: usize,
    /// Events of a sample that awaits each one.
    pub(crate) awaited: usize,
    /// Events of a sample that publishes or consumes as fast as it can.
    pub(crate) streamed: usize,
}

/// Under a minute.
pub(crate) const QUICK: Plan = Plan { name: "quick", rounds: 7, awaited: 2_000, streamed: 20_000 };
/// Some minutes.
pub(crate) const FULL: Plan = Plan { name: "full", rounds: 25, awaited: 5_000, streamed: 50_000 };

/// Runs the timed part of a sample where a service's own work runs: on a thread of the runtime. `main` has a thread of its
/// own, and every answer would have to wake it up.
pub(crate) async fn on_runtime<F>(timed: F) -> Outcome<Sample>
where
    F: Future<Output = Outcome<Sample>> + Send + 'static,
{
    tokio::spawn(timed).await?
}

/// What takes the time of a sample, and the CPU time of both sides.
#[derive(Clone, Debug)]
pub(crate) struct Meter {
    client: Process,
    server: Option<Process>,
}

impl Meter {
    /// For a server that is a child of this process, or for none.
    pub(crate) fn new(server: Option<Process>) -> Self {
        Self { client: Process::own(), server }
    }

    pub(crate) fn start(&self) -> Started<'_> {
        let (client, server) = self.used();
        Started { meter: self, client, server, at: Instant::now() }
    }

    fn used(&self) -> (Option<Duration>, Option<Duration>) {
        (self.client.used(), self.server.as_ref().and_then(Process::used))
    }
}

/// A sample that is being taken.
#[derive(Debug)]
pub(crate) struct Started<'a> {
    meter: &'a Meter,
    client: Option<Duration>,
    server: Option<Duration>,
    at: Instant,
}

impl Started<'_> {
    pub(crate) fn stop(self, events: usize) -> Sample {
        let wall = self.at.elapsed();
        let (client, server) = self.meter.used();
        let spent = |before: Option<Duration>, after: Option<Duration>| {
            before.zip(after).map(|(before, after)| after.saturating_sub(before))
        };
        Sample {
            events,
            wall,
            client: spent(self.client, client),
            server: spent(self.server, server),
        }
    }
}

/// So many events in so much time.
#[derive(Debug)]
pub(crate) struct Sample {
    pub(crate) events: usize,
    pub(crate) wall: Duration,
    /// CPU time of this process.
    pub(crate) client: Option<Duration>,
    /// CPU time of the server.
    pub(crate) server: Option<Duration>,
}

impl Sample {
    /// Events a second.
    pub(crate) fn rate(&self) -> f64 {
        self.events as f64 / self.wall.as_secs_f64()
    }
}

/// One thing that several programs did. The others are compared with the first.
#[derive(Debug)]
pub(crate) struct Case {
    pub(crate) name: &'static str,
    pub(crate) programs: Vec<Samples>,
}

/// The samples of one program, in the order of the rounds.
#[derive(Debug)]
pub(crate) struct Samples {
    pub(crate) program: &'static str,
    pub(crate) samples: Vec<Sample>,
}

/// Runs each program once for warmth, then once a round; who begins a round changes from one to the next.
pub(crate) async fn in_turns<P: Copy>(
    name: &'static str,
    plan: &Plan,
    programs: &[(&'static str, P)],
    sample: impl AsyncFn(P) -> Outcome<Sample>,
) -> Outcome<Case> {
    let mut case = Case { name, programs: Vec::new() };
    for (program, which) in programs {
        let failed = |error| format!("{name}, {program}: {error}");
        sample(*which).await.map_err(failed)?;
        let samples = Vec::with_capacity(plan.rounds);
        case.programs.push(Samples { program, samples });
    }
    for round in 0..plan.rounds {
        for turn in 0..programs.len() {
            let place = (round + turn) % programs.len();
            let (program, which) = programs[place];
            let failed = |error| format!("{name}, {program}: {error}");
            case.programs[place].samples.push(sample(which).await.map_err(failed)?);
        }
    }
    Ok(case)
}
