//! What the program is asked for.

use std::path::PathBuf;
use std::str::FromStr;

use crate::Outcome;
use crate::role::Role;

pub(crate) const HELP: &str = "\
Measures on one server and on a cluster of three how throughput grows with processes, streams, partitions and copies, kills
leaders, and computes what 10,000, 100,000 and 1,000,000 events a second take. Some minutes.

  --events N        events of a sample, 1,000 to 1,000,000 (40000)
  --rounds N        samples of each shape, 1 to 20; the table has their medians (3)
  --kills N         servers that die, 1 to 50 (5)
  --quick           two shapes, one sample of each, one death
  --sync-always     servers wait for the disk before they acknowledge; take fewer events
  --json PATH       where the figures are written (target/scale.json)

  --model RATE      measures nothing, and computes from the figures in that file what RATE events a second take; may be said
                    more than once. The file's `costs` and `assumptions` may be changed to those of other hardware
  --assume KEY=N    with --model: something else than the file's assumption, for example cores_per_server=32
";

/// What is to be measured.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Plan {
    pub(crate) events: u64,
    /// Of each shape, beside one for warmth.
    pub(crate) rounds: usize,
    pub(crate) kills: usize,
    pub(crate) quick: bool,
    pub(crate) sync_always: bool,
    pub(crate) json: PathBuf,
}

/// What is to be computed.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Question {
    pub(crate) figures: PathBuf,
    /// Events a second.
    pub(crate) rates: Vec<f64>,
    pub(crate) assume: Vec<(String, f64)>,
}

#[derive(Debug)]
pub(crate) enum Command {
    Measure(Plan),
    Model(Question),
    /// What the director starts this program for.
    Play(Role),
    Help,
}

impl Command {
    pub(crate) fn parse(mut args: impl Iterator<Item = String>) -> Outcome<Self> {
        let (mut events, mut rounds, mut kills) = (None, None, None);
        let (mut quick, mut sync_always) = (false, false);
        let mut json = PathBuf::from("target/scale.json");
        let (mut rates, mut assume) = (Vec::new(), Vec::new());
        while let Some(arg) = args.next() {
            match arg.as_str() {
                "help" | "--help" | "-h" => return Ok(Self::Help),
                "--quick" => {
                    quick = true;
                    continue;
                }
                "--sync-always" => {
                    sync_always = true;
                    continue;
                }
                "--role" | "--events" | "--rounds" | "--kills" | "--json" | "--model"
                | "--assume" => {}
                _ => return Err(format!("`{arg}` is not understood here\n\n{HELP}").into()),
            }
            let value = args.next().ok_or_else(|| format!("`{arg}` takes a value"))?;
            match arg.as_str() {
                "--role" => return Ok(Self::Play(serde_json::from_str(&value)?)),
                "--events" => events = Some(within(&arg, &value, 1_000, 1_000_000)?),
                "--rounds" => rounds = Some(within(&arg, &value, 1, 20)?),
                "--kills" => kills = Some(within(&arg, &value, 1, 50)?),
                "--model" => rates.push(within(&arg, &value, 1.0, 1e9)?),
                "--assume" => {
                    let pair = value.split_once('=').ok_or("`--assume` takes KEY=N")?;
                    assume.push((pair.0.to_owned(), within(&arg, pair.1, 0.0, 1e15)?));
                }
                _ => json = value.into(),
            }
        }
        if !rates.is_empty() {
            return Ok(Self::Model(Question { figures: json, rates, assume }));
        }
        if !assume.is_empty() {
            return Err("`--assume` is for `--model`: nothing that is measured is assumed".into());
        }
        let (few, many, one) = if quick { (2_000, 1, 1) } else { (40_000, 3, 5) };
        Ok(Self::Measure(Plan {
            events: events.unwrap_or(few),
            rounds: rounds.unwrap_or(many),
            kills: kills.unwrap_or(one),
            quick,
            sync_always,
            json,
        }))
    }
}

fn within<N>(arg: &str, value: &str, least: N, most: N) -> Outcome<N>
where
    N: Copy + FromStr + PartialOrd + std::fmt::Display,
{
    match value.parse::<N>() {
        Ok(number) if (least..=most).contains(&number) => Ok(number),
        _ => Err(format!("`{arg}` takes a number from {least} to {most}, found `{value}`").into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(args: &[&str]) -> Outcome<Command> {
        Command::parse(args.iter().map(ToString::to_string))
    }

    #[test]
    fn a_plan_is_read() {
        let Ok(Command::Measure(plan)) = parse(&["--quick", "--rounds", "2"]) else {
            panic!("a plan");
        };
        assert_eq!((plan.events, plan.rounds, plan.kills, plan.quick), (2_000, 2, 1, true));
        let Ok(Command::Model(question)) = parse(&["--model", "1e6", "--assume", "cores=32"])
        else {
            panic!("a question");
        };
        assert_eq!(question.rates, [1e6]);
        assert_eq!(question.assume, [("cores".to_owned(), 32.0)]);
    }

    #[test]
    fn mistakes_are_told() {
        for (given, said) in [
            (&["--fast", "1"][..], "`--fast` is not understood"),
            (&["--events"], "takes a value"),
            (&["--events", "10"], "from 1000 to 1000000, found `10`"),
            (&["--model", "many"], "found `many`"),
            (&["--model", "1", "--assume", "cores"], "KEY=N"),
            (&["--assume", "cores=1"], "for `--model`"),
        ] {
            let error = parse(given).expect_err("a mistake").to_string();
            assert!(error.contains(said), "{error}");
        }
    }
}
