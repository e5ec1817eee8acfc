use super::Event;
use crate::source::Span;

/// Things whose state is made of their events.
#[derive(Debug)]
pub struct Aggregate {
    /// Its name in its domain's file.
    pub span: Span,
    /// Its name: the second token of its events' types.
    pub name: String,
    /// Its domain.
    pub domain: String,
    /// A line for people.
    pub summary: Option<String>,
    /// The property of its events that tells which one it is.
    pub id: String,
    /// Where that is written.
    pub id_span: Span,
}

impl Aggregate {
    /// What the types and the subjects of its events begin with: `orders.order`.
    pub fn prefix(&self) -> String {
        format!("{}.{}", self.domain, self.name)
    }

    /// Where the events of one of them lie: `orders.order.{order_id}.>`.
    pub fn template(&self) -> String {
        format!("{}.{{{}}}.>", self.prefix(), self.id)
    }

    /// What matches the subjects of the events of all of them: `orders.order.*.>`.
    pub fn filter(&self) -> String {
        format!("{}.*.>", self.prefix())
    }

    /// Whether an event is one of its.
    pub fn has(&self, event: &Event) -> bool {
        event.id.strip_prefix(&self.prefix()).is_some_and(|rest| rest.starts_with('.'))
    }
}
