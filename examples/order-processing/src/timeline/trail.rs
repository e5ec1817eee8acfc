use std::fmt;

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
                id: envelope.id.clone(),
                event_type: envelope.event_type.clone(),
                correlation: envelope.correlation_id.clone(),
                cause: envelope.causation_id.clone(),
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

    fn branch(&self, f: &mut fmt::Formatter<'_>, step: &Step, indent: usize) -> fmt::Result {
        let room = 36_usize.saturating_sub(indent);
        let suffix = step.id.split_once('.').map_or("", |(_, suffix)| suffix);
        let line = format!("{:indent$}{:<room$}{suffix}", "", step.event_type);
        writeln!(f, "    {}", line.trim_end())?;
        let correlation = step.correlation.as_deref();
        self.caused(correlation, Some(&step.id))
            .try_for_each(|next| self.branch(f, next, indent + 2))
    }
}

/// Chain by chain, each event below the one that led to it.
impl fmt::Display for Trail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut told: Vec<Option<&str>> = Vec::new();
        for first in &self.0 {
            let correlation = first.correlation.as_deref();
            if told.contains(&correlation) {
                continue;
            }
            told.push(correlation);
            let order = short(first.order_id);
            writeln!(f, "  {order}  correlation id {}", correlation.unwrap_or("missing"))?;
            self.caused(correlation, None).try_for_each(|step| self.branch(f, step, 0))?;
        }
        Ok(())
    }
}
