//! What is said about a run.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use crate::arguments::Plan;
use crate::director::Happenings;
use crate::journal::Entry;
use crate::model::{Evidence, Violation};
use crate::recovery::Recovery;
use crate::topology::Reader;

/// Violations of one kind that are shown.
const SHOWN: usize = 10;

/// What came of a run.
#[derive(Debug)]
pub(crate) struct Report {
    pub(crate) figures: Figures,
    pub(crate) violations: Vec<Violation>,
}

/// How much happened in a run.
#[derive(Debug)]
pub(crate) struct Figures {
    begun: usize,
    acknowledged: usize,
    stored: usize,
    unknown: u32,
    refused: u32,
    letters: usize,
    handled: BTreeMap<Reader, usize>,
    redelivered: BTreeMap<Reader, u64>,
    server_faults: usize,
    deaths: usize,
    loud_ends: usize,
    publishing: Duration,
    all: Duration,
    longest_without_word: Duration,
    longest_without_delivery: Duration,
    terminated: usize,
    recovery: Recovery,
}

impl Figures {
    pub(crate) fn of(
        evidence: &Evidence,
        happenings: &Happenings,
        publishing: Duration,
        all: Duration,
    ) -> Self {
        let sum = |count: fn(&crate::model::Publication) -> u32| {
            evidence.publications.values().map(count).sum()
        };
        let (mut handled, mut redelivered) = (BTreeMap::new(), BTreeMap::new());
        for ((reader, _), handling) in &evidence.handlings {
            *handled.entry(*reader).or_default() += usize::from(handling.handled.is_some());
            *redelivered.entry(*reader).or_default() += u64::from(handling.received) - 1;
        }
        // Afterwards there is nothing to deliver, or only what had to wait.
        let last = evidence.words.last().copied().unwrap_or_default();
        let moments = |counts: fn(&Entry) -> bool| {
            let lines = evidence.instances.iter().flat_map(|(_, lines)| lines);
            let counted = lines.filter(|line| line.0 <= last && counts(&line.1));
            let mut moments: Vec<u64> = counted.map(|line| line.0).collect();
            moments.sort_unstable();
            moments
        };
        let deliveries = moments(|entry| matches!(entry, Entry::Received { .. }));
        let ends = moments(|entry| matches!(entry, Entry::Handled { .. }));
        Self {
            begun: evidence.publications.len(),
            acknowledged: evidence.publications.values().filter(|it| it.stored).count(),
            stored: evidence.stored.len(),
            unknown: sum(|publication| publication.unknown),
            refused: sum(|publication| publication.refused),
            letters: evidence.letters.len(),
            handled,
            redelivered,
            server_faults: happenings.count(&[" server: "]),
            deaths: happenings.count(&["has ended: signal"]),
            loud_ends: happenings.count(&["has ended: exit status: 2"])
                + happenings.count(&["local: has ended"]),
            publishing,
            all,
            longest_without_word: longest(&evidence.words),
            longest_without_delivery: longest(&deliveries),
            terminated: evidence.terminated.len(),
            recovery: Recovery::of(&happenings.faults(), &ends),
        }
    }
}

/// The longest time between two of these moments.
fn longest(moments: &[u64]) -> Duration {
    let gaps = moments.windows(2).map(|pair| pair[1] - pair[0]);
    Duration::from_micros(gaps.max().unwrap_or_default())
}

impl Report {
    pub(crate) fn is_well(&self) -> bool {
        self.violations.is_empty()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let it = &self.figures;
        writeln!(
            f,
            "published     {} begun, {} acknowledged, {} stored",
            it.begun, it.acknowledged, it.stored
        )?;
        writeln!(f, "              unknown {} times, refused {} times", it.unknown, it.refused)?;
        for (reader, handled) in &it.handled {
            let again = it.redelivered.get(reader).copied().unwrap_or_default();
            let name = format!("{reader:?}").to_lowercase();
            writeln!(f, "{name:<13} {handled} handled, {again} attempts more than one each")?;
        }
        let (letters, terminated) = (it.letters, it.terminated);
        writeln!(f, "dead letters  {letters}; {terminated} deliveries ended by somebody else")?;
        writeln!(
            f,
            "faults        {} of servers, {} processes killed, {} ended loudly",
            it.server_faults, it.deaths, it.loud_ends
        )?;
        let (publishing, all) = (it.publishing.as_secs_f64(), it.all.as_secs_f64());
        writeln!(
            f,
            "time          {publishing:.1} s of publishing, {all:.1} s until all was handled"
        )?;
        let word = it.longest_without_word.as_secs_f64();
        let delivery = it.longest_without_delivery.as_secs_f64();
        writeln!(
            f,
            "longest gap   {word:.2} s without a word, {delivery:.2} s without a delivery"
        )?;
        write!(f, "{}", it.recovery)?;
        let mut kinds: BTreeMap<&str, Vec<&Violation>> = BTreeMap::new();
        for violation in &self.violations {
            kinds.entry(violation.rule).or_default().push(violation);
        }
        for (rule, violations) in &kinds {
            writeln!(f, "\nVIOLATED: {rule} ({} times)", violations.len())?;
            for Violation { subject, detail, .. } in violations.iter().take(SHOWN) {
                writeln!(f, "  {subject}: {detail}")?;
            }
        }
        if kinds.is_empty() {
            write!(f, "all is as promised: nothing lost, nothing out of order, nothing twice")?;
        }
        Ok(())
    }
}

/// What is about to be done.
pub(crate) fn opening(plan: &Plan) -> String {
    let Plan { events, servers, seed, span, .. } = plan;
    let several = if *servers == 1 { "server" } else { "servers" };
    let minutes = span.as_secs_f64() / 60.0;
    format!("{events} events over {minutes:.1} minutes, {servers} {several}, seed {seed}")
}

/// The arguments that do the same again.
pub(crate) fn again(plan: &Plan) -> String {
    let Plan { events, servers, seed, span, calm, wipe } = plan;
    let calm = if *calm { " --calm" } else { "" };
    let wipe = if *wipe { " --wipe" } else { "" };
    let minutes = span.as_secs_f64() / 60.0;
    format!("--events {events} --servers {servers} --seed {seed} --minutes {minutes}{calm}{wipe}")
}

/// An error with its causes, in one line.
pub(crate) fn with_causes(error: &(dyn std::error::Error + 'static)) -> String {
    let mut words = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        words = format!("{words}: {error}");
        cause = error.source();
    }
    words
}
