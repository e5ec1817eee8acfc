//! Everything a contributor does, one verb each: `cargo xtask <verb>`.

mod bench;
mod command;
mod coverage;
mod lint;
mod peers;
mod program;
mod recording;
mod scratch;
mod test;
mod tools;

use std::process::ExitCode;

/// A verb's outcome; the error is the whole message.
type Outcome<T = ()> = Result<T, String>;

const HELP: &str = "\
Everything a contributor does, one verb each.

  cargo xtask tools             fetch what tests run against: servers, AsyncAPI's parser and schemas of operators' files
                                into target/tools, databases and Prometheus from the system's packages
  cargo xtask lint              formatting, clippy, rustdoc; warnings are errors
  cargo xtask test              every test, and the real-server suite again on each older server
      --server VERSION|all      only the real-server suite, on that nats-server or on all of them
      -- ARGS                   only the tests that these arguments select, for example `-- dead_letter`
  cargo xtask bench             speed beside bare async-nats in a table, target/bench.json and target/bench.svg, and what each
                                step takes; fails where something is slower than tests/benches/baseline.json says
      --full                    every group, with more rounds and events
      --save                    the figures become what later runs are compared with
      --peers                   beside FastStream, nats-py, nats.js and RustStream too, which are installed into target/peers
      -- --only GROUP           only publish, consume, atomic, bulk, ordered, breaker, observed, latency, replay, outbox, inbox,
                                embedded, validate, compress or, with --peers, peers
  cargo xtask compile           how long catalogs take to be read, written as Rust and compiled, beside typify with derives
      -- ARGS                   for example `-- --events 30` or `-- --full`, which is 1000
  cargo xtask faults            publishers and handlers while servers and processes die, and what became of each event
      -- ARGS                   for example `-- --events 100000 --servers 3`; `-- --help` lists them
  cargo xtask ledger            services with an outbox, killed at every step; `-- --help` says more
  cargo xtask booking           handlers with an inbox, killed at every step, for example `-- --rounds 1000 --seed 7`
  cargo xtask load              100000 events through several processes, each verified, with rates and latencies
      -- ARGS                   for example `-- --soak 10` or `-- --full-speed 10`; `-- --help` lists them
  cargo xtask scale             how throughput grows with processes, streams, partitions and copies, on one server and on three;
                                what that means for other rates; target/scale.json
      -- ARGS                   for example `-- --model 1000000 --assume cores_per_server=32`; `-- --help` lists them
  cargo xtask coverage          how many lines of each file the tests run through; takes cargo-llvm-cov, and LLVM's programs
      -- ARGS                   for example `-- -p tidings-payload`, or `-- --workspace --html`
  cargo xtask generate          write docs/EVENTS.md, docs/operations, docs/cli.md and docs/diagnostics.md
      --check                   only say whether they are up to date, as a test does
  cargo xtask recording         run the first command of README and draw docs/recording.svg, which README shows
  cargo xtask ci                what a change must pass: lint, test
";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match run(&args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: &[String]) -> Outcome {
    let root = command::root();
    std::env::set_current_dir(&root).map_err(|error| format!("{}: {error}", root.display()))?;
    let Some((verb, rest)) = args.split_first() else {
        print!("{HELP}");
        return Ok(());
    };
    match (verb.as_str(), rest) {
        ("tools", []) => tools::fetch_all(),
        ("lint", []) => lint::run_all(),
        ("generate", args) => program::run("generate", args),
        ("test", rest) => test::run_selected(&test::Selection::parse(rest)?),
        ("coverage", []) => coverage::run(&[]),
        ("coverage", [dashes, args @ ..]) if dashes == "--" => coverage::run(args),
        ("bench", rest) => {
            let (plan, args) = match rest.iter().position(|arg| arg == "--") {
                Some(dashes) => (&rest[..dashes], &rest[dashes + 1..]),
                None => (rest, &[][..]),
            };
            bench::run_planned(bench::Plan::parse(plan)?, args)
        }
        (program, []) if program::LONG.contains(&program) => program::run_long(program, &[]),
        (program, [dashes, args @ ..]) if program::LONG.contains(&program) && dashes == "--" => {
            program::run_long(program, args)
        }
        ("compile", []) => compile(&[]),
        ("compile", [dashes, args @ ..]) if dashes == "--" => compile(args),
        ("recording", []) => recording::record(),
        ("ci", []) => {
            lint::run_all()?;
            test::run_selected(&test::Selection::default())
        }
        ("help" | "--help" | "-h", []) => {
            print!("{HELP}");
            Ok(())
        }
        (program, [other, ..]) if program::LONG.contains(&program) => {
            Err(format!("to hand `{other}` to the program write `{program} -- {other}`"))
        }
        ("tools" | "lint" | "recording" | "ci", [other, ..]) => {
            Err(format!("`{verb}` takes no arguments, found `{other}`"))
        }
        _ => Err(format!("there is no verb `{verb}`\n\n{HELP}")),
    }
}

/// Without optimization, as cargo builds build scripts, of which it measures one.
fn compile(args: &[String]) -> Outcome {
    let mut benchmark = command::cargo(&["bench", "--profile", "dev"]);
    benchmark.args(["--package", "tidings-codegen", "--bench", "compile", "--"]).args(args);
    command::run(benchmark)
}
