//! What was asked for, what was measured, and what became of each kind of event.

use std::time::Duration;

use console::style;
use execution_ddmrp::proof::{Absence, Line, Proof, Spread};
use sample_program::say;

/// What operations and changes of buffers may take until their events are in the stream.
const PUBLISHED: Duration = Duration::from_millis(100);
/// What an event may take until it is handled.
const HANDLED: Duration = Duration::from_millis(500);
/// The share of deliveries that must arrive.
const DELIVERED: f64 = 99.9;

/// What a kind of event carries, in the words of those who asked for it.
const PAYLOADS: &[(&str, &str)] = &[
    ("execution.purchase_order.created", "PO details"),
    ("execution.inventory.updated", "balance change"),
    ("ddmrp.buffer.status_changed", "zone transition"),
    ("ddmrp.buffer.alert_triggered", "replenishment"),
];

/// Each kind of event: who published it, how many are stored, and how many of them each consumer has handled.
pub(crate) fn events(proof: &Proof) {
    let head = ["subject", "publisher", "stored", "handled by"];
    say(style(format!("  {:<34} {:<10} {:>6}  {}", head[0], head[1], head[2], head[3])).dim());
    for Line { event_type, publisher, stored, handled } in proof.lines() {
        let consumers: Vec<_> =
            handled.iter().map(|(service, count)| format!("{service} {count}")).collect();
        let payload = PAYLOADS.iter().find(|(subject, _)| *subject == event_type);
        let payload = payload.map(|(_, payload)| format!("  ({payload})")).unwrap_or_default();
        say(format_args!(
            "  {event_type:<34} {publisher:<10} {stored:>6}  {}{}",
            consumers.join(", "),
            style(payload).dim()
        ));
    }
}

/// The criteria, each with what was measured. What the broker's absence was in the way of is not measured, but counted.
pub(crate) fn criteria(proof: &Proof, absence: Option<&Absence>) {
    row("criterion", "asked", "measured", None);
    let orders = proof.published("execution", absence);
    spread("order operations publish their events", PUBLISHED, &orders);
    spread("changes of buffers publish theirs", PUBLISHED, &proof.published("ddmrp", absence));
    spread("from the event to the end of its handlers", HANDLED, &proof.end_to_end(absence));
    let (due, done) = proof.deliveries();
    let share = if due == 0 { 0.0 } else { done as f64 * 100.0 / due as f64 };
    let measured = format!("{share:.3} %: {done} of {due}");
    row("delivered to those who consume it", "> 99.9 %", &measured, Some(share > DELIVERED));
    let lost = proof.committed.saturating_sub(proof.told());
    let measured = format!("{lost} of {}; {} twice", proof.committed, proof.doubled());
    row("lost of what was committed", "0", &measured, Some(lost == 0));
    if let Some(absence) = absence {
        let away = absence.back.duration_since(absence.stopped).as_millis();
        let late = proof.caught_up(absence).duration_since(absence.back).as_millis();
        let events = proof.meanwhile(absence).count();
        let measured = format!("{events} in {away} ms, all handled {late} ms after its return");
        row("events while the broker was away", "", &measured, None);
    }
}

fn spread(what: &str, limit: Duration, spread: &Spread) {
    let [p50, p99, max] = [spread.p50, spread.p99, spread.max].map(|time| time.as_millis());
    let measured = format!("half {p50} ms, 99 % {p99} ms, all {max} ms: {} events", spread.count);
    row(what, &format!("< {} ms", limit.as_millis()), &measured, Some(spread.max < limit));
}

fn row(what: &str, asked: &str, measured: &str, met: Option<bool>) {
    let verdict = match met {
        Some(true) => style("met").green(),
        Some(false) => style("missed").red(),
        None => style(""),
    };
    say(format!("  {what:<42} {asked:<9} {measured:<52} {verdict}").trim_end());
}
