//! The table for people and the file for programs.

use std::fmt;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tidings_benches::baseline::{self, Better, Circumstances, Row, Section, Spread, grouped};

use crate::measure::{Case, Plan, Sample, Samples};
use crate::{Outcome, chart};

/// A ratio beyond is that of a program which the compiler has found nothing to do for, and chance.
const NOTHING_TO_DO: f64 = 50.0;

/// What a run of the benchmark came to; also the shape of the file.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    plan: &'static str,
    rounds: usize,
    #[serde(flatten)]
    circumstances: Circumstances,
    pub(crate) cases: Vec<CaseReport>,
    pub(crate) latencies: Vec<Latencies>,
    missing: Vec<Missing>,
    /// What the build that counts has found.
    #[serde(skip)]
    counted: Counted,
}

/// What should have been measured, and could not be.
#[derive(Debug, Serialize)]
struct Missing {
    name: String,
    why: String,
}

#[derive(Debug, Serialize)]
pub(crate) struct CaseReport {
    pub(crate) name: &'static str,
    /// Events of one sample.
    events: usize,
    pub(crate) programs: Vec<ProgramReport>,
}

/// The ratios are to the first program of the case, round by round; none for itself.
#[derive(Debug, Serialize)]
pub(crate) struct ProgramReport {
    pub(crate) name: &'static str,
    events_per_second: Spread,
    pub(crate) ratio: Option<Spread>,
    /// CPU time of this process and of the server, an event.
    client_micros: Option<Spread>,
    client_ratio: Option<Spread>,
    server_micros: Option<Spread>,
    /// How often this process asks for memory, an event.
    allocations: Option<Spread>,
    /// Of the medians.
    allocations_ratio: Option<f64>,
}

/// Of a report, what is read by another run.
#[derive(Debug, Default, Deserialize)]
struct Counted {
    cases: Vec<CountedCase>,
}

#[derive(Debug, Deserialize)]
struct CountedCase {
    name: String,
    programs: Vec<CountedProgram>,
}

#[derive(Debug, Deserialize)]
struct CountedProgram {
    name: String,
    allocations: Option<Spread>,
}

impl Report {
    pub(crate) fn new(plan: &Plan, server: &str) -> Self {
        Self {
            plan: plan.name,
            rounds: plan.rounds,
            circumstances: Circumstances::here(Some(server)),
            cases: Vec::new(),
            latencies: Vec::new(),
            missing: Vec::new(),
            counted: Counted::default(),
        }
    }

    /// Reads what the build that counts has written.
    pub(crate) fn know_allocations(&mut self, path: &Path) -> Outcome {
        let failed = |error: &dyn fmt::Display| format!("`{}`: {error}", path.display());
        let text = std::fs::read_to_string(path).map_err(|error| failed(&error))?;
        self.counted = serde_json::from_str(&text).map_err(|error| failed(&error))?;
        Ok(())
    }

    /// Shows a case and keeps it.
    pub(crate) fn add(&mut self, case: Case) {
        let case = CaseReport::new(case, &self.counted);
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

    /// Shows that something was not measured and why, and keeps it.
    pub(crate) fn add_missing(&mut self, name: String, why: String) {
        println!("{name}: not measured\n  {why}\n");
        self.missing.push(Missing { name, why });
    }

    /// Writes the figures, and a chart of the ratios beside them, unless they are disturbed.
    pub(crate) fn write(&self, path: &Path) -> Outcome {
        store(path, &(serde_json::to_string_pretty(self)? + "\n"))?;
        match crate::allocations() {
            Some(_) => Ok(()),
            None => store(&path.with_extension("svg"), &chart::drawn(self)),
        }
    }

    /// Compares the figures with those that are saved in a file, or saves them in it.
    pub(crate) fn conclude(self, file: &Path, save: bool) -> Outcome<ExitCode> {
        let rows = self.cases.iter().flat_map(CaseReport::rows);
        let rows = rows.chain(self.latencies.iter().flat_map(Latencies::rows)).collect();
        let found = Section { circumstances: self.circumstances, rows };
        Ok(baseline::conclude(file, "throughput", found, save)?)
    }
}

fn store(path: &Path, text: &str) -> Outcome {
    std::fs::write(path, text).map_err(|error| format!("`{}`: {error}", path.display()))?;
    println!("written to {}", path.display());
    Ok(())
}

impl CaseReport {
    fn new(case: Case, counted: &Counted) -> Self {
        let Case { name, programs } = case;
        let events = programs.iter().flat_map(|program| &program.samples).next();
        let events = events.map_or(0, |sample| sample.events);
        let mut reports: Vec<ProgramReport> = Vec::with_capacity(programs.len());
        for program in &programs {
            let others = programs.first().filter(|first| first.program != program.program);
            let ratio = |figure: &dyn Fn(&Sample) -> Option<f64>| {
                let pairs = program.samples.iter().zip(&others?.samples);
                spread(pairs.map(|(own, other)| Some(figure(own)? / figure(other)?)))
            };
            let allocations =
                program.spread(Sample::allocations_each).or_else(|| counted.of(name, program));
            let first = reports.first().and_then(|first| first.allocations);
            let allocations_ratio =
                allocations.zip(first).map(|(own, first)| own.median / first.median);
            reports.push(ProgramReport {
                name: program.program,
                events_per_second: Spread::of(program.samples.iter().map(Sample::rate).collect()),
                ratio: ratio(&|sample| Some(sample.rate())),
                client_micros: program.spread(Sample::client_micros),
                client_ratio: ratio(&Sample::client_micros),
                server_micros: program.spread(Sample::server_micros),
                allocations,
                allocations_ratio,
            });
        }
        Self { name, events, programs: reports }
    }

