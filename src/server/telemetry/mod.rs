//! What the process writes about itself: its log, on standard error, and traces for a collector where one is set.
//!
//! Both are made of the same spans (one for each request and for each step of a workflow), so a line of the log and a trace are brought
//! together by the request's id, which the answer carries as well. Invariant: spans hold methods, routes, paths and identifiers; never
//! a query, a header or a body.

pub mod origin;
mod traces;

use crate::server::config::{Config, LogFormat};
use std::{error::Error, time::Duration};
use tokio::runtime::Handle;
use traces::Traces;
use tracing_subscriber::{
    EnvFilter, Layer as _,
    filter::{FilterExt as _, filter_fn},
    fmt,
    layer::SubscriberExt as _,
    util::SubscriberInitExt as _,
};

/// How long what was not sent to the collector yet may take at the end: with all else, the service has ended within ten seconds.
const FLUSH: Duration = Duration::from_millis(800);

/// The telemetry of this process.
#[derive(Debug)]
pub struct Telemetry(Option<Traces>);

impl Telemetry {
    /// Begins to log, and to send traces from this runtime if the settings say where.
    ///
    /// # Errors
    /// When the settings of the traces cannot be used, or the process logs already.
    pub fn start(config: &Config, runtime: Handle) -> Result<Self, Box<dyn Error>> {
        let traces = config.otlp_endpoint.as_deref().map(|endpoint| Traces::to(endpoint, runtime)).transpose()?;
        let written = fmt::layer().with_writer(std::io::stderr);
        let written = match config.log_format {
            LogFormat::Text => written.boxed(),
            LogFormat::Json => written.json().boxed(),
        };
        let wanted = EnvFilter::try_from_default_env().unwrap_or_else(|_unset| EnvFilter::new("warn,strongroom=info"));
        // What signs requests to stores tells its credentials at the level debug.
        let logged = wanted.and(filter_fn(|metadata| !metadata.target().starts_with("reqsign")));
        // Each layer has a filter of its own: what is not logged is traced all the same.
        tracing_subscriber::registry().with(written.with_filter(logged)).with(traces.as_ref().map(Traces::layer)).try_init()?;
        Ok(Self(traces))
    }

    /// Sends what was not sent yet, as far as that goes in its time.
    pub async fn end(self) {
        if let Some(traces) = self.0 {
            traces.end(FLUSH).await;
        }
    }
}
