//! The table for people and the file for programs.

use std::fmt;
use std::path::Path;
use std::time::Duration;

use serde::Serialize;

use crate::Outcome;
use crate::measure::{Case, Plan, Sample, Samples};

/// What a run of the benchmark came to; also the shape of the file.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    plan: &'static str,
    rounds: usize,
    server: String,
    cores: usize,
    cases: Vec<CaseReport>,
    latencies: Vec<Latencies>,
}

#[derive(Debug, Serialize)]
struct CaseReport {
    name: &'static str,
    /// Events of one sample.
    events: usize,
    programs: Vec<ProgramReport>,
}

#[derive(Debug, Serialize)]
struct ProgramReport {
    name: &'static str,
    events_per_second: Spread,
    /// To the first program of the case, round by round; none for itself.
    ratio: Option<Spread>,
    /// CPU time an event, over all rounds.
    client_micros: Option<f64>,
    server_micros: Option<f64>,
}

/// The middle of some values, and the quarters below and above which the outer ones lie.
#[derive(Clone, Copy, Debug, Serialize)]
struct Spread {
    median: f64,
    lower_quartile: f64,
    upper_quartile: f64,
}

impl Spread {
    fn of(mut values: Vec<f64>) -> Self {
        values.sort_by(f64::total_cmp);
        let at = |quarters: usize| {
            let place = values.len().saturating_sub(1) * quarters;
            let (below, part) = (place / 4, (place % 4) as f64 / 4.0);
            let low = values.get(below).copied().unwrap_or(f64::NAN);
            let high = values.get(below + 1).copied().unwrap_or(low);
            low + (high - low) * part
        };
        Self { median: at(2), lower_quartile: at(1), upper_quartile: at(3) }
    }
}

impl Report {
    pub(crate) fn new(plan: &Plan, server: &str) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let (plan, rounds) = (plan.name, plan.rounds);
        Self {
            plan,
            rounds,
            server: server.to_owned(),
            cores,
            cases: Vec::new(),
            latencies: Vec::new(),
        }
    }

    /// Shows a case and keeps it.
    pub(crate) fn add(&mut self, case: Case) {
        let case = CaseReport::new(case);
        println!("{case}");
        self.cases.push(case);
    }

    pub(crate) fn add_all(&mut self, cases: impl IntoIterator<Item = Case>) {
        cases.into_iter().for_each(|case| self.add(case));
    }

    /// Shows latencies and keeps them.
    pub(crate) fn add_latencies(&mut self, latencies: Latencies) {
        println!("{latencies}");
        self.latencies.push(latencies);
    }

    pub(crate) fn write(&self, path: &Path) -> Outcome {
        let failed = |error| format!("`{}`: {error}", path.display());
        std::fs::write(path, serde_json::to_string_pretty(self)? + "\n").map_err(failed)?;
        println!("written to {}", path.display());
        Ok(())
    }
}

impl CaseReport {
    fn new(case: Case) -> Self {
        let Case { name, programs } = case;
        let reference: Vec<f64> = programs.first().into_iter().flat_map(Samples::rates).collect();
        let events = programs.iter().flat_map(|program| &program.samples).next();
        let events = events.map_or(0, |sample| sample.events);
        let programs = programs.iter().enumerate();
        let programs = programs.map(|(place, program)| {
            let ratios = program.rates().zip(&reference).map(|(own, other)| own / other);
            ProgramReport {
                name: program.program,
                events_per_second: Spread::of(program.rates().collect()),
                ratio: (place > 0).then(|| Spread::of(ratios.collect())),
                client_micros: program.micros(|sample| sample.client),
                server_micros: program.micros(|sample| sample.server),
            }
        });
        Self { name, events, programs: programs.collect() }
    }
}

/// How long something took with several programs. The others are compared with the first, round by round.
#[derive(Debug, Serialize)]
pub(crate) struct Latencies {
    name: &'static str,
    programs: Vec<LatencyReport>,
}

/// In milliseconds.
#[derive(Debug, Serialize)]
struct LatencyReport {
    name: &'static str,
    p50: Spread,
    p99: Spread,
    ratio_p50: Option<Spread>,
    ratio_p99: Option<Spread>,
}

