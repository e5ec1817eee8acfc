//! Traces and messaging metrics to an OpenTelemetry collector, over HTTP (`http/protobuf`).
//!
//! ```no_run
//! use tracing_subscriber::prelude::*;
//!
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! let otlp = tidings::otlp::Otlp::from_env("order-processing")?;
//! tracing_subscriber::registry().with(otlp.layer()).with(tracing_subscriber::fmt::layer()).init();
//! // … connect, publish, run …
//! otlp.shutdown().await; // what is not sent yet is sent
//! # Ok(())
//! # }
//! ```
//!
//! Where to, how often and what else goes along is said by OpenTelemetry's own variables: `OTEL_EXPORTER_OTLP_ENDPOINT`
//! (`http://localhost:4318` by default), `OTEL_EXPORTER_OTLP_HEADERS`, `OTEL_SERVICE_NAME`, `OTEL_RESOURCE_ATTRIBUTES`,
//! `OTEL_TRACES_SAMPLER`, `OTEL_BSP_SCHEDULE_DELAY`, `OTEL_METRIC_EXPORT_INTERVAL`, and `OTEL_SDK_DISABLED=true` for nothing at
//! all. Certificates of `https` collectors are checked against the system's authorities.

use std::io;
use std::time::Duration;

use async_trait::async_trait;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use opentelemetry::global;
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_http::hyper::HyperClient;
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use opentelemetry_otlp::{
    ExporterBuildError, MetricExporter, SpanExporter, WithExportConfig as _, WithHttpConfig as _,
};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::metrics::SdkMeterProvider;
use opentelemetry_sdk::trace::{Config, SdkTracerProvider, ShouldSample};
use tokio::runtime::Handle;
use tracing::Subscriber;
use tracing_subscriber::Layer;
use tracing_subscriber::registry::LookupSpan;

use super::traces::sampling::{Ids, Sampling};

/// How long one request to the collector may take.
const REQUEST: Duration = Duration::from_secs(10);

/// What this process tells an OpenTelemetry collector; see [the module](self).
///
/// To a collector that no variable names:
///
/// ```no_run
/// use tidings::otlp::Otlp;
/// use tracing_subscriber::prelude::*;
///
/// # async fn example() -> Result<(), tidings::otlp::OtlpError> {
/// let otlp = Otlp::to("billing", "http://collector:4318")?; // else `Otlp::from_env("billing")`
/// tracing_subscriber::registry().with(otlp.layer()).init();
/// otlp.shutdown().await; // at the end: what is not sent yet is sent
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Otlp {
    /// None where it is disabled.
    sending: Option<Sending>,
}

#[derive(Debug)]
struct Sending {
    traces: SdkTracerProvider,
    /// Which of them.
    sampler: Box<dyn ShouldSample>,
    metrics: SdkMeterProvider,
}

