use super::{EventId, Example};
use crate::source::Span;

/// What happens one after the other, as readers want to see it. It is documentation: nothing is generated for it, and nothing
/// of it is a promise.
#[derive(Debug)]
pub struct Flow {
    /// Its name in its file.
    pub span: Span,
    /// Its name: `order_fulfilment`.
    pub name: String,
    /// A line for people.
    pub summary: Option<String>,
    /// Markdown for people.
    pub description: Option<String>,
    /// In the order in which they happen; never empty.
    pub steps: Vec<FlowStep>,
}

/// One step of a [`Flow`].
#[derive(Debug)]
pub struct FlowStep {
    /// Where it is written.
    pub span: Span,
    /// What makes it happen, in words.
    pub when: Option<String>,
    /// What happens.
    pub what: Happening,
}

/// What happens in a [`FlowStep`].
#[derive(Debug)]
pub enum Happening {
    /// A service publishes an event.
    Event {
        /// The event.
        event: EventId,
        /// The major version in which it is published.
        major: u16,
        /// The service that publishes it.
        by: String,
        /// The services that receive it and matter here; none where nobody receives it.
        to: Vec<Receiver>,
        /// Values that matter here.
        with: Vec<KnownValue>,
    },
    /// A service sends something without a stream.
    Message {
        /// The subject, which may have wildcards.
        subject: String,
        /// The service that sends it.
        by: String,
        /// The services that listen and matter here.
        to: Vec<Receiver>,
    },
    /// A service asks something without a stream, and is answered.
    Request {
        /// The subject, which may have wildcards.
        subject: String,
        /// The service that asks.
        by: String,
        /// The services that answer, of which one does.
        to: Vec<Receiver>,
    },
    /// A service gives an event up, which is kept as a dead letter.
    DeadLetter {
        /// The event.
        event: EventId,
        /// The service that could not handle it.
        by: Receiver,
    },
    /// One of several ways on.
    Alternatives(Vec<Alternative>),
}

/// A service to which something comes.
#[derive(Debug)]
pub struct Receiver {
    /// The service.
    pub service: String,
    /// Its subscriptions that receive the event, by name; none of what comes without a stream.
    pub subscriptions: Vec<String>,
    /// What it does then, in words, where the flow says so.
    pub does: Option<String>,
}

/// A value of an event that matters in a step.
#[derive(Debug)]
pub struct KnownValue {
    /// Where the property is named.
    pub span: Span,
    /// The property of the payload.
    pub property: String,
    /// What it is.
    pub value: Example,
}

/// A way on.
#[derive(Debug)]
pub struct Alternative {
    /// Where it is written.
    pub span: Span,
    /// When it is taken, in words.
    pub when: String,
    /// What happens then; never empty.
    pub steps: Vec<FlowStep>,
}

impl Flow {
    /// Every step, those of alternatives among them, in the order of the file.
    pub fn all_steps(&self) -> Vec<&FlowStep> {
        fn collect<'f>(steps: &'f [FlowStep], all: &mut Vec<&'f FlowStep>) {
            for step in steps {
                match &step.what {
                    Happening::Alternatives(ways) => {
                        for way in ways {
                            collect(&way.steps, all);
                        }
                    }
                    _ => all.push(step),
                }
            }
        }
        let mut all = Vec::new();
        collect(&self.steps, &mut all);
        all
    }

    /// The services that take part, in the order in which they come.
    pub fn services(&self) -> Vec<&str> {
        let mut services: Vec<&str> = Vec::new();
        for step in self.all_steps() {
            for service in step.services() {
                if !services.contains(&service) {
                    services.push(service);
                }
            }
        }
        services
    }

    /// Whether an event is published, or given up, in it.
    pub fn has_event(&self, id: &str) -> bool {
        self.all_steps().iter().any(|step| match &step.what {
            Happening::Event { event, .. } | Happening::DeadLetter { event, .. } => event == id,
            _ => false,
        })
    }

    /// Whether a service gives something up in it.
    pub fn has_dead_letter(&self) -> bool {
        let is_one = |step: &&FlowStep| matches!(step.what, Happening::DeadLetter { .. });
        self.all_steps().iter().any(is_one)
    }
}

impl FlowStep {
    /// Who does it, and to whom it comes.
    fn services(&self) -> Vec<&str> {
        match &self.what {
            Happening::Event { by, to, .. }
            | Happening::Message { by, to, .. }
            | Happening::Request { by, to, .. } => {
                let to = to.iter().map(|one| one.service.as_str());
                std::iter::once(by.as_str()).chain(to).collect()
            }
            Happening::DeadLetter { by, .. } => vec![&by.service],
            Happening::Alternatives(_) => Vec::new(),
        }
    }
}