impl Latencies {
    /// The latencies of each program's rounds, each in order of their length.
    pub(crate) fn new(name: &'static str, programs: &[(&'static str, Vec<Vec<Duration>>)]) -> Self {
        let quantile = |rounds: &[Vec<Duration>], share: f64| -> Vec<f64> {
            let of = |round: &Vec<Duration>| {
                let place = (round.len().saturating_sub(1) as f64 * share).round() as usize;
                round.get(place).map_or(f64::NAN, |taken| taken.as_secs_f64() * 1e3)
            };
            rounds.iter().map(of).collect()
        };
        let quantiles = |rounds: &[Vec<Duration>]| [0.5, 0.99].map(|share| quantile(rounds, share));
        let first = programs.first().map(|(_, rounds)| quantiles(rounds)).unwrap_or_default();
        let ratio = |own: &[f64], other: &[f64]| {
            Spread::of(own.iter().zip(other).map(|(own, other)| own / other).collect())
        };
        let programs = programs.iter().enumerate().map(|(place, (name, rounds))| {
            let [p50, p99] = quantiles(rounds);
            LatencyReport {
                name,
                ratio_p50: (place > 0).then(|| ratio(&p50, &first[0])),
                ratio_p99: (place > 0).then(|| ratio(&p99, &first[1])),
                p50: Spread::of(p50),
                p99: Spread::of(p99),
            }
        });
        Self { name, programs: programs.collect() }
    }
}

impl fmt::Display for Latencies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}: half and 99 % of the events take no longer, in ms", self.name)?;
        for program in &self.programs {
            let LatencyReport { name, p50, p99, ratio_p50, ratio_p99 } = program;
            let shown = |spread: &Spread| {
                let Spread { median, lower_quartile: low, upper_quartile: high } = spread;
                format!("{median:.2} ({low:.2}…{high:.2})")
            };
            let ratio = |ratio: &Option<Spread>| ratio.as_ref().map_or_else(String::new, shown);
            let (p50, p99) = (shown(p50), shown(p99));
            let (ratio_p50, ratio_p99) = (ratio(ratio_p50), ratio(ratio_p99));
            writeln!(f, "  {name:14}{p50:>22}{ratio_p50:>20}{p99:>24}{ratio_p99:>20}")?;
        }
        Ok(())
    }
}

impl Samples {
    fn rates(&self) -> impl Iterator<Item = f64> {
        self.samples.iter().map(Sample::rate)
    }

    fn micros(&self, side: impl Fn(&Sample) -> Option<Duration>) -> Option<f64> {
        let spent: Option<Duration> = self.samples.iter().map(side).sum();
        let events: usize = self.samples.iter().map(|sample| sample.events).sum();
        Some(spent?.as_secs_f64() * 1e6 / events as f64)
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { plan, rounds, server, cores, .. } = self;
        writeln!(f, "{plan}: {rounds} rounds, nats-server {server} on the same {cores} cores")?;
        writeln!(f, "medians, with the quartiles in parentheses; µs are CPU time an event\n")?;
        write!(f, "{:37}{:>29}{:>21}{:>8}{:>8}", "", "events/s", "ratio", "client", "server")
    }
}

impl fmt::Display for CaseReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}, {} events a round", self.name, grouped(self.events as f64))?;
        for program in &self.programs {
            let Spread { median, lower_quartile: low, upper_quartile: high } =
                program.events_per_second;
            let rate = format!("{} ({}…{})", grouped(median), grouped(low), grouped(high));
            let ratio = program.ratio.map_or_else(String::new, |ratio| {
                let Spread { median, lower_quartile: low, upper_quartile: high } = ratio;
                format!("{median:.2} ({low:.2}…{high:.2})")
            });
            let micros =
                |spent: Option<f64>| spent.map_or_else(String::new, |us| format!("{us:.1}"));
            let (client, server) = (micros(program.client_micros), micros(program.server_micros));
            let name = program.name;
            writeln!(f, "  {name:35}{rate:>29}{ratio:>21}{client:>8}{server:>8}")?;
        }
        Ok(())
    }
}

/// A whole number with a comma every three digits.
fn grouped(number: f64) -> String {
    let digits = format!("{number:.0}");
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
