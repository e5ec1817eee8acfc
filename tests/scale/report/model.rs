//! The model: what goes in, the formulae, and what comes out for some rates.

use super::number::{bytes, grouped, micros};
use crate::Outcome;
use crate::model::{Assumptions, Costs, Need};

/// A line: what it is about, its formula, and how it is written.
type Line = (&'static str, &'static str, fn(&Need) -> String);

const LINES: [Line; 16] = [
    ("cores of servers at work", "C = E · (a + s·b)", |need| micros(need.cores)),
    ("through all servers' networks", "N = E · (i + s·j), the busier way", |need| {
        format!("{} a second", bytes(need.network))
    }),
    ("to all servers' disks", "D = E · (v + s·w)", |need| {
        format!("{} a second", bytes(need.written))
    }),
    ("servers", "⌈C÷(u·k), N÷(u·n), D÷(u·x)⌉, the most, and at least r", |need| {
        grouped(need.servers)
    }),
    (
        "streams",
        "⌈E÷(u·p), E÷(u·q)⌉, the most; as many as servers where these are more than r",
        |need| grouped(need.streams),
    ),
    ("durables", "s · streams", |need| grouped(need.durables)),
    ("partitions, where a subscription keeps the order", "⌈E · (1÷o + h) ÷ u⌉", |need| {
        grouped(need.partitions)
    }),
    ("streams then", "⌈partitions ÷ 256⌉, or as above where that is more", |need| {
        grouped(need.ordered_streams)
    }),
    ("durables then, where all subscriptions do", "s · partitions", |need| {
        grouped(need.ordered_durables)
    }),
    ("cores of processes that publish", "E · c ÷ u", |need| micros(need.publishers)),
    ("cores of processes that handle, without their own work", "E · s·d ÷ u", |need| {
        micros(need.subscribers)
    }),
    ("kept a day, in all copies", "E · 86,400 · z · r", |need| bytes(need.kept_a_day)),
    ("memory for ids, in each server", "E · g · y · r ÷ servers", |need| bytes(need.ids)),
    ("a server dies: streams that wait", "f = ⌈streams ÷ servers⌉", |need| {
        grouped(need.failover.streams)
    }),
    (
        "events that wait where they are published, median and worst",
        "E · f ÷ streams · t",
        |need| {
            let failover = &need.failover;
            format!("{}, {}", grouped(failover.waiting), grouped(failover.worst_waiting))
        },
    ),
    ("until these are stored, too", "t · e ÷ (p − e), e = E ÷ streams", |need| {
        format!("{} s", micros(need.failover.caught_up))
    }),
];

/// Prints what these rates, in events a second, need.
pub(crate) fn print_model(rates: &[f64], costs: &[Costs], assumed: &Assumptions) -> Outcome {
    let needs = rates.iter().map(|rate| Need::of(*rate, costs, assumed));
    let needs = needs.collect::<Outcome<Vec<_>>>()?;
    if let Some(costs) = costs.iter().find(|costs| f64::from(costs.copies) == assumed.copies) {
        measured(costs);
    }
    println!("\nAssumed: {}.\n", words(assumed));
    let heads = needs.iter().map(|need| grouped(need.rate)).collect::<Vec<_>>().join(" | ");
    println!("| E, events a second | formula | {heads} |");
    println!("|---|---|{}", "---|".repeat(needs.len()));
    for (what, formula, written) in LINES {
        let values = needs.iter().map(written).collect::<Vec<_>>().join(" | ");
        println!("| {what} | {formula} | {values} |");
    }
    Ok(())
}

fn measured(costs: &Costs) {
    let Costs { publish, handle, .. } = costs;
    println!("| measured, {} copies | | |", costs.copies);
    println!("|---|---|---|");
    let row =
        |what: &str, letters: &str, found: String| println!("| {what} | {letters} | {found} |");
    let pair = |one: f64, other: f64| format!("{}, {} µs", micros(one), micros(other));
    row(
        "CPU of all servers, to publish and to handle",
        "a, b",
        pair(publish.servers, handle.servers),
    );
    row("CPU of the client, to publish and to handle", "c, d", pair(publish.client, handle.client));
    let ways = [publish, handle].map(|cost| {
        let traffic = cost.traffic;
        let (coming, going) = (bytes(traffic.bytes_in), bytes(traffic.bytes_out));
        let messages = (traffic.messages_in, traffic.messages_out);
        format!("{coming} in {:.2} messages and {going} in {:.2}", messages.0, messages.1)
    });
    row("to and from all servers, to publish (and l bytes a message)", "i", ways[0].clone());
    row("to handle", "j", ways[1].clone());
    let written = format!("{}, {}", bytes(publish.written), bytes(handle.written));
    row("to all disks, to publish and to handle", "v, w", written);
    row("kept, in each copy", "z", bytes(costs.stored));
    let rates = [costs.published_by_stream, costs.handled_by_durable, costs.handled_by_partition];
    let [stream, durable, partition] = rates.map(|rate| format!("{} a second", grouped(rate)));
    row("most that one stream took", "p", stream);
    row("most that one durable handed out", "q", durable);
    row("most that one partition handed out, in order", "o", partition);
    let pauses = format!("{:.1} s, {:.1} s", costs.pause, costs.worst_pause);
    row("pause where a leader dies, median and worst", "t", pauses);
}

fn words(assumed: &Assumptions) -> String {
    let Assumptions {
        copies,
        subscriptions,
        utilisation,
        cores_per_server,
        network_per_server,
        disk_per_server,
        line_bytes,
        handler_ms,
        duplicate_window_s,
        id_bytes,
    } = assumed;
    let (network, disk) = (bytes(*network_per_server), bytes(*disk_per_server));
    format!(
        "r = {copies} copies; s = {subscriptions} subscriptions that receive each event; u = {utilisation}, how busy \
         anything may be; k = {cores_per_server} cores, n = {network} a second of network each way and x = {disk} a second \
         of disk in each server; l = {line_bytes} bytes of protocol and packets with each message; h = {handler_ms} ms of \
         waiting in a handler; g = {duplicate_window_s} s of ids, y = {id_bytes} bytes of memory each"
    )
}
