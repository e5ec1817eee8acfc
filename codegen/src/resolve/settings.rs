//! How deliveries are handled: what holds where nothing is said, the catalog's defaults, a subscription's own words.

use std::time::Duration;

use super::Context;
use crate::codes;
use crate::model::{Alerts, Breaker, Places, Retention, Retry, Start};
use crate::syntax::{
    AlertSettings, BreakerEntry, Defaults, IdempotentEntry, RetryEntry, ServiceFile,
    SubscriptionEntry, SubscriptionSettings,
};

/// What holds where the catalog says nothing.
const BREAKER: Breaker = Breaker { failures: 10, pause: Duration::from_secs(1) };

/// More than the server's own 1000: of these an instance fetches a quarter ahead, and at full speed a thousand are worthwhile.
const MAX_ACK_PENDING: u32 = 4000;

/// So many events wait before an operator is told, where the catalog says nothing.
const LAG: u32 = 1000;

/// How deliveries are handled: the defaults, then the subscription's own settings.
pub(super) struct Settings {
    pub(super) concurrency: u32,
    pub(super) ordered_by_key: bool,
    pub(super) ack_wait: Duration,
    pub(super) handler_timeout: Duration,
    pub(super) max_ack_pending: u32,
    pub(super) start: Start,
    pub(super) breaker: Option<Breaker>,
    pub(super) idempotent: bool,
    pub(super) retention: Option<Retention>,
    pub(super) alerts: Alerts,
}

impl Settings {
    pub(super) fn new(
        defaults: Option<&Defaults>,
        entry: &SubscriptionEntry,
        places: &mut Places,
    ) -> Self {
        let mut settings = Self {
            concurrency: 16,
            ordered_by_key: false,
            ack_wait: Duration::from_secs(30),
            handler_timeout: Duration::from_secs(20),
            max_ack_pending: MAX_ACK_PENDING,
            start: Start::All,
            breaker: Some(BREAKER),
            idempotent: false,
            retention: None,
            alerts: Alerts { lag: Some(LAG), handler_p95: None },
        };
        let default = defaults.and_then(|defaults| defaults.subscription.as_ref());
        for layer in default.cloned().into_iter().chain([entry.settings()]) {
            settings.apply(&layer, places);
        }
        if places.get("alerts/handler_p95").is_none() {
            settings.alerts.handler_p95 = Some(settings.handler_timeout * 4 / 5);
        }
        settings
    }

    fn apply(&mut self, layer: &SubscriptionSettings, places: &mut Places) {
        if let Some(concurrency) = &layer.concurrency {
            self.concurrency = concurrency.value.0;
            places.set("concurrency", concurrency.span);
        }
        if let Some(ordered) = &layer.ordered_by_key {
            self.ordered_by_key = ordered.value;
            places.set("ordered_by_key", ordered.span);
        }
        if let Some(ack_wait) = &layer.ack_wait {
            self.ack_wait = ack_wait.value;
            places.set("ack_wait", ack_wait.span);
        }
        if let Some(timeout) = &layer.handler_timeout {
            self.handler_timeout = timeout.value;
            places.set("handler_timeout", timeout.span);
        }
        if let Some(pending) = &layer.max_ack_pending {
            self.max_ack_pending = pending.value.0;
            places.set("max_ack_pending", pending.span);
        }
        if let Some(start) = &layer.start {
            self.start = start.value;
            places.set("start", start.span);
        }
        if let Some(breaker) = &layer.breaker {
            places.set("breaker", breaker.span);
            self.breaker = match &breaker.value {
                BreakerEntry::Off => None,
                BreakerEntry::On(settings) => {
                    let base = self.breaker.unwrap_or(BREAKER);
                    if let Some(failures) = &settings.failures {
                        places.set("breaker/failures", failures.span);
                    }
                    if let Some(pause) = &settings.pause {
                        places.set("breaker/pause", pause.span);
                    }
                    Some(Breaker {
                        failures: settings.failures.as_ref().map_or(base.failures, |it| it.value.0),
                        pause: settings.pause.as_ref().map_or(base.pause, |it| it.value),
                    })
                }
            };
        }
        if let Some(idempotent) = &layer.idempotent {
            places.set("idempotent", idempotent.span);
            self.idempotent = match &idempotent.value {
                IdempotentEntry::Is(is) => *is,
                IdempotentEntry::With(settings) => {
                    if let Some(retention) = &settings.retention {
                        places.set("idempotent/retention", retention.span);
                        self.retention = Some(Retention(retention.value.0));
                    }
                    true
                }
            };
        }
        if let Some(alerts) = &layer.alerts {
            self.alert(alerts, places);
        }
    }

    fn alert(&mut self, layer: &AlertSettings, places: &mut Places) {
        if let Some(lag) = &layer.lag {
            self.alerts.lag = lag.value.0.map(|count| count.0);
            places.set("alerts/lag", lag.span);
        }
        if let Some(p95) = &layer.handler_p95 {
            self.alerts.handler_p95 = p95.value.0;
            places.set("alerts/handler_p95", p95.span);
        }
    }
}

/// Whether a service checks what it sends.
pub(super) fn validates_sent(defaults: Option<&Defaults>, file: &ServiceFile) -> bool {
    let default = defaults.and_then(|defaults| defaults.validate.as_ref()?.publish.as_ref());
    file.validate.as_ref().or(default).is_none_or(|validate| validate.value)
}

/// Whether a subscription checks what it receives.
pub(super) fn validates_received(
    defaults: Option<&Defaults>,
    entry: &SubscriptionEntry,
    places: &mut Places,
) -> bool {
    let default = defaults.and_then(|defaults| defaults.validate.as_ref()?.consume.as_ref());
    let Some(validate) = entry.validate.as_ref().or(default) else { return false };
    places.set("validate", validate.span);
    validate.value
}

impl SubscriptionEntry {
    fn settings(&self) -> SubscriptionSettings {
        SubscriptionSettings {
            concurrency: self.concurrency.clone(),
            ordered_by_key: self.ordered_by_key.clone(),
            ack_wait: self.ack_wait.clone(),
            handler_timeout: self.handler_timeout.clone(),
            max_ack_pending: self.max_ack_pending.clone(),
            start: self.start.clone(),
            breaker: self.breaker.clone(),
            idempotent: self.idempotent.clone(),
            alerts: self.alerts.clone(),
        }
    }
}

impl Context<'_> {
    pub(super) fn retry(
        &mut self,
        defaults: Option<&Defaults>,
        own: Option<&RetryEntry>,
        places: &mut Places,
    ) -> Retry {
        let mut retry = Retry {
            attempts: 4,
            backoff: [1, 2, 4].map(Duration::from_secs).to_vec(),
            jitter: 0.2,
        };
        let default = defaults.and_then(|defaults| defaults.retry.as_ref());
        for layer in default.into_iter().chain(own) {
            if let Some(attempts) = &layer.attempts {
                retry.attempts = attempts.value.0;
                places.set("attempts", attempts.span);
            }
            if let Some(jitter) = &layer.jitter {
                retry.jitter = jitter.value.0;
                places.set("jitter", jitter.span);
            }
            let Some(backoff) = &layer.backoff else { continue };
            places.set("backoff", backoff.span);
            if !backoff.value.is_empty() {
                retry.backoff = backoff.value.iter().map(|delay| delay.value).collect();
            } else if !self.has_error_within(backoff.span) {
                self.found.push(
                    codes::EMPTY_BACKOFF.at(backoff.span, "`backoff` has no delay").help(
                        "write at least one, such as `[1s]`; `attempts: 1` turns retries off",
                    ),
                );
            }
        }
        retry
    }
}
