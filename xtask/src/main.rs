//! Everything a contributor does, one verb each: `cargo xtask <verb>`.

mod bench;
mod command;
mod faults;
mod generate;
mod lint;
mod test;
mod tools;

use std::process::ExitCode;

use self::generate::Stale;

/// A verb's outcome; the error is the whole message.
type Outcome<T = ()> = Result<T, String>;

const HELP: &str = "\
Everything a contributor does, one verb each.

  cargo xtask tools             fetch what tests run against: servers, AsyncAPI's parser and schemas of operators' files
                                into target/tools, databases and Prometheus from the system's packages
  cargo xtask lint              formatting, clippy, rustdoc, the samples' lock; warnings are errors
  cargo xtask test              every test, and the real-server suite again on each older server
      --server VERSION|all      only the real-server suite, on that nats-server or on all of them
      -- ARGS                   only the tests that these arguments select, for example `-- dead_letter`
  cargo xtask bench             speed beside bare async-nats, in a table and in target/bench.json
      --full                    more rounds and events: some minutes instead of half of one
      -- --only GROUP           only publish, consume, replay, outbox, inbox, embedded, validate or compress
  cargo xtask faults            publishers and handlers while servers and processes die, and what became of each event
      -- ARGS                   for example `-- --events 100000 --servers 3`; `-- --help` lists them
  cargo xtask ledger            services with an outbox, killed at every step; `-- --help` says more
  cargo xtask booking           handlers with an inbox, killed at every step, for example `-- --rounds 1000 --seed 7`
  cargo xtask generate          write docs/EVENTS.md, docs/operations, docs/cli.md and docs/diagnostics.md
      --check                   only say whether they are up to date
  cargo xtask ci                what a change must pass: lint, generate --check, test
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
        ("generate", []) => generate::run(Stale::Rewrite),
        ("generate", [check]) if check == "--check" => generate::run(Stale::Refuse),
        ("test", rest) => test::run_selected(&test::Selection::parse(rest)?),
        ("bench", rest) => {
            let (plan, args) = match rest.iter().position(|arg| arg == "--") {
                Some(dashes) => (&rest[..dashes], &rest[dashes + 1..]),
                None => (rest, &[][..]),
            };
            bench::run_planned(bench::Plan::parse(plan)?, args)
        }
        (program, []) if faults::PROGRAMS.contains(&program) => faults::run_with(program, &[]),
        (program, [dashes, args @ ..]) if faults::PROGRAMS.contains(&program) && dashes == "--" => {
            faults::run_with(program, args)
        }
        ("ci", []) => {
            lint::run_all()?;
            generate::run(Stale::Refuse)?;
            test::run_selected(&test::Selection::default())
        }
        ("help" | "--help" | "-h", []) => {
            print!("{HELP}");
            Ok(())
        }
        ("generate", [other, ..]) => Err(format!("`generate` takes `--check`, found `{other}`")),
        (program, [other, ..]) if faults::PROGRAMS.contains(&program) => {
            Err(format!("to hand `{other}` to the program write `{program} -- {other}`"))
        }
        ("tools" | "lint" | "ci", [other, ..]) => {
            Err(format!("`{verb}` takes no arguments, found `{other}`"))
        }
        _ => Err(format!("there is no verb `{verb}`\n\n{HELP}")),
    }
}
