//! An event as people and machines read it.

use std::fmt::Write;

use anstyle::{AnsiColor, Style};
use serde_json::{Value, json};
use tidings::catalog::Catalog;
use tidings::{Arrival, Envelope, ReplayFailure};

use super::read::Item;
use crate::answer;
use crate::failure::Failure;
use crate::output::ERROR;
use crate::report::Format;
use crate::session::Session;

const BOLD: Style = Style::new().bold();
const FAINT: Style = Style::new().dimmed();
const PLACE: Style = AnsiColor::Cyan.on_default();
const ORGANIZATION: Style = AnsiColor::Magenta.on_default();

/// Before what is said of an event below its first line.
const INDENT: usize = 2;

/// What stands for a payload of which the catalog does not know where it is personal.
const UNKNOWN: &str = "not shown: the catalog does not know this version";

/// Writes it to stdout.
pub(super) fn write(
    session: &Session,
    catalog: &Catalog,
    item: &Item,
    pretty: bool,
) -> Result<(), Failure> {
    let text = match (session.format, item) {
        (Format::Json, Item::Event { arrival, payload }) => {
            let payload = catalog.shown(&arrival.envelope, payload);
            answer::document("tail", &event_data(arrival, payload.as_ref()))?
        }
        (Format::Json, Item::Failure { stream, failure }) => {
            answer::document("tail", &failure_data(stream, failure))?
        }
        (_, Item::Event { arrival, payload }) => {
            let shown = catalog.shown(&arrival.envelope, payload);
            let shown = shown.map_or_else(
                || format!("{FAINT}<{} bytes, {UNKNOWN}>{FAINT:#}", payload.len()),
                |payload| if pretty { lines(&payload) } else { line(&payload, session.width()) },
            );
            event_text(arrival, &shown)
        }
        (_, Item::Failure { stream, failure }) => failure_text(stream, failure),
    };
    session.output.write(&text)
}

fn lines(payload: &Value) -> String {
    let lines = serde_json::to_string_pretty(payload).unwrap_or_default();
    lines.replace('\n', "\n  ")
}

/// In a line, which is cut where a terminal is too narrow.
fn line(payload: &Value, width: Option<usize>) -> String {
    let line = payload.to_string();
    match width.map(|width| width.saturating_sub(INDENT)) {
        Some(room) if room > 1 && line.chars().count() > room => {
            line.chars().take(room - 1).chain(['…']).collect()
        }
        _ => line,
    }
}

fn event_text(arrival: &Arrival, payload: &str) -> String {
    let Arrival { place, stored, envelope, .. } = arrival;
    let version = envelope.schema_version.map_or(String::new(), |version| format!(" {version}"));
    let mut text = format!(
        "{FAINT}{}{FAINT:#}  {BOLD}{}{BOLD:#}{version}  {PLACE}{} {}{PLACE:#}",
        stored.strftime("%Y-%m-%d %H:%M:%S%.3f"),
        envelope.event_type,
        place.source,
        place.sequence
    );
    if let Some(organization) = &envelope.organization_id {
        let _ = write!(text, "  {ORGANIZATION}{organization}{ORGANIZATION:#}");
    }
    let _ = write!(text, "\n  {FAINT}id {}", envelope.id);
    for (name, value) in ids(envelope) {
        let _ = write!(text, "  {name} {value}");
    }
    let _ = writeln!(text, "{FAINT:#}\n  {payload}");
    text
}

/// The ids beside its own that tell something.
fn ids(envelope: &Envelope) -> impl Iterator<Item = (&'static str, &str)> {
    let correlation = envelope.correlation_id.as_deref().filter(|id| *id != envelope.id);
    [
        ("key", envelope.partition_key.as_deref()),
        ("correlation", correlation),
        ("caused by", envelope.causation_id.as_deref()),
        ("copy of", envelope.copy_of.as_deref()),
    ]
    .into_iter()
    .filter_map(|(name, value)| value.map(|value| (name, value)))
}

fn event_data(arrival: &Arrival, payload: Option<&Value>) -> Value {
    let Arrival { place, subject, stored, envelope, .. } = arrival;
    json!({
        "stream": place.source,
        "sequence": place.sequence,
        "stored": stored.to_string(),
        "subject": subject,
        "event": envelope.event_type,
        "version": envelope.schema_version.map(|version| version.to_string()),
        "id": envelope.id,
        "source": envelope.source,
        "time": envelope.time.map(|time| time.to_string()),
        "organization": envelope.organization_id,
        "key": envelope.partition_key,
        "correlation": envelope.correlation_id,
        "causation": envelope.causation_id,
        "copy_of": envelope.copy_of,
        "trace_parent": envelope.trace_parent,
        "trace_state": envelope.trace_state,
        "extensions": envelope.extensions,
        "payload": payload,
    })
}

fn failure_text(stream: &str, failure: &ReplayFailure) -> String {
    let (sequence, reason) = (failure.sequence, failure.reason);
    let words = failure.chain.join(": ");
    format!("{ERROR}{reason}{ERROR:#}  {PLACE}{stream} {sequence}{PLACE:#}\n  {words}\n")
}

fn failure_data(stream: &str, failure: &ReplayFailure) -> Value {
    json!({
        "stream": stream,
        "sequence": failure.sequence,
        "event": failure.event_type,
        "id": failure.event_id,
        "reason": failure.reason.as_str(),
        "error": failure.chain.join(": "),
    })
}
