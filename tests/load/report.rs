//! The figures for people, and for programs.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use tidings_tests::resident::Resident;

use crate::Outcome;
use crate::arguments::Plan;
use crate::figures::{Fate, Figures};

/// What is wanted of a machine with two cores.
const PUBLISHED: f64 = 10_000.0;
/// By each instance.
const HANDLED: f64 = 1_000.0;
const P95_US: u64 = 100_000;

pub(crate) fn print(plan: &Plan, figures: &Figures) {
    let Figures { flood, steady, memory } = figures;
    let row = |what: &str, found: String, wanted: &str, met: bool| {
        let verdict = if met { "met" } else { "MISSED" };
        println!("{what:34} {found:>22}   {wanted:24} {verdict}");
    };
    let plain = |what: &str, found: String| println!("{what:34} {found:>22}");
    println!("as fast as it goes: {} events, {} instances", flood.fate.published, plan.instances);
    let published = format!("{:.0}", flood.published);
    row("  published a second", published, "at least 10,000", flood.published >= PUBLISHED);
    for (number, handled) in flood.handled.iter().enumerate() {
        let what = format!("  handled a second by instance {}", number + 1);
        row(&what, format!("{handled:.0}"), "at least 1,000", *handled >= HANDLED);
    }
    fate(&flood.fate);
    println!("at {} a second for {} s", steady.rate, steady.span.as_secs());
    let latency = &steady.latency;
    plain("  publish to handler, p50", milliseconds(latency.p50));
    row("  p95", milliseconds(latency.p95), "below 100 ms", latency.p95 < P95_US);
    plain("  p99", milliseconds(latency.p99));
    plain("  at most", milliseconds(latency.max));
    fate(&steady.fate);
    if let Some(memory) = memory {
        println!("publisher   {}", memory.publisher);
        for (number, instance) in memory.instances.iter().enumerate() {
            println!("instance {}  {instance}", number + 1);
        }
    }
}

fn fate(fate: &Fate) {
    let verdict = if fate.lost == 0 { "met" } else { "MISSED" };
    println!("{:34} {:>22}   {:24} {verdict}", "  lost", fate.lost, "none");
    println!("{:34} {:>22}", "  handled more than once", fate.repeated);
}

fn milliseconds(microseconds: u64) -> String {
    format!("{:.2} ms", microseconds as f64 / 1e3)
}

/// Writes the figures as JSON.
pub(crate) fn write(path: &Path, plan: &Plan, figures: &Figures) -> Outcome {
    let Figures { flood, steady, memory } = figures;
    let fate = |fate: &Fate| json!({ "events": fate.published, "lost": fate.lost, "handled_more_than_once": fate.repeated });
    let resident = |resident: &Resident| {
        json!({
            "kib_by_quarters": resident.quarters(),
            "kib_at_most": resident.most(),
            "flat": resident.is_flat(),
        })
    };
    let figures = json!({
        "instances": plan.instances,
        "flood": {
            "fate": fate(&flood.fate),
            "published_per_second": flood.published,
            "handled_per_second_by_instance": flood.handled,
        },
        "steady": {
            "fate": fate(&steady.fate),
            "events_per_second": steady.rate,
            "seconds": steady.span.as_secs(),
            "latency_us": {
                "p50": steady.latency.p50,
                "p95": steady.latency.p95,
                "p99": steady.latency.p99,
                "max": steady.latency.max,
            },
        },
        "memory": memory.as_ref().map(|memory| json!({
            "publisher": resident(&memory.publisher),
            "instances": memory.instances.iter().map(resident).collect::<Vec<Value>>(),
        })),
    });
    Ok(fs::write(path, format!("{figures:#}\n"))?)
}
