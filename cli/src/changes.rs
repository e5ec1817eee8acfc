//! A list of changes, for people and for machines.

use std::fmt::Write;

use anstyle::{AnsiColor, Style};
use serde_json::{Value, json};
use tidings_codegen::codes::Level;
use tidings_codegen::compat::{Change, Part};
use tidings_codegen::levels::Levels;

use crate::output::ERROR;
use crate::report::{Verdict, counted};

const WARNING: Style = AnsiColor::Yellow.on_default();
const HARMLESS: Style = AnsiColor::Green.on_default();

/// What a change does in a catalog with these levels; nothing where it breaks no rule.
fn level(change: &Change, levels: &Levels) -> Level {
    change.rule.map_or(Level::Off, |rule| levels.of(&rule.code))
}

/// Fails where a change is an error.
pub(crate) fn verdict(changes: &[Change], levels: &Levels) -> Verdict {
    let is_error = |change: &Change| level(change, levels) == Level::Error;
    if changes.iter().any(is_error) { Verdict::Failed } else { Verdict::Passed }
}

/// The list, part by part: `+` for what hurts nobody, `~` for what is worth knowing, `!` for what breaks somebody.
pub(crate) fn shown(changes: &[Change], levels: &Levels) -> String {
    let mut text = String::new();
    let mut part: Option<&Part> = None;
    for change in sorted(changes) {
        if part != Some(&change.part) {
            let bold = Style::new().bold();
            let _ = writeln!(text, "{bold}{}{bold:#}", change.part);
            part = Some(&change.part);
        }
        let (sign, style) = match level(change, levels) {
            Level::Off => ("+", HARMLESS),
            Level::Warn => ("~", WARNING),
            Level::Error => ("!", ERROR),
        };
        let _ = write!(text, "  {style}{sign}{style:#} {}", change.text);
        if change.at.starts_with('/') {
            let _ = write!(text, " at {}", change.at);
        }
        match change.rule {
            Some(rule) => {
                let _ = writeln!(
                    text,
                    " [{} {}, hurts {}]",
                    rule.code.id, rule.code.name, change.hurts
                );
            }
            None => text.push('\n'),
        }
    }
    text
}

/// `3 changes, of which 1 breaks somebody`.
pub(crate) fn summary(changes: &[Change], levels: &Levels) -> String {
    let breaks = changes.iter().filter(|change| level(change, levels) == Level::Error).count();
    let all = counted(changes.len(), "change");
    match breaks {
        0 => format!("{all}, none of which is a break"),
        breaks => format!("{all}, {} among them", counted(breaks, "break")),
    }
}

/// The list for machines.
pub(crate) fn data(changes: &[Change], levels: &Levels) -> Value {
    let changes = sorted(changes).into_iter().map(|change| {
        json!({
            "code": change.rule.map(|rule| rule.code.id),
            "name": change.rule.map(|rule| rule.code.name),
            "tier": change.rule.map(|rule| rule.tier.to_string()),
            "level": level(change, levels).word(),
            "hurts": { "readers": change.hurts.readers, "history": change.hurts.history },
            "part": part(&change.part),
            "at": change.at,
            "text": change.text,
        })
    });
    Value::Array(changes.collect())
}

fn part(part: &Part) -> Value {
    match part {
        Part::Catalog => json!({ "kind": "catalog" }),
        Part::Domain(name) => json!({ "kind": "domain", "name": name }),
        Part::Stream(name) => json!({ "kind": "stream", "name": name }),
        Part::Event(id) => json!({ "kind": "event", "name": id }),
        Part::Version(id, version) => {
            json!({ "kind": "version", "name": id, "version": version.to_string() })
        }
        Part::Service(name) => json!({ "kind": "service", "name": name }),
        Part::Subscription(service, name) => {
            json!({ "kind": "subscription", "name": name, "service": service })
        }
    }
}

fn sorted(changes: &[Change]) -> Vec<&Change> {
    let mut changes: Vec<&Change> = changes.iter().collect();
    changes.sort_by(|a, b| a.part.cmp(&b.part));
    changes
}
