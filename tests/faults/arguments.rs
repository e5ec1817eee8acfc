//! What the program is asked for.

use std::time::Duration;

use crate::roles::Role;
use crate::{Outcome, memory};

pub(crate) const HELP: &str = "\
Publishers and handlers under faults; what they did is held against what they were promised.

  --events N      events to publish (10000)
  --servers N     1, or 3 for a cluster whose streams have three replicas (1)
  --seed S        the seed of the schedule, of the events and of the crashes (a new one, which is printed)
  --minutes M     spreads the events over so many minutes (one for each 10000 events)
  --wipe          with one server: it loses its store now and then, and with it what was acknowledged before
  --calm          no faults: to tell what is slow from what is broken

  --memory        no faults either: is memory flat at full speed, for so many minutes (2), and while so many events
                  (1000000) wait for a slow handler?
";

/// A run to direct.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Plan {
    pub(crate) events: u64,
    pub(crate) servers: usize,
    pub(crate) seed: u64,
    /// Over which the events are spread.
    pub(crate) span: Duration,
    pub(crate) calm: bool,
    /// The only server may lose its store.
    pub(crate) wipe: bool,
}

pub(crate) enum Command {
    Direct(Plan),
    Measure(memory::Plan),
    /// What the director starts this program for.
    Play(Role),
    Help,
}

impl Command {
    pub(crate) fn parse(mut args: impl Iterator<Item = String>) -> Outcome<Self> {
        let (mut events, mut servers, mut minutes) = (None, 1, None);
        let (mut calm, mut wipe, mut memory) = (false, false, false);
        let mut seed = fastrand::u64(..1_000_000);
        while let Some(arg) = args.next() {
            let switch = match arg.as_str() {
                "--calm" => Some(&mut calm),
                "--wipe" => Some(&mut wipe),
                "--memory" => Some(&mut memory),
                _ => None,
            };
            if let Some(switch) = switch {
                *switch = true;
                continue;
            }
            let value = args.next();
            match (arg.as_str(), value.as_deref()) {
                ("--role", Some(role)) => return Ok(Self::Play(serde_json::from_str(role)?)),
                ("--help" | "-h", _) => return Ok(Self::Help),
                ("--events", Some(value)) => events = Some(number(&arg, value)?),
                ("--servers", Some("1")) => servers = 1,
                ("--servers", Some("3")) => servers = 3,
                ("--seed", Some(value)) => seed = number(&arg, value)?,
                ("--minutes", Some(value)) => minutes = Some(number(&arg, value)?),
                _ => return Err(format!("`{arg}` is not understood here\n\n{HELP}").into()),
            }
        }
        if memory {
            let span = Duration::try_from_secs_f64(60.0 * minutes.unwrap_or(2.0))?;
            let waiting = events.unwrap_or(1_000_000);
            return Ok(Self::Measure(memory::Plan { span, waiting }));
        }
        let events = events.unwrap_or(10_000);
        let minutes = minutes.unwrap_or(events as f64 / 10_000.0);
        let span = Duration::try_from_secs_f64(60.0 * minutes)?;
        Ok(Self::Direct(Plan { events, servers, seed, span, calm, wipe }))
    }
}

fn number<T: std::str::FromStr>(name: &str, value: &str) -> Outcome<T> {
    value.parse().map_err(|_| format!("`{name}` takes a number, not `{value}`").into())
}
