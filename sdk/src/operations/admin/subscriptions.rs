//! How far the catalog's subscriptions are behind.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use futures_util::stream::{self, StreamExt as _};
use serde::Serialize;
use serde_json::{Value, json};

use super::Shared;
use crate::catalog::SubscriptionSpec;
use crate::operations::health::word;

/// Questions to the broker at once.
const AT_ONCE: usize = 8;

#[derive(Serialize)]
struct SubscriptionView {
    service: &'static str,
    subscription: &'static str,
    durable: &'static str,
    stream: &'static str,
    /// Whether it runs in this process.
    runs_here: bool,
    /// None where the broker does not say.
    lag: Option<u64>,
    in_flight: Option<u64>,
    dead_letters: Option<u64>,
    /// Of this process; none where it does not run here, or has no breaker.
    breaker: Option<&'static str>,
    /// Why something is not known.
    problem: Option<String>,
}

/// Those that run here first.
pub(super) async fn list(State(shared): State<Arc<Shared>>) -> Json<Value> {
    let here: Vec<&str> = shared
        .bus
        .attended()
        .iter()
        .filter(|one| one.health.strong_count() > 0)
        .map(|one| one.spec.durable)
        .collect();
    let mut looks = Vec::with_capacity(shared.catalog.subscriptions.len());
    for spec in shared.catalog.subscriptions {
        looks.push(SubscriptionView::of(Arc::clone(&shared), spec, here.contains(&spec.durable)));
    }
    let mut all: Vec<SubscriptionView> = stream::iter(looks).buffered(AT_ONCE).collect().await;
    all.sort_by_key(|one| (!one.runs_here, one.durable));
    Json(json!({ "items": all }))
}

impl SubscriptionView {
    async fn of(shared: Arc<Shared>, spec: &'static SubscriptionSpec, runs_here: bool) -> Self {
        let bus = &shared.bus;
        let (lag, held) = tokio::join!(bus.lag(spec), bus.dead_letters_held(spec));
        let problem = lag.as_ref().err().or(held.as_ref().err()).map(ToString::to_string);
        Self {
            service: spec.service,
            subscription: spec.name,
            durable: spec.durable,
            stream: spec.stream,
            runs_here,
            lag: lag.as_ref().ok().map(|lag| lag.pending),
            in_flight: lag.as_ref().ok().map(|lag| lag.unsettled),
            dead_letters: held.ok(),
            breaker: bus.breaker(spec).map(word),
            problem,
        }
    }
}
