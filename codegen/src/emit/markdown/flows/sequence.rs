//! A flow as a sequence diagram of Mermaid.

use std::fmt::Write as _;

use super::super::super::reading::flows;
use crate::model::{Catalog, Flow, FlowStep, Happening, KnownValue, Receiver};

/// Longer texts are broken: a note is as wide as its longest line.
const LINE: usize = 36;

pub(super) fn diagram(out: &mut String, catalog: &Catalog, flow: &Flow) {
    out.push_str("```mermaid\nsequenceDiagram\n");
    // A name of its own for each: words such as `end` mean something to Mermaid.
    for service in flow.services() {
        let _ = writeln!(out, "  participant {} as {service}", of(service));
    }
    if flow.has_dead_letter() {
        let stream = said(&catalog.dead_letters.stream);
        let _ = writeln!(out, "  participant {LETTERS} as {stream}");
    }
    let mut number = 0;
    steps(out, &flow.steps, 1, &mut number);
    out.push_str("```\n\n");
}

/// The stream of dead letters.
const LETTERS: &str = "dead_letters";

fn of(service: &str) -> String {
    format!("service_{service}")
}

fn steps(out: &mut String, steps: &[FlowStep], depth: usize, number: &mut usize) {
    let pad = "  ".repeat(depth);
    for step in steps {
        if let Happening::Alternatives(ways) = &step.what {
            let begin = if ways.len() == 1 { "opt" } else { "alt" };
            for (at, way) in ways.iter().enumerate() {
                let word = if at == 0 { begin } else { "else" };
                let _ = writeln!(out, "{pad}{word} {}", said(&way.when));
                self::steps(out, &way.steps, depth + 1, number);
            }
            if !ways.is_empty() {
                let _ = writeln!(out, "{pad}end");
            }
            continue;
        }
        *number += 1;
        self::step(out, &pad, step, *number);
    }
}

fn step(out: &mut String, pad: &str, step: &FlowStep, number: usize) {
    let (by, to, arrow, label): (&str, &[Receiver], &str, String) = match &step.what {
        Happening::Event { event, by, to, with, .. } => (by, to, "-)", with_values(event, with)),
        Happening::Message { subject, by, to } => (by, to, "--)", said(subject)),
        Happening::Request { subject, by, to } => (by, to, "->>", said(subject)),
        Happening::DeadLetter { event, by } => (&by.service, &[], "-x", said(event)),
        Happening::Alternatives(_) => return,
    };
    if let Some(when) = &step.when {
        let _ = writeln!(out, "{pad}Note over {}: {}", of(by), broken(when));
    }
    let label = format!("{number}. {label}");
    if let Happening::DeadLetter { .. } = step.what {
        let _ = writeln!(out, "{pad}{}{arrow}{LETTERS}: {label}", of(by));
        return;
    }
    if to.is_empty() {
        let _ = writeln!(out, "{pad}Note over {}: {label}<br>nobody receives it yet", of(by));
    }
    for one in to {
        let _ = writeln!(out, "{pad}{}{arrow}{}: {label}", of(by), of(&one.service));
    }
    for one in to {
        if let Some(does) = &one.does {
            let _ = writeln!(out, "{pad}Note over {}: {}", of(&one.service), broken(does));
        }
    }
    if let Happening::Request { .. } = step.what {
        for one in to {
            let _ = writeln!(out, "{pad}{}-->>{}: {number}. answer", of(&one.service), of(by));
        }
    }
}

fn with_values(event: &str, with: &[KnownValue]) -> String {
    let mut label = said(event);
    for known in with {
        let text = format!("{}: {}", known.property, flows::value(known));
        let _ = write!(label, "<br>{}", broken(&text));
    }
    label
}

/// A text on several lines.
fn broken(text: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + word.chars().count() < LINE => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines.iter().map(|line| said(line)).collect::<Vec<_>>().join("<br>")
}

/// A text on one line, in which nothing means anything to Mermaid.
fn said(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    let mut out = String::with_capacity(text.len());
    for letter in words.join(" ").chars() {
        match letter {
            '`' => {}
            '#' | ';' | '%' | '<' | '>' | '&' | '"' | '\\' => {
                let _ = write!(out, "#{};", u32::from(letter));
            }
            other => out.push(other),
        }
    }
    if out.trim().is_empty() { "…".to_owned() } else { out }
}

#[cfg(test)]
mod tests {
    use super::{broken, said};

    #[test]
    fn nothing_that_an_author_writes_is_read_by_mermaid() {
        assert_eq!(said("`a`; 50 % <b> #1"), "a#59; 50 #37; #60;b#62; #35;1");
        assert_eq!(said("  one\n  two "), "one two");
        assert_eq!(said("``"), "…");
    }

    #[test]
    fn long_texts_are_broken_between_words() {
        let text = "gives back what was set aside for an order that is cancelled";
        assert_eq!(broken(text), "gives back what was set aside for an<br>order that is cancelled");
    }
}
