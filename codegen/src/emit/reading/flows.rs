//! Flows: what happens one after the other, line by line.

use std::fmt::Write as _;

use super::super::markdown::text::{anchor, code, link, list};
use crate::facts;
use crate::model::{Catalog, Flow, FlowStep, Happening, KnownValue, Receiver, Subscription};

/// What comes to one subscription, or to one service, in a step. What is the same as in the line above is empty.
#[derive(Debug, Default)]
pub(in crate::emit) struct Line {
    /// The step's number, from 1; ways on are counted through.
    pub(in crate::emit) number: String,
    /// On which way, and what makes it happen.
    pub(in crate::emit) when: String,
    /// The event or the subject.
    pub(in crate::emit) what: String,
    /// Who does it.
    pub(in crate::emit) from: String,
    /// To whom it comes.
    pub(in crate::emit) to: String,
    /// What happens there.
    pub(in crate::emit) does: String,
    /// What becomes of it when that fails.
    pub(in crate::emit) failing: String,
}

/// Every step of a flow.
pub(in crate::emit) fn lines(catalog: &Catalog, flow: &Flow) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut number = 0;
    walk(catalog, &flow.steps, &mut Vec::new(), &mut number, &mut lines);
    lines
}

/// The flows in which an event comes up, as links.
pub(in crate::emit) fn of_event(catalog: &Catalog, event: &str) -> String {
    let flows = catalog.flows.values().filter(|flow| flow.has_event(event));
    list(flows.map(|flow| link("flow", &flow.name)))
}

/// The flows in which a service takes part, as links.
pub(in crate::emit) fn of_service(catalog: &Catalog, service: &str) -> String {
    let flows = catalog.flows.values().filter(|flow| flow.services().contains(&service));
    list(flows.map(|flow| link("flow", &flow.name)))
}

/// A value as somebody would write it: a text without quotes.
pub(in crate::emit) fn value(known: &KnownValue) -> String {
    match known.value.value.as_str() {
        Some(text) => text.to_owned(),
        None => known.value.value.to_string(),
    }
}

/// A subscription of a receiver.
pub(in crate::emit) fn subscriptions<'c>(
    catalog: &'c Catalog,
    receiver: &Receiver,
) -> impl Iterator<Item = &'c Subscription> {
    let service = catalog.services.get(&receiver.service);
    let names = receiver.subscriptions.iter();
    names.filter_map(move |name| service?.subscriptions.get(name))
}

/// Where an event that a service gives up is kept: the subjects of its dead letters.
pub(in crate::emit) fn letters<'a>(
    catalog: &'a Catalog,
    event: &'a str,
    by: &'a Receiver,
) -> impl Iterator<Item = String> + 'a {
    let first = &catalog.dead_letters.subject;
    by.subscriptions.iter().map(move |name| format!("{first}.{}.{name}.{event}", by.service))
}

fn walk(
    catalog: &Catalog,
    steps: &[FlowStep],
    way: &mut Vec<String>,
    number: &mut usize,
    lines: &mut Vec<Line>,
) {
    for step in steps {
        if let Happening::Alternatives(ways) = &step.what {
            for one in ways {
                way.push(one.when.clone());
                walk(catalog, &one.steps, way, number, lines);
                way.pop();
            }
            continue;
        }
        *number += 1;
        let when = way.iter().map(String::as_str).chain(step.when.as_deref());
        let when = when.collect::<Vec<_>>().join("; ");
        let first = Line { number: number.to_string(), when, ..Line::default() };
        self::step(catalog, step, first, lines);
    }
}

fn step(catalog: &Catalog, step: &FlowStep, mut first: Line, lines: &mut Vec<Line>) {
    let nobody = "nobody yet".to_owned();
    match &step.what {
        Happening::Event { event, by, to, with, .. } => {
            first.what = link("event", event);
            for known in with {
                let _ =
                    write!(first.what, "<br>{}: {}", code(&known.property), code(&value(known)));
            }
            first.from = link("service", by);
            let receiving = to.iter().flat_map(|one| {
                let words = one.does.as_ref();
                subscriptions(catalog, one)
                    .enumerate()
                    .map(move |(at, subscription)| (subscription, words.filter(|_| at == 0)))
            });
            let before = lines.len();
            for (subscription, words) in receiving {
                let summary = subscription.summary.clone().unwrap_or_default();
                let letter = anchor("subscription", &subscription.durable);
                lines.push(Line {
                    to: link("subscription", &subscription.durable),
                    does: words.cloned().unwrap_or(summary),
                    failing: format!(
                        "{}; then a [dead letter](#{letter})",
                        facts::retry(&subscription.retry)
                    ),
                    ..std::mem::take(&mut first)
                });
            }
            if lines.len() == before {
                lines.push(Line { to: nobody, ..first });
            }
        }
        Happening::Message { subject, by, to } => {
            first.what = code(subject);
            first.from = link("service", by);
            without_stream(to, "hears it", "who does not hear it has missed it", first, lines);
        }
        Happening::Request { subject, by, to } => {
            first.what = format!("{}, asked", code(subject));
            first.from = link("service", by);
            without_stream(to, "answers", "who asks is told that nobody answered", first, lines);
        }
        Happening::DeadLetter { event, by } => lines.push(Line {
            what: format!("{}, given up", link("event", event)),
            from: link("service", &by.service),
            to: link("stream", &catalog.dead_letters.stream),
            does: format!(
                "keeps it with the reason, on {}",
                list(letters(catalog, event, by).map(|one| code(&one)))
            ),
            ..first
        }),
        Happening::Alternatives(_) => {}
    }
}

fn without_stream(
    to: &[Receiver],
    does: &str,
    failing: &str,
    mut first: Line,
    lines: &mut Vec<Line>,
) {
    if to.is_empty() {
        first.to = "nobody yet".to_owned();
        lines.push(first);
        return;
    }
    for one in to {
        lines.push(Line {
            to: link("service", &one.service),
            does: one.does.clone().unwrap_or_else(|| does.to_owned()),
            failing: failing.to_owned(),
            ..std::mem::take(&mut first)
        });
    }
}
