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
type Outcome<T = ()> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// What is measured.
#[derive(Debug)]
struct Plan {
    events: usize,
    release: bool,
    /// One of [`PARTS`], where not all is measured.
    only: Option<String>,
}

/// The build script's work, rustc's with the whole catalog, and rustc's with what a service needs.
const PARTS: [&str; 3] = ["generation", "whole", "service"];

impl Plan {
    /// Reads `[--events N | --full] [--without-release] [--only PART]`. What cargo says to benchmarks is let pass.
    fn parse(args: impl Iterator<Item = String>) -> Outcome<Self> {
        let mut plan = Self { events: 100, release: true, only: None };
        let mut args = args.filter(|arg| arg != "--bench");
        while let Some(arg) = args.next() {
            match arg.as_str() {
                "--events" => {
                    plan.events = args.next().ok_or("`--events` needs a number")?.parse()?;
                }
                "--full" => plan.events = 1000,
                "--without-release" => plan.release = false,
                "--only" => {
                    let part = args.next().ok_or("`--only` needs a part")?;
                    if !PARTS.contains(&part.as_str()) {
                        return Err(
                            format!("there is no `{part}`, but {}", PARTS.join(", ")).into()
                        );
                    }
                    plan.only = Some(part);
                }
                other => return Err(format!("there is no `{other}`").into()),
            }
        }
        Ok(plan)
    }

    fn has(&self, part: &str) -> bool {
        self.only.as_ref().is_none_or(|only| only == part)
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
    if plan.has("generation") {
        for events in [10, 100, 1000] {
            report.generated(events, &generation::measure(events)?);
        }
    }
    let scratch = Scratch::new()?;
    if plan.has("whole") {
        whole(&plan, &scratch, &mut report)?;
    }
    if plan.has("service") {
        service(&scratch, &mut report)?;
    }
    print!("{}", report.text(plan.events));
    Ok(())
}

/// All types of a catalog, in each phase.
fn whole(plan: &Plan, scratch: &Scratch, report: &mut Report) -> Outcome {
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
    Ok(())
}

/// What one service needs of a large catalog, and of one that has nothing else.
fn service(scratch: &Scratch, report: &mut Report) -> Outcome {
    for events in [2 * catalog::TOGETHER, 1000] {
        // Nothing that was compiled before is of use.
        scratch.prepare(Candidate::Tidings, "check")?;
        let own = scratch.write_service(&catalog::files(events, false), "s0")?;
        report.of_service(own, events, scratch.compile(Candidate::Tidings, "check")?);
    }
    Ok(())
}
