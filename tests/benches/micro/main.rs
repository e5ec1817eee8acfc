//! Steps on an event's way, each alone: how long they take, by Criterion, and how many instructions, by callgrind.
//!
//! `cargo xtask bench` counts instructions, which are the same on a busy machine, and compares them with those of
//! `tests/benches/baseline.json`. `cargo bench -p tidings-tests --bench micro` measures time, and takes Criterion's arguments.

mod count;
mod steps;

use std::path::PathBuf;
use std::process::ExitCode;

use criterion::Criterion;
use tidings_benches::baseline::{self, Circumstances, Section};

use self::count::UNDER_VALGRIND;

/// What stops a benchmark is shown and ends it.
type Outcome<T = ()> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

fn main() -> ExitCode {
    match run() {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Outcome<ExitCode> {
    let mut args = std::env::args().skip(1).filter(|arg| arg != "--bench");
    match args.next().as_deref() {
        Some(UNDER_VALGRIND) => count::counted_all(steps::all()?)?,
        Some("--instructions") => return instructions(&Arguments::parse(args)?),
        _ => timed()?,
    }
    Ok(ExitCode::SUCCESS)
}

fn timed() -> Outcome {
    let mut criterion = Criterion::default().configure_from_args();
    for mut step in steps::all()? {
        criterion.bench_function(step.name, |bencher| {
            bencher.iter(|| (step.run)().expect("it has gone well when it was made"));
        });
    }
    criterion.final_summary();
    Ok(())
}

fn instructions(arguments: &Arguments) -> Outcome<ExitCode> {
    let names: Vec<&str> = steps::all()?.iter().map(|step| step.name).collect();
    let Some(rows) = count::instructions(&names)? else {
        return match arguments.save {
            true => Err(count::MISSING.into()),
            false => {
                eprintln!("not counted and not compared: {}", count::MISSING);
                Ok(ExitCode::SUCCESS)
            }
        };
    };
    println!("instructions of each step, once it is warm\n");
    for row in &rows {
        println!("  {:52}{:>12}", row.name, baseline::grouped(row.median));
    }
    println!();
    let Some(file) = &arguments.baseline else { return Ok(ExitCode::SUCCESS) };
    let found = Section { circumstances: Circumstances::here(None), rows };
    Ok(baseline::conclude(file, "instructions", found, arguments.save)?)
}

#[derive(Default)]
struct Arguments {
    baseline: Option<PathBuf>,
    save: bool,
}

impl Arguments {
    /// Reads `[--baseline PATH] [--save]`.
    fn parse(mut args: impl Iterator<Item = String>) -> Outcome<Self> {
        let mut arguments = Self::default();
        while let Some(arg) = args.next() {
            match arg.as_str() {
                "--baseline" => {
                    let path = args.next().ok_or("`--baseline` takes the path of a file")?;
                    arguments.baseline = Some(path.into());
                }
                "--save" => arguments.save = true,
                other => {
                    let words = "`--instructions` takes `--baseline PATH` and `--save`";
                    return Err(format!("{words}, not `{other}`").into());
                }
            }
        }
        Ok(arguments)
    }
}