/// Nothing can be sent to a collector.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OtlpError {
    /// There is no tokio runtime, which sending takes.
    #[error("traces are sent by a tokio runtime: call this within one")]
    NoRuntime,
    /// The system's certificate authorities cannot be read.
    #[error("the system's certificate authorities cannot be read")]
    Certificates(#[source] io::Error),
    /// A variable says something that cannot be meant.
    #[error("the exporter cannot be set up from the OTEL_EXPORTER_OTLP variables")]
    Exporter(#[from] ExporterBuildError),
}

impl Otlp {
    /// Sets up what the `OTEL_` variables say. The name is the service's, unless `OTEL_SERVICE_NAME` gives it another. Metrics
    /// go to the collector from now on; traces once the [layer](Self::layer) is installed.
    ///
    /// Within a tokio runtime that lives as long as the process, and before anything is published or run.
    ///
    /// # Errors
    /// See [`OtlpError`]. That no collector answers is none: it may come later.
    pub fn from_env(service: impl Into<String>) -> Result<Self, OtlpError> {
        Self::set_up(service.into(), None)
    }

    /// The same, with a collector that is given: `http://collector:4318`. What the variables say of it says nothing then.
    ///
    /// # Errors
    /// As of [`from_env`](Self::from_env).
    pub fn to(service: impl Into<String>, collector: &str) -> Result<Self, OtlpError> {
        Self::set_up(service.into(), Some(collector.trim_end_matches('/')))
    }

    fn set_up(service: String, collector: Option<&str>) -> Result<Self, OtlpError> {
        let disabled = std::env::var("OTEL_SDK_DISABLED");
        if disabled.is_ok_and(|word| word.eq_ignore_ascii_case("true")) {
            return Ok(Self { sending: None });
        }
        let client = Client::new()?;
        let resource = resource(service);
        let mut spans = SpanExporter::builder().with_http().with_http_client(client.clone());
        let mut metrics = MetricExporter::builder().with_http().with_http_client(client);
        if let Some(collector) = collector {
            spans = spans.with_endpoint(format!("{collector}/v1/traces"));
            metrics = metrics.with_endpoint(format!("{collector}/v1/metrics"));
        }
        let (spans, metrics) = (spans.build()?, metrics.build()?);
        // As the provider would read it: by OTEL_TRACES_SAMPLER and OTEL_TRACES_SAMPLER_ARG.
        let sampler = Config::default().sampler;
        let traces = SdkTracerProvider::builder()
            .with_sampler(sampler.clone())
            .with_id_generator(Ids::default())
            .with_batch_exporter(spans)
            .with_resource(resource.clone())
            .build();
        let metrics = SdkMeterProvider::builder()
            .with_periodic_exporter(metrics)
            .with_resource(resource)
            .build();
        global::set_meter_provider(metrics.clone());
        Ok(Self { sending: Some(Sending { traces, sampler, metrics }) })
    }

    /// A layer for `tracing_subscriber::registry()`: what is a span of `tracing` is a span of OpenTelemetry. Spans of what
    /// sends them are left out, and so are the runtime's of what is not sampled.
    pub fn layer<S>(&self) -> impl Layer<S> + Send + Sync + use<S>
    where
        S: Subscriber + for<'span> LookupSpan<'span> + Send + Sync,
    {
        let layer = self.sending.as_ref().map(|sending| {
            tracing_opentelemetry::layer()
                .with_tracer(sending.traces.tracer("tidings"))
                .with_location(false)
                .with_threads(false)
                .with_tracked_inactivity(false)
        });
        let sampler = self.sending.as_ref().map(|sending| sending.sampler.clone());
        layer.with_filter(Sampling::by(sampler))
    }

    /// Sends what is not sent yet, and nothing more.
    pub async fn shutdown(self) {
        let Some(Sending { traces, metrics, .. }) = self.sending else { return };
        // It waits for requests that this runtime makes.
        let ended = tokio::task::spawn_blocking(move || {
            let traces = traces.shutdown();
            traces.and(metrics.shutdown())
        });
        match ended.await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(%error, "not every trace could be sent"),
            Err(error) => tracing::warn!(%error, "not every trace could be sent"),
        }
    }
}

/// The service's name, unless the environment gives another, and what the environment says of the process.
fn resource(service: String) -> Resource {
    let named = std::env::var_os("OTEL_SERVICE_NAME").is_some();
    let builder = Resource::builder();
    if named { builder.build() } else { builder.with_service_name(service).build() }
}

/// Requests of the exporters' own threads, made by the runtime.
#[derive(Clone, Debug)]
struct Client {
    runtime: Handle,
    client: HyperClient<HttpsConnector<HttpConnector>>,
}

impl Client {
    fn new() -> Result<Self, OtlpError> {
        let runtime = Handle::try_current().map_err(|_| OtlpError::NoRuntime)?;
        let connector = HttpsConnectorBuilder::new()
            .with_provider_and_native_roots(rustls::crypto::ring::default_provider())
            .map_err(OtlpError::Certificates)?
            .https_or_http()
            .enable_http1()
            .build();
        Ok(Self { runtime, client: HyperClient::new(connector, REQUEST, None) })
    }
}

#[async_trait]
impl HttpClient for Client {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let client = self.client.clone();
        self.runtime.spawn(async move { client.send_bytes(request).await }).await?
    }
}
