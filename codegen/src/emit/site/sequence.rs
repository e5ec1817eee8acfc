//! A flow as a picture of HTML: a column for each service, a row for each step, a frame around each way on.
//!
//! Whoever hears it read, or has a narrow screen, gets the same as a list: every step says from whom to whom it goes.

use std::fmt::Write as _;

use super::html::{escape, name};
use super::page::Page;
use crate::emit::reading::flows;
use crate::model::{Flow, FlowStep, Happening, KnownValue, Receiver};

pub(super) fn diagram(page: &mut Page<'_, '_>, flow: &Flow) {
    let mut services = flow.services();
    let letters = flow.has_dead_letter().then_some(page.catalog().dead_letters.stream.as_str());
    let mut heads: Vec<String> = services.iter().map(|one| page.link("service", one)).collect();
    heads.extend(letters.map(|stream| page.link("stream", stream)));
    services.extend(letters);
    let heads: String = heads.iter().map(|one| format!("<li>{one}</li>")).collect();
    let mut drawing = Drawing { page, columns: services, number: 0, out: String::new() };
    drawing.steps(&flow.steps, 0);
    let Drawing { columns, out, .. } = drawing;
    let html = format!(
        "<div class=\"sequence\" tabindex=\"0\" role=\"group\" aria-label=\"What follows what\">\
         <div class=\"lanes\" style=\"--lanes:{}\"><ul class=\"heads\" aria-label=\"Who takes part\">{heads}</ul>{out}</div></div>",
        columns.len()
    );
    page.push(&html);
}

struct Drawing<'p, 's, 'a> {
    page: &'p Page<'s, 'a>,
    /// Services from left to right, and the stream of dead letters behind them.
    columns: Vec<&'p str>,
    number: usize,
    out: String,
}

/// How a step looks.
#[derive(Clone, Copy, PartialEq)]
enum Look {
    Event,
    Message,
    Request,
    DeadLetter,
}

impl Look {
    fn class(self) -> &'static str {
        match self {
            Self::Event => "event",
            Self::Message => "message",
            Self::Request => "request",
            Self::DeadLetter => "letter",
        }
    }
}

