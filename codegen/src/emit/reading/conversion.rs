//! What becomes of a version's events in another version.

use super::super::markdown::text::code;
use crate::model::{Change, Conversion, Event, How, Step, Upcast, Version};

/// What is done with events of one version so that they are of another.
pub(in crate::emit) struct Link {
    /// A sentence; unfinished where there are steps.
    pub(in crate::emit) text: String,
    pub(in crate::emit) steps: Vec<String>,
}

impl Link {
    fn told(text: String) -> Self {
        Self { text, steps: Vec::new() }
    }

    fn declared(text: &str, conversion: &Conversion) -> Self {
        match conversion.steps.as_slice() {
            [] => Self::told(format!("{text} as they are.")),
            steps => Self { text: format!("{text}:"), steps: steps.iter().map(sentence).collect() },
        }
    }
}

/// The links of a version to others; nothing where it has none.
pub(in crate::emit) fn links(event: &Event, version: &Version) -> Vec<Link> {
    let major = version.id.major;
    let before = event.majors().range(..major).next_back().map(|(major, _)| *major);
    let received = |from: u16| format!("Where this version is received, events of version {from}");
    let upcast = match (event.upcast(major), before) {
        (Some(Upcast::Link(link)), _) => {
            let text = format!("{} are upcast to it", received(link.from.major));
            Some(match &link.how {
                How::Declared(conversion) => Link::declared(&text, conversion),
                How::ByHand => Link::told(format!("{text} by Rust code.")),
            })
        }
        (Some(Upcast::None { .. }), Some(before)) => {
            Some(Link::told(format!("{} go to the dead letters.", received(before))))
        }
        _ => None,
    };
    let downcast = event.downcast(major).map(|downcast| {
        let text = format!("Its events are published in version {} too", downcast.major);
        Link::declared(&text, &downcast.conversion)
    });
    upcast.into_iter().chain(downcast).collect()
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
