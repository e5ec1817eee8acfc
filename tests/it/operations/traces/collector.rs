//! A collector of OpenTelemetry that keeps what it is sent.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::routing::post;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message as _;

/// What a collector has received.
#[derive(Clone, Default)]
pub(super) struct Received {
    pub(super) spans: Arc<Mutex<Vec<Span>>>,
    pub(super) metrics: Arc<Mutex<BTreeSet<String>>>,
}

/// A collector, and where it listens.
pub(super) async fn collector() -> (Received, String) {
    let received = Received::default();
    let router = Router::new()
        .route("/v1/traces", post(traces))
        .route("/v1/metrics", post(figures))
        .with_state(received.clone());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move { axum::serve(listener, router).await });
    (received, format!("http://{address}"))
}

async fn traces(State(received): State<Received>, body: Bytes) {
    let request = ExportTraceServiceRequest::decode(body).expect("spans");
    let scopes = request.resource_spans.into_iter().flat_map(|resource| resource.scope_spans);
    received.spans.lock().expect("alive").extend(scopes.flat_map(|scope| scope.spans));
}

async fn figures(State(received): State<Received>, body: Bytes) {
    let request = ExportMetricsServiceRequest::decode(body).expect("metrics");
    let scopes = request.resource_metrics.into_iter().flat_map(|resource| resource.scope_metrics);
    let names = scopes.flat_map(|scope| scope.metrics).map(|metric| metric.name);
    received.metrics.lock().expect("alive").extend(names);
}