impl Drawing<'_, '_, '_> {
    fn steps(&mut self, steps: &[FlowStep], depth: usize) {
        self.out.push_str("<ol class=\"steps\">");
        for step in steps {
            match &step.what {
                Happening::Alternatives(ways) => {
                    let _ = write!(self.out, "<li class=\"ways\" style=\"--depth:{depth}\">");
                    for (at, way) in ways.iter().enumerate() {
                        let word = match (at, ways.len()) {
                            (_, 1) => "possibly",
                            (0, _) => "either",
                            _ => "or",
                        };
                        let when = self.page.inline(&way.when);
                        let _ = write!(
                            self.out,
                            "<div class=\"way\"><div class=\"taken\"><b>{word}</b> {when}</div>"
                        );
                        self.steps(&way.steps, depth + 1);
                        self.out.push_str("</div>");
                    }
                    self.out.push_str("</li>");
                }
                _ => self.step(step),
            }
        }
        self.out.push_str("</ol>");
    }

    fn step(&mut self, step: &FlowStep) {
        self.number += 1;
        let stream = self.page.catalog().dead_letters.stream.as_str();
        let (look, by, to, what): (Look, &str, &[Receiver], String) = match &step.what {
            Happening::Event { event, by, to, with, .. } => {
                let what = format!("{}{}", self.page.link("event", event), values(with));
                (Look::Event, by, to, what)
            }
            Happening::Message { subject, by, to } => (Look::Message, by, to, name(subject)),
            Happening::Request { subject, by, to } => (Look::Request, by, to, name(subject)),
            Happening::DeadLetter { event, by } => {
                (Look::DeadLetter, &by.service, &[], self.page.link("event", event))
            }
            Happening::Alternatives(_) => return,
        };
        let targets: Vec<&str> = match look {
            Look::DeadLetter => vec![stream],
            _ => to.iter().map(|one| one.service.as_str()).collect(),
        };
        let from = self.column(by);
        let ends: Vec<usize> = targets.iter().map(|one| self.column(one)).collect();
        let first = ends.iter().copied().chain([from]).min().unwrap_or(from);
        let last = ends.iter().copied().chain([from]).max().unwrap_or(from);
        let _ = write!(self.out, "<li class=\"step {}\">", look.class());
        if let Some(when) = &step.when {
            let when = self.page.inline(when);
            let _ = write!(self.out, "<div class=\"cause\" style=\"--at:{from}\">{when}</div>");
        }
        self.label(by, &targets, look, &what, (first, last));
        self.lines(from, &ends, (first, last));
        match (&step.what, look) {
            (Happening::DeadLetter { event, by }, _) => {
                let letters: String =
                    flows::letters(self.page.catalog(), event, by).map(|one| name(&one)).collect();
                let at = ends.first().copied().unwrap_or(from);
                self.work(at, stream, &format!("kept as a dead letter<small>{letters}</small>"));
            }
            (_, Look::Event) => self.handlers(to),
            _ => {
                for one in to {
                    let does = match (&one.does, look) {
                        (Some(does), _) => self.page.inline(does),
                        (None, Look::Request) => "answers".to_owned(),
                        (None, _) => continue,
                    };
                    self.work(self.column(&one.service), &one.service, &does);
                }
            }
        }
        if look == Look::Request && first != last {
            self.out.push_str("<div class=\"back\" aria-hidden=\"true\">");
            for end in &ends {
                self.line((from, *end), "answer");
                self.head(*end, from);
            }
            self.out.push_str("</div>");
        }
        self.out.push_str("</li>");
    }

    /// From whom to whom, for those who do not see it; and what goes there.
    fn label(
        &mut self,
        by: &str,
        targets: &[&str],
        look: Look,
        what: &str,
        (first, last): (usize, usize),
    ) {
        let to: Vec<_> = targets.iter().map(|one| escape(one)).collect();
        let to = if to.is_empty() { "nobody yet".to_owned() } else { to.join(", ") };
        let kind = match look {
            Look::Event => "",
            Look::Message => " <small>without a stream</small>",
            Look::Request => " <small>asks, without a stream</small>",
            Look::DeadLetter => " <small>given up</small>",
        };
        // What comes back to its own column stands beside the loop.
        let columns = self.columns.len();
        let (class, first, last) = match (first == last, last < columns) {
            (true, true) => ("what own right", first, last + 1),
            (true, false) if first > 1 => ("what own left", first - 1, last),
            _ => ("what", first, last),
        };
        let _ = write!(
            self.out,
            "<p class=\"{class}\" style=\"--first:{first};--last:{}\"><b>{}</b> <span class=\"route\">{} → {to}:</span> {what}{kind}</p>",
            last + 1,
            self.number,
            escape(by),
        );
    }

    /// The arrows to all to whom it comes, and the points where they end.
    fn lines(&mut self, from: usize, ends: &[usize], (first, last): (usize, usize)) {
        self.out.push_str("<div class=\"arrows\" aria-hidden=\"true\">");
        if first != last {
            self.line((first, last), "");
        }
        let _ = write!(self.out, "<i class=\"dot\" style=\"--at:{from}\"></i>");
        for end in ends {
            if *end == from {
                let _ = write!(self.out, "<i class=\"loop\" style=\"--at:{end}\"></i>");
            } else {
                self.head(from, *end);
            }
        }
        self.out.push_str("</div>");
    }

    fn line(&mut self, (one, other): (usize, usize), class: &str) {
        let (first, last) = (one.min(other), one.max(other));
        let span = last - first + 1;
        let _ = write!(
            self.out,
            "<i class=\"line {class}\" style=\"--first:{first};--last:{};--span:{span}\"></i>",
            last + 1
        );
    }

    fn head(&mut self, from: usize, to: usize) {
        let way = if to > from { "right" } else { "left" };
        let _ = write!(self.out, "<i class=\"head {way}\" style=\"--at:{to}\"></i>");
    }

    /// What each subscription does with an event.
    fn handlers(&mut self, to: &[Receiver]) {
        let catalog = self.page.catalog();
        for one in to {
            let mut text = String::new();
            for (at, subscription) in flows::subscriptions(catalog, one).enumerate() {
                let does = one.does.as_ref().filter(|_| at == 0).or(subscription.summary.as_ref());
                let does = does.map(|does| self.page.inline(does)).unwrap_or_default();
                let place = self.page.anchored("subscription", &subscription.durable);
                let shown = name(&subscription.name);
                let _ = write!(text, "<a href=\"{place}\">{shown}</a><small>{does}</small>");
            }
            self.work(self.column(&one.service), &one.service, &text);
        }
    }

    fn work(&mut self, at: usize, who: &str, html: &str) {
        let _ = write!(
            self.out,
            "<div class=\"work\" style=\"--at:{at}\"><b class=\"who\">{}</b> {html}</div>",
            escape(who)
        );
    }

    /// From 1, as CSS counts.
    fn column(&self, who: &str) -> usize {
        self.columns.iter().position(|one| *one == who).map_or(1, |at| at + 1)
    }
}

fn values(with: &[KnownValue]) -> String {
    with.iter().fold(String::new(), |mut out, known| {
        let _ = write!(
            out,
            " <span class=\"value\">{}: <b>{}</b></span>",
            escape(&known.property),
            escape(&flows::value(known))
        );
        out
    })
}
