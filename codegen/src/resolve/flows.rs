//! Flows: who does each step is looked up, and what a flow says otherwise than the services is found.

use std::collections::BTreeMap;

use super::{Context, names};
use crate::codes;
use crate::diagnostic::{Diagnostic, Severity};
use crate::model::{
    Alternative, Event, EventId, Example, Flow, FlowStep, Happening, KnownValue, Receiver, Service,
};
use crate::source::Span;
use crate::subject::covers;
use crate::syntax::{
    EventType, FlowFile, Name, ReceiversEntry, Spanned, StepEntry, StepSettings, Text, closest,
    list,
};

type Events = BTreeMap<EventId, Event>;
type Services = BTreeMap<String, Service>;

struct Resolver<'r, 'c> {
    events: &'r Events,
    services: &'r Services,
    /// Whether all that flows are measured by was understood: a service that could not be read sends and receives nothing.
    is_understood: bool,
    cx: &'r mut Context<'c>,
}

pub(super) fn resolve(
    files: &[FlowFile],
    events: &Events,
    services: &Services,
    cx: &mut Context<'_>,
) -> BTreeMap<String, Flow> {
    let of_flow =
        |one: &&Diagnostic| files.iter().any(|file| file.flow.span.file == one.span().file);
    let mut errors = cx.found.iter().filter(|one| one.severity == Severity::Error);
    // A catalog may say that it wants to hear nothing of this one, and it hides nothing.
    let is_understood = errors.all(|one| one.code == codes::SLOW_PATTERN.id || of_flow(&one));
    let named = cx.by_name("flow", files, |file| (&file.flow.value.0, file.flow.span));
    let mut resolver = Resolver { events, services, is_understood, cx };
    named.into_iter().map(|(name, file)| (name, resolver.flow(file))).collect()
}

/// Services that take a side in a step, each with what it does in words.
type Sides<'s> = Vec<(&'s str, Span, Option<String>)>;

