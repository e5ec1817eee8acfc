//! The figures as tables in Markdown, for people and for `docs/performance.md`.

mod model;
mod number;

use std::path::Path;

use tidings_benches::baseline::Spread;

use self::number::{grouped, micros};
use crate::figures::{Figures, Growth};

pub(crate) use self::model::print_model;

/// Rates that the model is printed for, in events a second.
const RATES: [f64; 3] = [1e4, 1e5, 1e6];

/// Above it, somebody else was at work.
const QUIET: f64 = 0.5;

pub(crate) fn print(figures: &Figures, path: &Path) {
    circumstances(figures);
    growth(&figures.growth);
    bytes(&figures.growth);
    order(figures);
    pauses(figures);
    println!();
    // With what is assumed where nobody says otherwise, there is an answer.
    if let Err(error) = print_model(&RATES, &figures.costs, &figures.assumptions) {
        println!("no model: {error}");
    }
    println!("\nwritten to {}", path.display());
}

fn circumstances(figures: &Figures) {
    let told = &figures.circumstances;
    let word = |text: &Option<String>| text.clone().unwrap_or_else(|| "unknown".to_owned());
    let (commit, server, processor) =
        (word(&told.commit), word(&told.server), word(&told.processor));
    println!("Commit `{commit}`, nats-server {server}, {} cores of {processor}.", told.cores);
    if !figures.optimized {
        println!("This is no optimized build: what clients use says nothing.");
    }
    if figures.sync_always {
        println!("`sync_interval: always`: acknowledged is what is on the disk.");
    }
    if figures.load_before > QUIET {
        println!(
            "The machine was at work before (load {:.2}): rates say little.",
            figures.load_before
        );
    }
}

/// `1 server`, `3 servers, 1 copy`.
fn setting(servers: usize, copies: u8) -> String {
    match (servers, copies) {
        (1, _) => "1 server".to_owned(),
        (_, 1) => format!("{servers} servers, 1 copy"),
        _ => format!("{servers} servers, {copies} copies"),
    }
}

fn growth(growth: &[Growth]) {
    println!(
        "\n| | streams | processes | published a second | µs of client | of servers | handled a second | µs of client | of servers |"
    );
    println!("|---|---|---|---|---|---|---|---|---|");
    for Growth { servers, copies, shape, publish, handle } in growth {
        let setting = setting(*servers, *copies);
        let sides = [publish, handle].map(|sample| {
            let (client, servers) = (micros(sample.client), micros(sample.servers.cpu));
            format!("{} | {client} | {servers}", grouped(sample.rate))
        });
        let (streams, processes) = (shape.streams, shape.processes);
        println!("| {setting} | {streams} | {processes} | {} |", sides.join(" | "));
    }
}

/// Of the widest shape of each setting.
fn bytes(growth: &[Growth]) {
    println!(
        "\n| an event, {} streams | kept in each copy | to disks | published: in, out | handled: in, out |",
        widest(growth)
    );
    println!("|---|---|---|---|---|");
    for Growth { servers, copies, shape, publish, handle } in growth {
        if shape.streams != widest(growth) {
            continue;
        }
        let ways = [publish, handle].map(|sample| {
            let traffic = sample.servers.traffic;
            let way = |messages: f64, bytes: f64| {
                format!("{messages:.2} of {} B", grouped(bytes / messages))
            };
            let coming = way(traffic.messages_in, traffic.bytes_in);
            format!("{coming}, {}", way(traffic.messages_out, traffic.bytes_out))
        });
        let kept = grouped(publish.stored);
        let written = grouped(publish.servers.written + handle.servers.written);
        let setting = setting(*servers, *copies);
        println!("| {setting} | {kept} B | {written} B | {} |", ways.join(" | "));
    }
}

fn widest(growth: &[Growth]) -> usize {
    growth.iter().map(|growth| growth.shape.streams).max().unwrap_or_default()
}

fn order(figures: &Figures) {
    println!(
        "\n| in order over all instances | partitions | instances | handled a second | µs of client | of servers |"
    );
    println!("|---|---|---|---|---|---|");
    for order in &figures.order {
        let (setting, handle) = (setting(order.servers, order.copies), &order.handle);
        let (client, servers) = (micros(handle.client), micros(handle.servers.cpu));
        let (partitions, instances) = (order.partitions, order.instances);
        let rate = grouped(handle.rate);
        println!("| {setting} | {partitions} | {instances} | {rate} | {client} | {servers} |");
    }
}

fn pauses(figures: &Figures) {
    println!("\n| a server is killed | times | median | worst |");
    println!("|---|---|---|---|");
    let pauses = &figures.pauses;
    let rows = [
        ("nothing was published where it led the stream", &pauses.published),
        ("where it did not", &pauses.published_elsewhere),
        ("nothing was handled where it led the durable", &pauses.handled),
        ("where it led the stream, and not the durable", &pauses.handled_behind),
        ("where it led neither", &pauses.handled_elsewhere),
    ];
    for (what, seconds) in rows.into_iter().filter(|(_, seconds)| !seconds.is_empty()) {
        let worst = seconds.iter().copied().fold(0.0, f64::max);
        let median = Spread::of(seconds.clone()).median;
        println!("| {what} | {} | {median:.2} s | {worst:.2} s |", seconds.len());
    }
}
