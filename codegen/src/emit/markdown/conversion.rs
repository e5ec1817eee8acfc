//! What becomes of a version's events in another version.

use std::fmt::Write as _;

use super::text::code;
use crate::model::{Change, Conversion, Event, How, Step, Upcast, Version};

/// The links of a version to others; nothing where it has none.
pub(super) fn links(out: &mut String, event: &Event, version: &Version) {
    let major = version.id.major;
    let before = event.majors().range(..major).next_back().map(|(major, _)| *major);
    match (event.upcast(major), before) {
        (Some(Upcast::Link(link)), _) => match &link.how {
            How::Declared(conversion) => {
                let from = link.from.major;
                let _ = write!(
                    out,
                    "Where this version is received, events of version {from} are upcast to it"
                );
                steps(out, conversion);
            }
            How::ByHand => {
                let from = link.from.major;
                let _ = write!(
                    out,
                    "Where this version is received, events of version {from} are upcast to it by Rust code.\n\n"
                );
            }
        },
        (Some(Upcast::None { .. }), Some(before)) => {
            let _ = write!(
                out,
                "Where this version is received, events of version {before} go to the dead letters.\n\n"
            );
        }
        _ => {}
    }
    if let Some(downcast) = event.downcast(major) {
        let _ = write!(out, "Its events are published in version {} too", downcast.major);
        steps(out, &downcast.conversion);
    }
}

fn steps(out: &mut String, conversion: &Conversion) {
    if conversion.steps.is_empty() {
        out.push_str(" as they are.\n\n");
        return;
    }
    out.push_str(":\n\n");
    for step in &conversion.steps {
        let _ = writeln!(out, "- {}", sentence(step));
    }
    out.push('\n');
}

fn sentence(step: &Step) -> String {
    let at = place(&step.at);
    match &step.change {
        Change::Move(to) => format!("{at} becomes {}", place(to)),
        Change::Drop => format!("{at} is left out"),
        Change::Map(values) => {
            let values: Vec<String> = values
                .iter()
                .map(|(old, new)| format!("{} becomes {}", code(old), code(&new.to_string())))
                .collect();
            format!("in {at}, {}", values.join(", "))
        }
        Change::Set(value) => format!("{at} is {}", code(&value.to_string())),
        Change::Default(value) => {
            format!("{at} is {} where there is none", code(&value.to_string()))
        }
    }
}

/// The name alone for a property of the payload.
fn place(at: &str) -> String {
    match at.strip_prefix('/') {
        Some(name) if !name.contains(['/', '~']) => code(name),
        _ => code(at),
    }
}
