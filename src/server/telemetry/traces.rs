//! Traces over OTLP (http/protobuf). Whatever becomes of them, requests and work go on.

use opentelemetry::trace::TracerProvider as _;
use opentelemetry_otlp::{ExporterBuildError, Protocol, WithExportConfig as _};
use opentelemetry_sdk::{
    Resource,
    error::{OTelSdkError, OTelSdkResult},
    trace::{SdkTracerProvider, SpanData, SpanExporter},
};
use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};
use tokio::runtime::Handle;
use tracing::{Subscriber, level_filters::LevelFilter};
use tracing_subscriber::{Layer, filter::Targets, registry::LookupSpan};

/// A collector that cannot be reached is told of once in so long.
const TELL_AGAIN: Duration = Duration::from_secs(600);

/// What sends them.
#[derive(Debug)]
pub(super) struct Traces(SdkTracerProvider);

impl Traces {
    /// To the collector at this address (its base, as in `OTEL_EXPORTER_OTLP_ENDPOINT`). Headers, timeouts, sampling and the like are read
    /// from the variables that OpenTelemetry's specification names.
    pub(super) fn to(endpoint: &str, runtime: Handle) -> Result<Self, ExporterBuildError> {
        // The client belongs to the runtime that sends.
        let _entered = runtime.enter();
        let exporter = opentelemetry_otlp::SpanExporter::builder()
            .with_http()
            .with_protocol(Protocol::HttpBinary)
            .with_endpoint(format!("{}/v1/traces", endpoint.trim_end_matches('/')))
            .build()?;
        let resource = Resource::builder();
        let resource = if std::env::var_os("OTEL_SERVICE_NAME").is_none() { resource.with_service_name("strongroom") } else { resource };
        let exporter = Sender { exporter: Arc::new(exporter), runtime: runtime.clone(), told: Mutex::default() };
        Ok(Self(SdkTracerProvider::builder().with_batch_exporter(exporter).with_resource(resource.build()).build()))
    }

    /// Takes our own spans; not those of the libraries that send them.
    pub(super) fn layer<S: Subscriber + for<'a> LookupSpan<'a>>(&self) -> impl Layer<S> + use<S> {
        let tracer = self.0.tracer("strongroom");
        let layer =
            tracing_opentelemetry::layer().with_tracer(tracer).with_location(false).with_threads(false).with_tracked_inactivity(false);
        layer.with_filter(Targets::new().with_target("strongroom", LevelFilter::INFO))
    }

    /// Sends what was not sent yet.
    pub(super) async fn end(self, within: Duration) {
        // It waits for a thread of its own.
        let ended = tokio::task::spawn_blocking(move || self.0.shutdown_with_timeout(within)).await;
        if !matches!(ended, Ok(Ok(()))) {
            tracing::info!("the last traces did not reach their collector in time");
        }
    }
}

/// Sends on the service's runtime, since whoever asks for it is a plain thread, and says so seldom when it cannot.
#[derive(Debug)]
struct Sender {
    exporter: Arc<opentelemetry_otlp::SpanExporter>,
    runtime: Handle,
    told: Mutex<Option<Instant>>,
}

impl Sender {
    fn tell(&self, error: &OTelSdkError) {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        if told.is_none_or(|told| told.elapsed() >= TELL_AGAIN) {
            *told = Some(Instant::now());
            tracing::warn!(%error, "traces cannot be sent to their collector; those that cannot are dropped, and nothing else is affected");
        }
    }
}

impl SpanExporter for Sender {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        let exporter = Arc::clone(&self.exporter);
        let sent = self.runtime.spawn(async move { exporter.export(batch).await }).await;
        if let Err(error) = sent.unwrap_or_else(|ended| Err(OTelSdkError::InternalFailure(ended.to_string()))) {
            self.tell(&error);
        }
        // What was told here need not be told again by the library, each time.
        Ok(())
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.exporter.shutdown_with_timeout(timeout)
    }
}
