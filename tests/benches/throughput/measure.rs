//! Samples of several programs, taken in turns, so that what disturbs the machine disturbs all of them.

use std::time::{Duration, Instant};

use tidings_tests::process::Process;

use crate::Outcome;

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
    /// What is measured where nothing is said; none for all there is.
    pub(crate) groups: Option<&'static [&'static str]>,
}

/// What a service meets with every event, in under two minutes.
pub(crate) const QUICK: Plan = Plan {
    name: "quick",
    rounds: 7,
    awaited: 2_000,
    streamed: 20_000,
    groups: Some(&["publish", "consume", "latency", "embedded", "validate"]),
};
/// Everything, in more minutes.
pub(crate) const FULL: Plan =
    Plan { name: "full", rounds: 25, awaited: 5_000, streamed: 50_000, groups: None };
/// Where calls are counted and times say nothing.
pub(crate) const COUNTED: Plan = Plan {
    name: "counted",
    rounds: 3,
    awaited: 1_000,
    streamed: 10_000,
    groups: Some(&["publish", "consume"]),
};

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
        Self { client: Process::Own, server }
    }

    /// For the same server, with another process as its client.
    pub(crate) fn of(&self, client: Process) -> Self {
        Self { client, server: self.server.clone() }
    }

    pub(crate) fn start(&self) -> Started<'_> {
        let (client, server) = self.used();
        let allocations = crate::allocations();
        Started { meter: self, client, server, allocations, at: Instant::now() }
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
    allocations: Option<usize>,
    at: Instant,
}

impl Started<'_> {
    pub(crate) fn stop(self, events: usize) -> Sample {
        let wall = self.at.elapsed();
        let allocations = crate::allocations();
        let (client, server) = self.meter.used();
        let spent = |before: Option<Duration>, after: Option<Duration>| {
            before.zip(after).map(|(before, after)| after.saturating_sub(before))
        };
        Sample {
            events,
            wall,
            client: spent(self.client, client),
            server: spent(self.server, server),
            allocations: allocations.zip(self.allocations).map(|(after, before)| after - before),
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
    /// How often this process asked for memory, in the build that counts it.
    pub(crate) allocations: Option<usize>,
}

impl Sample {
    /// Events a second.
    pub(crate) fn rate(&self) -> f64 {
        self.events as f64 / self.wall.as_secs_f64()
    }

    /// CPU time of this process for an event, in microseconds.
    pub(crate) fn client_micros(&self) -> Option<f64> {
        self.micros(self.client)
    }

    /// CPU time of the server for an event, in microseconds.
    pub(crate) fn server_micros(&self) -> Option<f64> {
        self.micros(self.server)
    }

    fn micros(&self, spent: Option<Duration>) -> Option<f64> {
        Some(spent?.as_secs_f64() * 1e6 / self.events as f64)
    }

    /// How often memory was asked for, for an event.
    pub(crate) fn allocations_each(&self) -> Option<f64> {
        Some(self.allocations? as f64 / self.events as f64)
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
