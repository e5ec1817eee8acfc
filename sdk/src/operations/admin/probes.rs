//! What orchestrators and Prometheus ask.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::Shared;
use super::problem::Problem;

/// Prometheus' text format.
const TEXT: &str = "text/plain; version=0.0.4; charset=utf-8";

pub(super) async fn alive(State(shared): State<Arc<Shared>>) -> Response {
    if shared.health.is_alive() {
        (StatusCode::OK, Json(json!({ "status": "ok" }))).into_response()
    } else {
        let problem = "the connection to the broker is closed for good";
        let body = Json(json!({ "status": "failing", "problems": [problem] }));
        (StatusCode::SERVICE_UNAVAILABLE, body).into_response()
    }
}

pub(super) async fn ready(State(shared): State<Arc<Shared>>) -> Response {
    let report = shared.health.check().await;
    let status = if report.is_ok() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, [(CACHE_CONTROL, "no-store")], Json(report)).into_response()
}

pub(super) async fn figures(State(shared): State<Arc<Shared>>) -> Response {
    match &shared.metrics {
        Some(render) => ([(CONTENT_TYPE, TEXT)], render()).into_response(),
        None => {
            let words = "this service exposes no metrics: it gives them to `Admin::metrics`";
            Problem::new(StatusCode::NOT_FOUND, words).into_response()
        }
    }
}