    /// Whether a program is the runtime's: all are, where no others take part.
    pub(crate) fn is_own(&self, program: &ProgramReport) -> bool {
        let named = |program: &ProgramReport| program.name.starts_with("tidings");
        named(program) || !self.programs.iter().any(named)
    }

    /// What later runs are to be compared by: the runtime's own programs.
    fn rows(&self) -> Vec<Row> {
        let own = self.programs.iter().filter(|program| self.is_own(program));
        own.flat_map(|program| {
            let named = |what: &str| format!("{}: {}{what}", self.name, program.name);
            let row = |what, better, figure: Option<Spread>| {
                figure.map(|figure| Row::spread(named(what), better, figure))
            };
            let rows = [
                row("", Better::More, program.ratio.filter(|ratio| ratio.median < NOTHING_TO_DO)),
                row(", client's CPU", Better::Less, program.client_ratio),
                row(", allocations", Better::Less, program.allocations),
            ];
            rows.into_iter().flatten()
        })
        .collect()
    }
}

impl Counted {
    fn of(&self, case: &str, program: &Samples) -> Option<Spread> {
        let case = self.cases.iter().find(|own| own.name == case)?;
        case.programs.iter().find(|own| own.name == program.program)?.allocations
    }
}

/// How long something took with several programs. The others are compared with the first, round by round.
#[derive(Debug, Serialize)]
pub(crate) struct Latencies {
    pub(crate) name: &'static str,
    pub(crate) programs: Vec<LatencyReport>,
}

/// In milliseconds.
#[derive(Debug, Serialize)]
pub(crate) struct LatencyReport {
    pub(crate) name: &'static str,
    p50: Spread,
    p99: Spread,
    pub(crate) ratio_p50: Option<Spread>,
    pub(crate) ratio_p99: Option<Spread>,
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

    fn rows(&self) -> Vec<Row> {
        let rows = self.programs.iter().flat_map(|program| {
            [("half", program.ratio_p50), ("99 %", program.ratio_p99)].map(|(share, ratio)| {
                let name = format!("{}, {share}: {}", self.name, program.name);
                ratio.map(|ratio| Row::spread(name, Better::Less, ratio))
            })
        });
        rows.flatten().collect()
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
    fn spread(&self, figure: impl Fn(&Sample) -> Option<f64>) -> Option<Spread> {
        spread(self.samples.iter().map(figure))
    }
}

/// None where one of them is not known.
fn spread(figures: impl Iterator<Item = Option<f64>>) -> Option<Spread> {
    figures.collect::<Option<Vec<f64>>>().map(Spread::of)
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { plan, rounds, circumstances, .. } = self;
        let Circumstances { server, cores, .. } = circumstances;
        let server = server.as_deref().unwrap_or_default();
        writeln!(f, "{plan}: {rounds} rounds, nats-server {server} on the same {cores} cores")?;
        writeln!(f, "medians, with quartiles in parentheses, or ± half of what lies between them")?;
        writeln!(f, "µs are CPU time an event; allocations are an event's, and (their ratio)\n")?;
        if crate::allocations().is_some() {
            writeln!(f, "they are counted here, which takes time: only the last column says something\n")?;
        }
        write!(f, "{:37}{:>29}{:>21}", "", "events/s", "ratio")?;
        write!(f, "{:>14}{:>14}{:>16}", "client µs", "server µs", "allocations")
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
            let micros = |spent: Option<Spread>| {
                spent.map_or_else(String::new, |spent| {
                    let around = (spent.upper_quartile - spent.lower_quartile) / 2.0;
                    format!("{:.1} ± {around:.1}", spent.median)
                })
            };
            let (client, server) = (micros(program.client_micros), micros(program.server_micros));
            let allocations = match (program.allocations, program.allocations_ratio) {
                (Some(own), Some(ratio)) => format!("{:.1} ({ratio:.2})", own.median),
                (Some(own), None) => format!("{:.1}", own.median),
                (None, _) => String::new(),
            };
            write!(f, "  {:35}{rate:>29}{ratio:>21}", program.name)?;
            writeln!(f, "{client:>14}{server:>14}{allocations:>16}")?;
        }
        Ok(())
    }
}
