//! What was measured, as a table.

use std::fmt::Write as _;
use std::time::Duration;

use crate::generation::Generation;
use crate::rustc::Used;
use crate::scratch::Candidate;

#[derive(Debug, Default)]
pub(crate) struct Report {
    generated: String,
    compiled: Vec<(Candidate, String, Used)>,
    service: String,
}

impl Report {
    pub(crate) fn generated(&mut self, events: usize, found: &Generation) {
        let Generation { check, emit, cpu, lines } = found;
        let whole = milliseconds(*check + *emit);
        let (check, emit, cpu) = (milliseconds(*check), milliseconds(*emit), milliseconds(*cpu));
        self.generated += &format!("| {events} | {check} | {emit} | {whole} | {cpu} | {lines} |\n");
    }

    pub(crate) fn compiled(&mut self, candidate: Candidate, phase: &str, used: Used) {
        eprintln!("{} {phase}: {used:?}", candidate.name());
        self.compiled.push((candidate, phase.to_owned(), used));
    }

    pub(crate) fn of_service(&mut self, events: usize, all: usize, used: Used) {
        let Used { cpu, memory } = used;
        self.service += &format!(
            "\nA check of the part for one service, with {events} of {all} events: {:.2} s, {} MiB.\n",
            cpu.as_secs_f64(),
            memory >> 20
        );
    }

    pub(crate) fn text(&self, events: usize) -> String {
        let mut text = String::new();
        if !self.generated.is_empty() {
            let profile = if cfg!(debug_assertions) { "debug" } else { "release" };
            let _ = writeln!(
                text,
                "The build script's work ({profile} build), milliseconds\n\n\
                 | events | load and check | emit | whole | CPU | lines |\n|---|---|---|---|---|---|\n{}",
                self.generated
            );
        }
        if !self.compiled.is_empty() {
            let _ = writeln!(
                text,
                "rustc for the types of {events} events, CPU seconds and MiB\n\n\
                 | phase | tidings | typify with derives | ratio of time | ratio of memory |\n\
                 |---|---|---|---|---|"
            );
        }
        let of = |wanted: Candidate| {
            self.compiled.iter().filter(move |(candidate, ..)| *candidate == wanted)
        };
        for (own, other) in of(Candidate::Tidings).zip(of(Candidate::Typify)) {
            let (phase, own, other) = (&own.1, own.2, other.2);
            let time = own.cpu.as_secs_f64() / other.cpu.as_secs_f64();
            let memory = own.memory as f64 / other.memory as f64;
            let shown =
                |used: Used| format!("{:.2} s, {}", used.cpu.as_secs_f64(), used.memory >> 20);
            let (own, other) = (shown(own), shown(other));
            let _ = writeln!(text, "| {phase} | {own} | {other} | {time:.2} | {memory:.2} |");
        }
        text += &self.service;
        text
    }
}

fn milliseconds(time: Duration) -> String {
    format!("{:.1}", time.as_secs_f64() * 1000.0)
}
