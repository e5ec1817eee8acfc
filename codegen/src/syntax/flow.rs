//! A flow's file as written.

use super::list;
use super::reader::{Decode, Entries, Placed, Spanned, missing_key, record};
use super::scalar::{Name, Text};
use super::subject::{EventType, Filter};
use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::yaml::{Kind, Node};

record! {
    /// A flow: which event follows which, as a reader wants to see it. It is documentation, and checked against the catalog.
    FlowFile = "a flow's file" {
        required {
            /// The flow's name, such as `order_fulfilment`.
            flow: Spanned<Name>,
            /// What happens, one step after the other: the type of an event, or a mapping that says more.
            steps: Spanned<Vec<StepEntry>>,
        }
        optional {
            /// One line about it.
            summary: Spanned<Text>,
            /// More about it, in Markdown.
            description: Spanned<Text>,
        }
    }
}

record! {
    /// A step: one of `event`, `message`, `request`, `dead_letter` and `alt`, and what is to be said of it.
    StepSettings = "a step" {
        optional {
            /// An event that is published.
            event: Spanned<EventType>,
            /// A subject on which something is sent without a stream.
            message: Spanned<Filter>,
            /// A subject on which something is asked without a stream.
            request: Spanned<Filter>,
            /// An event that a service gives up: it is kept as a dead letter.
            dead_letter: Spanned<EventType>,
            /// Ways on, of which one is taken: when, and the steps.
            alt: Entries<Text, Spanned<Vec<StepEntry>>>,
            /// The service that does it; needed where the catalog has several.
            by: Spanned<Name>,
            /// The subscription that gives an event up; needed where several of the service receive it.
            r#in: Spanned<Name>,
            /// The services that matter here, `[billing]`, or also what each does, `{ billing: takes the money }`; by default all
            /// that receive it.
            to: Placed<ReceiversEntry>,
            /// What makes it happen, in words.
            when: Spanned<Text>,
            /// Values of the event that matter here: `{ status: paid }`. They are checked against its schema.
            with: ValuesEntry,
        }
    }
}

/// A step: an event, or a mapping.
#[derive(Clone, Debug)]
pub(crate) enum StepEntry {
    /// An event of which nothing is to be said.
    Event(Spanned<EventType>),
    /// A mapping with one of the [`KINDS`].
    Step(Box<Placed<StepSettings>>),
}

/// What a step can be, each with the keys that may stand beside it.
pub(crate) const KINDS: [(&str, &[&str]); 5] = [
    ("event", &["by", "to", "when", "with"]),
    ("message", &["by", "to", "when"]),
    ("request", &["by", "to", "when"]),
    ("dead_letter", &["by", "in", "when"]),
    ("alt", &[]),
];

/// Keys that belong to some kinds of steps.
const DETAILS: [&str; 5] = ["by", "in", "to", "when", "with"];

impl Decode for StepEntry {
    fn decode(node: &Node, found: &mut Vec<Diagnostic>) -> Option<Self> {
        let Kind::Mapping(entries) = &node.kind else {
            return Spanned::decode(node, found).map(Self::Event);
        };
        let step = StepSettings::decode(node, found)?;
        let named = |key: &str| KINDS.into_iter().find(|(kind, _)| *kind == key);
        let mut kinds = entries.iter().filter_map(|(key, _)| Some((key, named(&key.text)?)));
        let Some((_, (kind, beside))) = kinds.next() else {
            let kinds = KINDS.map(|(kind, _)| kind);
            // A misspelt kind has been reported as a key that a step does not have.
            if entries.iter().all(|(key, _)| DETAILS.contains(&key.text.as_str())) {
                found.push(
                    missing_key(node, "event", "a step")
                        .help(format!("a step has one of {}", list(&kinds))),
                );
            }
            return None;
        };
        if let Some((again, (other, _))) = kinds.next() {
            found.push(
                codes::FLOW_STEP
                    .at(again.span, format!("a step is one thing, not `{kind}` and `{other}`"))
                    .help("write a step for each, in their order"),
            );
            return None;
        }
        for (key, _) in entries.iter().filter(|(key, _)| DETAILS.contains(&key.text.as_str())) {
            if !beside.contains(&key.text.as_str()) {
                let keys = match beside {
                    [] => "it stands alone: say it of a step of an alternative".to_owned(),
                    keys => format!("beside it stand {}", list(keys)),
                };
                found.push(
                    codes::FLOW_STEP
                        .at(key.span, format!("`{kind}` has no `{}`", key.text))
                        .help(keys),
                );
            }
        }
        Some(Self::Step(Box::new(Placed { span: node.span, value: step })))
    }
}

/// `to`: services, or what each of them does.
#[derive(Clone, Debug)]
pub(crate) enum ReceiversEntry {
    Services(Spanned<Vec<Spanned<Name>>>),
    Doing(Entries<Name, Spanned<Text>>),
}

impl Decode for ReceiversEntry {
    fn decode(node: &Node, found: &mut Vec<Diagnostic>) -> Option<Self> {
        match &node.kind {
            Kind::Mapping(_) => Entries::decode(node, found).map(Self::Doing),
            _ => Spanned::decode(node, found).map(Self::Services),
        }
    }
}

/// `with`: values by the names of properties, which the event's schema judges.
#[derive(Clone, Debug)]
pub(crate) struct ValuesEntry(pub(crate) Vec<(Spanned<Text>, Node)>);

impl Decode for ValuesEntry {
    fn decode(node: &Node, found: &mut Vec<Diagnostic>) -> Option<Self> {
        let entries = super::reader::mapping(node, found)?;
        let named = entries.iter().map(|(key, value)| {
            (Spanned { span: key.span, value: Text(key.text.clone()) }, value.clone())
        });
        Some(Self(named.collect()))
    }
}
