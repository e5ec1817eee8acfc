//! What the program is asked for.

use std::path::PathBuf;
use std::time::Duration;

use crate::Outcome;

pub(crate) const HELP: &str = "\
Publishes events, handles them in several processes, verifies each, and tells rates and latencies.

  --events N      events to publish as fast as it goes (100000)
  --instances N   processes that handle them, each with a database of its own (3)
  --rate R        events a second of the steady part, in which latencies are measured (1000)
  --seconds S     how long the steady part is (20)
  --soak M        the steady part is M minutes long, and the memory of all processes is watched
  --full-speed M  instead of all that: one process handles for M minutes as fast as it goes and does nothing else, while events
                  wait for it all the time; its memory minute by minute, which has to be flat and below 64 MiB
  --json PATH     writes the figures there, too

Runs on a server of its own, or on the one that NATS_URL names. Exits with 1 where an event is lost, or memory grows.
";

/// What is to be done.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Plan {
    pub(crate) events: u64,
    pub(crate) instances: usize,
    /// Events a second.
    pub(crate) rate: u64,
    pub(crate) steady: Duration,
    pub(crate) soak: bool,
    pub(crate) json: Option<PathBuf>,
}

/// A subscriber at full speed.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct FullSpeed {
    pub(crate) span: Duration,
    pub(crate) json: Option<PathBuf>,
}

#[derive(Debug, PartialEq)]
pub(crate) enum Command {
    Direct(Plan),
    FullSpeed(FullSpeed),
    /// What the director starts this program for: an instance with this database.
    Handle(PathBuf),
    /// The same: a subscriber that does nothing but count.
    Count,
    Help,
}

impl Command {
    pub(crate) fn parse(mut args: impl Iterator<Item = String>) -> Outcome<Self> {
        let mut plan = Plan {
            events: 100_000,
            instances: 3,
            rate: 1_000,
            steady: Duration::from_secs(20),
            soak: false,
            json: None,
        };
        let mut full_speed = None;
        while let Some(arg) = args.next() {
            match arg.as_str() {
                "help" | "--help" | "-h" => return Ok(Self::Help),
                "count" => return Ok(Self::Count),
                _ => {}
            }
            let known = [
                "--events",
                "--instances",
                "--rate",
                "--seconds",
                "--soak",
                "--full-speed",
                "--json",
            ];
            if arg != "handle" && !known.contains(&arg.as_str()) {
                return Err(format!("`{arg}` is not understood here\n\n{HELP}").into());
            }
            let value = args.next().ok_or_else(|| format!("`{arg}` takes a value"))?;
            let number = || match value.parse::<u32>() {
                Ok(number) if number > 0 => Ok(u64::from(number)),
                _ => Err(format!("`{arg}` takes a number above zero, found `{value}`")),
            };
            match arg.as_str() {
                "--events" => plan.events = number()?,
                "--instances" => plan.instances = usize::try_from(number()?)?,
                "--rate" => plan.rate = number()?,
                "--seconds" => plan.steady = Duration::from_secs(number()?),
                "--soak" => {
                    plan.steady = Duration::from_secs(60 * number()?);
                    plan.soak = true;
                }
                "--full-speed" => full_speed = Some(minutes(&value)?),
                "--json" => plan.json = Some(value.into()),
                _ => return Ok(Self::Handle(value.into())),
            }
        }
        Ok(match full_speed {
            Some(span) => Self::FullSpeed(FullSpeed { span, json: plan.json }),
            None => Self::Direct(plan),
        })
    }
}

/// Parts of a minute, too.
fn minutes(value: &str) -> Outcome<Duration> {
    match value.parse::<f64>() {
        Ok(minutes) if minutes > 0.0 && minutes <= 1440.0 => {
            Ok(Duration::from_secs_f64(60.0 * minutes))
        }
        _ => Err(format!("`--full-speed` takes minutes, up to a day's, found `{value}`").into()),
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
        let Ok(Command::Direct(plan)) = parse(&["--events", "7", "--soak", "2"]) else {
            panic!("a plan");
        };
        assert_eq!((plan.events, plan.soak, plan.steady), (7, true, Duration::from_secs(120)));
        let json = Some(PathBuf::from("a.json"));
        let given = parse(&["--full-speed", "0.5", "--json", "a.json"]).expect("a plan");
        let span = Duration::from_secs(30);
        assert_eq!(given, Command::FullSpeed(FullSpeed { span, json }));
        assert_eq!(parse(&["handle", "a.db"]).expect("a role"), Command::Handle("a.db".into()));
    }

    #[test]
    fn mistakes_are_told() {
        for (given, said) in [
            (&["--fast", "1"][..], "`--fast` is not understood"),
            (&["--events"], "takes a value"),
            (&["--events", "many"], "a number above zero, found `many`"),
            (&["--rate", "0"], "a number above zero"),
            (&["--full-speed", "1441"], "takes minutes, up to a day's, found `1441`"),
        ] {
            let error = parse(given).expect_err("a mistake").to_string();
            assert!(error.contains(said), "{error}");
        }
    }
}
