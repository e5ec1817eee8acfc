use std::sync::Arc;

use crate::Tidings;
use crate::envelope::ContentMode;
use crate::event::ServiceSpec;

/// Where events come from: everything in their envelopes that is not the event's own.
#[derive(Clone, Debug)]
pub(crate) struct Origin {
    pub(crate) bus: Tidings,
    pub(crate) service: &'static ServiceSpec,
    pub(crate) organization: Option<Arc<str>>,
    pub(crate) correlation_id: Option<Arc<str>>,
    pub(crate) causation_id: Option<Arc<str>>,
    pub(crate) trace_parent: Option<Arc<str>>,
    pub(crate) mode: ContentMode,
}

impl Origin {
    pub(crate) fn new(bus: Tidings, service: &'static ServiceSpec) -> Self {
        Self {
            bus,
            service,
            organization: None,
            correlation_id: None,
            causation_id: None,
            trace_parent: None,
            mode: ContentMode::default(),
        }
    }
}
