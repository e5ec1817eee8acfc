//! How long a catalog takes: to be read, judged and written as Rust, and that Rust to be compiled, beside what typify makes
//! of the same schemas with serde's derives.
//!
//! `cargo xtask compile` runs it; `docs/performance.md` says how to read it. CPU time and peak memory are those of rustc
//! alone, for the one crate that is measured: programs beside it slow it down, and count little.

mod catalog;
mod generation;
mod report;
mod rustc;
mod scratch;
mod typify;

use std::process::ExitCode;

use self::report::Report;
use self::scratch::{Candidate, Scratch};

/// What stops a benchmark is shown and ends it.
type Outcome<T = ()> = Result<T, Box<dyn std::error::Error>>;

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Plan {
    events: usize,
    release: bool,
}

impl Plan {
    /// Reads `[--events N | --full] [--without-release]`. What cargo says to benchmarks is let pass.
    fn parse(args: impl Iterator<Item = String>) -> Outcome<Self> {
        let mut plan = Self { events: 100, release: true };
        let mut args = args.filter(|arg| arg != "--bench");
        while let Some(arg) = args.next() {
            match arg.as_str() {
                "--events" => {
                    plan.events = args.next().ok_or("`--events` needs a number")?.parse()?;
                }
                "--full" => plan.events = 1000,
                "--without-release" => plan.release = false,
                other => return Err(format!("there is no `{other}`").into()),
            }
        }
        Ok(plan)
    }
}

fn main() -> ExitCode {
    if let Some(code) = rustc::stand_in() {
        return code;
    }
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Outcome {
    let plan = Plan::parse(std::env::args().skip(1))?;
    let mut report = Report::default();
    for events in [10, 100, 1000].into_iter().filter(|events| *events <= plan.events.max(100)) {
        report.generated(events, &generation::measure(events)?);
    }
    let scratch = Scratch::new()?;
    let phases: &[_] = match plan.release {
        true => &["check", "build", "build --release"],
        false => &["check", "build"],
    };
    for phase in phases {
        for candidate in Candidate::ALL {
            scratch.prepare(candidate, phase)?;
            scratch.write(candidate, &catalog::files(plan.events, false))?;
            let whole = scratch.compile(candidate, phase)?;
            report.compiled(candidate, phase, whole);
            if *phase == "check" {
                scratch.write(candidate, &catalog::files(plan.events, true))?;
                let edited = scratch.compile(candidate, phase)?;
                report.compiled(candidate, "check after an edit", edited);
            }
        }
    }
    let events = scratch.write_service(&catalog::files(plan.events, false), "s0")?;
    report.of_service(events, scratch.compile(Candidate::Tidings, "check")?);
    print!("{}", report.text(plan.events));
    Ok(())
}
