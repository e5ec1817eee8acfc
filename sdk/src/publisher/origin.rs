use std::sync::Arc;

use super::FollowUps;
use crate::Tidings;
use crate::contract::event::ServiceSpec;
use crate::message::envelope::ContentMode;
use crate::operations::traces::Trace;

/// Where events come from: everything in their envelopes that is not the event's own.
#[derive(Clone, Debug)]
pub(crate) struct Origin {
    pub(crate) bus: Tidings,
    pub(crate) service: &'static ServiceSpec,
    pub(crate) organization: Option<Arc<str>>,
    pub(crate) correlation_id: Option<Arc<str>>,
    pub(crate) causation_id: Option<Arc<str>>,
    /// Set in handlers: the ids of what they publish.
    pub(crate) follow_ups: Option<Arc<FollowUps>>,
    pub(crate) trace: Trace,
    pub(crate) mode: ContentMode,
    /// Set in the handlers of a replay: what followed from its events has been published long ago.
    pub(crate) replays: bool,
}

impl Origin {
    pub(crate) fn new(bus: Tidings, service: &'static ServiceSpec) -> Self {
        Self {
            bus,
            service,
            organization: None,
            correlation_id: None,
            causation_id: None,
            follow_ups: None,
            trace: Trace::default(),
            mode: ContentMode::default(),
            replays: false,
        }
    }
}
