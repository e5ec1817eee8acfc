use tidings::{Envelope, Uuid};

use super::short;

/// The events that were handled, in the order in which they were first seen.
#[derive(Default)]
pub(crate) struct Trail(Vec<Step>);

struct Step {
    order_id: Uuid,
    id: String,
    event_type: String,
    correlation: Option<String>,
    cause: Option<String>,
}

impl Trail {
    /// Remembers an event; several subscriptions may hear of it, and each may be tried again.
    pub(crate) fn record(&mut self, order_id: Uuid, envelope: &Envelope) {
        if self.0.iter().all(|step| step.id != envelope.id) {
            self.0.push(Step {
                order_id,
                id: envelope.id.to_string(),
                event_type: envelope.event_type.to_string(),
                correlation: envelope.correlation_id.as_deref().map(str::to_owned),
                cause: envelope.causation_id.as_deref().map(str::to_owned),
            });
        }
    }

    /// The events of one chain that one event, or none of the chain, led to.
    fn caused<'a>(
        &'a self,
        correlation: Option<&'a str>,
        cause: Option<&'a str>,
    ) -> impl Iterator<Item = &'a Step> {
        self.0.iter().filter(move |step| {
            step.correlation.as_deref() == correlation && step.cause.as_deref() == cause
        })
    }

    /// Chain by chain, each event below the one that led to it.
    pub(crate) fn of(&self, orders: &[Uuid]) -> String {
        let mut text = String::new();
        let mut told: Vec<Option<&str>> = Vec::new();
        for first in self.0.iter().filter(|step| orders.contains(&step.order_id)) {
            let correlation = first.correlation.as_deref();
            if told.contains(&correlation) {
                continue;
            }
            told.push(correlation);
            let order = short(first.order_id);
            text += &format!("  {order}  correlation id {}\n", correlation.unwrap_or("missing"));
            self.caused(correlation, None).for_each(|step| self.branch(&mut text, step, 0));
        }
        text
    }

    fn branch(&self, text: &mut String, step: &Step, indent: usize) {
        let room = 36_usize.saturating_sub(indent);
        let suffix = step.id.split_once('.').map_or("", |(_, suffix)| suffix);
        let line = format!("    {:indent$}{:<room$}{suffix}", "", step.event_type);
        *text += line.trim_end();
        text.push('\n');
        let correlation = step.correlation.as_deref();
        self.caused(correlation, Some(&step.id))
            .for_each(|next| self.branch(text, next, indent + 2));
    }
}
