//! OpenTelemetry traces of some orders, from their frame to the broadcast of what they did.
//!
//! Invariant: a trace says how long each step took and which command it was, never whose,
//! in which game, or what was in it. Nothing waits for the collector: what it does not take
//! in time is dropped and counted.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use opentelemetry::trace::{Span as _, TraceContextExt, Tracer as _, TracerProvider as _};
use opentelemetry::{Context, KeyValue};
use opentelemetry_http::hyper::HyperClient;
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response, ResponseExt};
use opentelemetry_otlp::{ExporterBuildError, Protocol, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{SdkTracer, SdkTracerProvider};
use tokio::runtime::Handle;
use tokio::time::Instant;

use super::metrics;
use crate::config::TelemetryConfig;

/// Time for the collector to take a batch.
const PATIENCE: Duration = Duration::from_secs(5);
/// All of an order's traces, in thousandths.
const ALL: u64 = 1_000;

/// Makes traces, or none; cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Traces(Option<Arc<Inner>>);

#[derive(Debug)]
struct Inner {
    provider: SdkTracerProvider,
    tracer: SdkTracer,
    permille: u64,
    seen: AtomicU64,
}

/// Why no traces can be sent.
#[derive(Debug, thiserror::Error)]
pub enum TracesError {
    /// Another scheme.
    #[error("it must begin with http://; for a collector elsewhere run one beside the server")]
    NotHttp,
    /// No address.
    #[error(transparent)]
    Exporter(#[from] ExporterBuildError),
}

/// When an order was where.
#[derive(Clone, Copy, Debug)]
pub struct Trail {
    /// Its command.
    pub command: &'static str,
    /// Its frame was read.
    pub arrived: Instant,
    /// Its tick began.
    pub stepped: Instant,
    /// Its entry was handed to the log.
    pub appended: Instant,
    /// Its entry was durable.
    pub durable: Instant,
}

impl Traces {
    /// Traces by these settings; none without an endpoint. To be called within the runtime.
    ///
    /// # Errors
    /// When the endpoint is no address, or one that needs TLS.
    pub fn open(config: &TelemetryConfig) -> Result<Self, TracesError> {
        let Some(endpoint) = &config.otlp_endpoint else { return Ok(Self::default()) };
        if !endpoint.starts_with("http://") {
            return Err(TracesError::NotHttp);
        }
        let exporter = opentelemetry_otlp::SpanExporter::builder()
            .with_http()
            .with_http_client(Sender::new(Handle::current()))
            .with_protocol(Protocol::HttpBinary)
            .with_endpoint(endpoint)
            .build()?;
        let resource = Resource::builder_empty().with_service_name(env!("CARGO_PKG_NAME"));
        let provider = SdkTracerProvider::builder()
            .with_batch_exporter(exporter)
            .with_resource(resource.build())
            .build();
        let tracer = provider.tracer(env!("CARGO_PKG_NAME"));
        let (permille, seen) = (config.otlp_sample_permille, AtomicU64::new(0));
        Ok(Self(Some(Arc::new(Inner { provider, tracer, permille, seen }))))
    }

    /// An order has gone its way to the end, which is now.
    pub fn order(&self, trail: &Trail) {
        if let Some(inner) = self.0.as_ref().filter(|inner| inner.takes_this_one()) {
            inner.record(trail);
        }
    }

    /// Sends what is left; waits for that no longer than the collector may take.
    pub async fn close(self) {
        let Some(inner) = self.0 else { return };
        let flush = tokio::task::spawn_blocking(move || inner.provider.shutdown());
        if !matches!(flush.await, Ok(Ok(()))) {
            metrics::trace_dropped();
        }
    }
}

impl Inner {
    /// Spreads the sample evenly over all orders.
    fn takes_this_one(&self) -> bool {
        let seen = self.seen.fetch_add(1, Ordering::Relaxed);
        seen * self.permille / ALL != (seen + 1) * self.permille / ALL
    }

    fn record(&self, trail: &Trail) {
        let (now, end) = (Instant::now(), SystemTime::now());
        let at = |moment: Instant| end - now.saturating_duration_since(moment);
        let order = self.tracer.span_builder("order").with_start_time(at(trail.arrived));
        let command = KeyValue::new("command", trail.command);
        let order = order.with_attributes([command]).start(&self.tracer);
        let context = Context::new().with_span(order);
        for (name, from, to) in [
            ("wait", trail.arrived, trail.stepped),
            ("tick", trail.stepped, trail.appended),
            ("append", trail.appended, trail.durable),
            ("broadcast", trail.durable, now),
        ] {
            let builder = self.tracer.span_builder(name).with_start_time(at(from));
            builder.start_with_context(&self.tracer, &context).end_with_timestamp(at(to));
        }
        context.span().end_with_timestamp(end);
    }
}

/// Sends batches from the exporter's own thread by way of the server's runtime.
#[derive(Clone, Debug)]
struct Sender {
    runtime: Handle,
    client: HyperClient,
}

impl Sender {
    fn new(runtime: Handle) -> Self {
        Self { runtime, client: HyperClient::with_default_connector(PATIENCE, None) }
    }
}

#[async_trait]
impl HttpClient for Sender {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let client = self.client.clone();
        let sent = self.runtime.spawn(async move { client.send_bytes(request).await });
        let answer = sent.await.map_err(Into::into).flatten();
        let answer = answer.and_then(ResponseExt::error_for_status);
        if answer.is_err() {
            metrics::trace_dropped();
        }
        answer
    }
}