impl<'r> Resolver<'r, '_> {
    fn flow(&mut self, file: &FlowFile) -> Flow {
        Flow {
            span: file.flow.span,
            name: file.flow.value.0.clone(),
            summary: names::text(file.summary.as_ref()),
            description: names::text(file.description.as_ref()),
            steps: self.steps(&file.steps, "the flow"),
        }
    }

    fn steps(&mut self, entries: &Spanned<Vec<StepEntry>>, what: &str) -> Vec<FlowStep> {
        if entries.value.is_empty() && !self.cx.has_error_within(entries.span) {
            self.cx.found.push(
                codes::FLOW_EMPTY
                    .at(entries.span, format!("{what} has no steps"))
                    .help("write the type of an event, such as `- orders.order.created`"),
            );
        }
        entries.value.iter().filter_map(|entry| self.step(entry)).collect()
    }

    fn step(&mut self, entry: &StepEntry) -> Option<FlowStep> {
        let (span, step) = match entry {
            StepEntry::Event(event) => {
                let what = self.event(event, None)?;
                return Some(FlowStep { span: event.span, when: None, what });
            }
            StepEntry::Step(step) => (step.span, &step.value),
        };
        let (span, what) = match step {
            StepSettings { event: Some(event), .. } => (event.span, self.event(event, Some(step))?),
            StepSettings { message: Some(subject), .. } => {
                let named = (subject.value.0.as_str(), subject.span);
                (subject.span, self.message(named, step)?)
            }
            StepSettings { request: Some(subject), .. } => {
                let named = (subject.value.0.as_str(), subject.span);
                (subject.span, self.request(named, step)?)
            }
            StepSettings { dead_letter: Some(event), .. } => {
                (event.span, self.dead_letter(event, step)?)
            }
            StepSettings { alt: Some(ways), .. } => {
                if ways.entries.is_empty() && ways.whole {
                    self.cx.found.push(
                        codes::FLOW_EMPTY
                            .at(ways.span, "there is no way on here")
                            .help("write when, and the steps: `alt: { the card pays: [ … ] }`"),
                    );
                }
                let ways = ways.entries.iter().filter_map(|(when, steps)| {
                    let steps = self.steps(steps.as_ref()?, "this alternative");
                    Some(Alternative { span: when.span, when: when.value.0.clone(), steps })
                });
                (span, Happening::Alternatives(ways.collect()))
            }
            // Its kind could not be read, which was reported.
            _ => return None,
        };
        Some(FlowStep { span, when: names::text(step.when.as_ref()), what })
    }

    fn event(
        &mut self,
        event: &Spanned<EventType>,
        step: Option<&StepSettings>,
    ) -> Option<Happening> {
        let (id, span) = (event.value.0.as_str(), event.span);
        let Some(found) = self.events.get(id) else {
            self.cx.no_event(id, span, self.events);
            return None;
        };
        let sends = |service: &Service| service.publishes.iter().any(|sent| sent.event == id);
        let by = step.and_then(|step| step.by.as_ref());
        let does = Does {
            verb: "publishes",
            way_out: "let a service publish it, by `publishes` in its file",
        };
        let by = self.one(id, span, by.map(|by| (by.value.0.as_str(), by.span)), &does, sends)?;
        let by = self.services.get(by)?;
        let published = by.publishes.iter().filter(|sent| sent.event == id);
        let published = published.max_by_key(|sent| sent.major)?;
        let receives = |service: &Service| !subscriptions(service, id).is_empty();
        let does = Does { verb: "receives", way_out: "let a subscription receive it, by `events`" };
        let to = self.receivers(id, step, &does, receives)?;
        let with = step.and_then(|step| step.with.as_ref());
        let with = with.into_iter().flat_map(|with| &with.0).map(|(name, value)| KnownValue {
            span: name.span,
            property: name.value.0.clone(),
            value: Example::of(value),
        });
        Some(Happening::Event {
            event: found.id.clone(),
            major: published.major,
            by: by.name.clone(),
            to,
            with: with.collect(),
        })
    }

    fn message(&mut self, (subject, span): (&str, Span), step: &StepSettings) -> Option<Happening> {
        let (by, to) = self.without_stream(
            (subject, span),
            step,
            &Does {
                verb: "listens to",
                way_out: "let a service listen, by `core.subscribe` in its file",
            },
            |service| service.core.subscribe.keys().any(|heard| covers(heard, subject)),
        )?;
        Some(Happening::Message { subject: subject.to_owned(), by, to })
    }

    fn request(&mut self, (subject, span): (&str, Span), step: &StepSettings) -> Option<Happening> {
        let does = Does {
            verb: "answers on",
            way_out: "let a service answer, by `core.answer` in its file",
        };
        let answers = |service: &Service| {
            service.core.answer.keys().any(|answered| covers(answered, subject))
        };
        let (by, to) = self.without_stream((subject, span), step, &does, answers)?;
        if to.is_empty() {
            self.nobody(subject, span, &does);
            return None;
        }
        Some(Happening::Request { subject: subject.to_owned(), by, to })
    }

    fn without_stream(
        &mut self,
        (subject, span): (&str, Span),
        step: &StepSettings,
        hears: &Does,
        is_heard_by: impl Fn(&Service) -> bool,
    ) -> Option<(String, Vec<Receiver>)> {
        let by = step.by.as_ref().map(|by| (by.value.0.as_str(), by.span));
        let does = Does {
            verb: "sends to",
            way_out: "let a service send there, by `core.publish` in its file",
        };
        let sends =
            |service: &Service| service.core.publish.keys().any(|sent| covers(sent, subject));
        let by = self.one(subject, span, by, &does, sends)?.to_owned();
        let to = self.receivers(subject, Some(step), hears, is_heard_by)?;
        Some((by, to))
    }

    fn dead_letter(
        &mut self,
        event: &Spanned<EventType>,
        step: &StepSettings,
    ) -> Option<Happening> {
        let (id, span) = (event.value.0.as_str(), event.span);
        if !self.events.contains_key(id) {
            self.cx.no_event(id, span, self.events);
            return None;
        }
        let by = step.by.as_ref().map(|by| (by.value.0.as_str(), by.span));
        let does = Does { verb: "receives", way_out: "let a subscription receive it, by `events`" };
        let receives = |service: &Service| !subscriptions(service, id).is_empty();
        let by = self.one(id, span, by, &does, receives)?;
        let mut by = self.receiver(by, id, None);
        self.giving_up(&mut by, step.r#in.as_ref(), (id, span))?;
        Some(Happening::DeadLetter { event: id.to_owned(), by })
    }

    /// Leaves the one subscription that gives an event up.
    fn giving_up(
        &mut self,
        by: &mut Receiver,
        named: Option<&Spanned<Name>>,
        (event, span): (&str, Span),
    ) -> Option<()> {
        let finding = match (named, by.subscriptions.as_slice()) {
            (None, [_]) => return Some(()),
            (None, several) => codes::FLOW_SERVICE
                .at(
                    span,
                    format!(
                        "{} subscriptions of `{}` receive `{event}`: which gives it up?",
                        several.len(),
                        by.service
                    ),
                )
                .help(format!("say which with `in:`: {}", list(several))),
            (Some(named), receiving) => {
                let name = &named.value.0;
                if receiving.contains(name) {
                    by.subscriptions = vec![name.clone()];
                    return Some(());
                }
                codes::FLOW_SERVICE
                    .at(
                        named.span,
                        format!("`{}` receives `{event}` in no subscription `{name}`", by.service),
                    )
                    .help(format!("it does in {}", list(receiving)))
            }
        };
        if self.is_understood {
            self.cx.found.push(finding);
        }
        None
    }

    /// The one service that does something: the named one, or the only one of the catalog.
    fn one(
        &mut self,
        what: &str,
        span: Span,
        by: Option<(&str, Span)>,
        does: &Does,
        is_it: impl Fn(&Service) -> bool,
    ) -> Option<&'r str> {
        let services = self.services;
        if let Some((name, span)) = by {
            let Some(service) = services.get(name) else {
                self.cx.no_service(name, span, services);
                return None;
            };
            if !is_it(service) {
                self.is_none(service, span, what, does, &is_it);
                return None;
            }
            return Some(&service.name);
        }
        let doing: Vec<&str> = doing(services, is_it);
        match doing.as_slice() {
            [one] => Some(one),
            [] => {
                self.nobody(what, span, does);
                None
            }
            several => {
                if self.is_understood {
                    let message =
                        format!("{} services do: who {} `{what}` here?", several.len(), does.verb);
                    self.cx.found.push(
                        codes::FLOW_SERVICE
                            .at(span, message)
                            .help(format!("say which with `by:`: {}", list(several))),
                    );
                }
                None
            }
        }
    }

    /// The services to which something comes: the named ones, or all of the catalog.
    fn receivers(
        &mut self,
        what: &str,
        step: Option<&StepSettings>,
        does: &Does,
        is_one: impl Fn(&Service) -> bool,
    ) -> Option<Vec<Receiver>> {
        let Some(to) = step.and_then(|step| step.to.as_ref()) else {
            let all = doing(self.services, is_one);
            return Some(all.into_iter().map(|name| self.receiver(name, what, None)).collect());
        };
        let named: Sides<'_> = match &to.value {
            ReceiversEntry::Services(services) => {
                services.value.iter().map(|one| (one.value.0.as_str(), one.span, None)).collect()
            }
            ReceiversEntry::Doing(entries) => {
                let words = |words: &Spanned<Text>| words.value.0.clone();
                let entries = entries.entries.iter();
                entries
                    .map(|(name, does)| {
                        (name.value.0.as_str(), name.span, does.as_ref().map(words))
                    })
                    .collect()
            }
        };
        if named.is_empty() && !self.cx.has_error_within(to.span) {
            self.cx.found.push(
                codes::FLOW_EMPTY
                    .at(to.span, "this comes to nobody")
                    .help("name the services that matter here, or leave `to` out for all"),
            );
        }
        let mut receivers: Vec<Receiver> = Vec::new();
        for (name, span, words) in named {
            let Some(service) = self.services.get(name) else {
                self.cx.no_service(name, span, self.services);
                continue;
            };
            if !is_one(service) {
                self.is_none(service, span, what, does, &is_one);
            } else if receivers.iter().all(|other| other.service != name) {
                receivers.push(self.receiver(name, what, words));
            }
        }
        Some(receivers)
    }

    fn receiver(&self, service: &str, event: &str, does: Option<String>) -> Receiver {
        let found = self.services.get(service);
        let subscriptions = found.map(|found| subscriptions(found, event)).unwrap_or_default();
        Receiver { service: service.to_owned(), subscriptions, does }
    }

    /// Reports that the catalog has no service that does this.
    fn nobody(&mut self, what: &str, span: Span, does: &Does) {
        if self.is_understood {
            self.cx.found.push(
                codes::FLOW_SERVICE
                    .at(span, format!("nobody {} `{what}`", does.verb))
                    .help(does.way_out),
            );
        }
    }

    /// Reports that a service does not do this.
    fn is_none(
        &mut self,
        service: &Service,
        span: Span,
        what: &str,
        does: &Does,
        is_it: &impl Fn(&Service) -> bool,
    ) {
        if !self.is_understood {
            return;
        }
        let name = &service.name;
        let doing = doing(self.services, is_it);
        let finding = codes::FLOW_SERVICE
            .at(span, format!("`{name}` is none that {} `{what}`", does.verb))
            .and(service.span, "its file");
        let meant = closest(name, doing.iter().copied());
        self.cx.found.push(match (meant, doing.as_slice()) {
            (Some(meant), _) => finding.labelled(format!("did you mean `{meant}`?")),
            (None, []) => finding.help(format!("nobody does: {}", does.way_out)),
            (None, [one]) => finding.help(format!("`{one}` does")),
            (None, doing) => finding.help(format!("{} do", list(doing))),
        });
    }
}

/// What a service has to do to stand where it stands.
struct Does {
    verb: &'static str,
    /// What of the catalog says that it does.
    way_out: &'static str,
}

/// The names of the services that do something.
fn doing(services: &Services, is_it: impl Fn(&Service) -> bool) -> Vec<&str> {
    services.values().filter(|service| is_it(service)).map(|one| one.name.as_str()).collect()
}

/// The names of a service's subscriptions that receive an event.
fn subscriptions(service: &Service, event: &str) -> Vec<String> {
    let subscriptions = service.subscriptions.values();
    let receiving =
        subscriptions.filter(|one| one.events.iter().any(|received| received.event == event));
    receiving.map(|one| one.name.clone()).collect()
}
