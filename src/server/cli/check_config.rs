//! `strongroom check-config`.

use super::{Outcome, Settings, tell};
use crate::server::config::leptos_options;

pub(super) fn run(settings: &Settings) -> Outcome {
    let config = settings.load()?;
    let leptos = leptos_options(settings.config.as_deref())?;
    let list = |items: Vec<String>| if items.is_empty() { "none".to_owned() } else { items.join(", ") };
    tell(&format!("listen = {}", config.listen));
    tell(&format!("data = {}", config.data.display()));
    tell(&format!("location_roots = {}", list(config.location_roots.iter().map(|root| root.display().to_string()).collect())));
    tell(&format!("public_url = {}", config.public_url.as_deref().unwrap_or("none")));
    tell(&format!("allowed_origins = {}", list(config.allowed_origins)));
    tell(&format!("upload_max_size = {} bytes", config.upload_max_size));
    tell(&format!("preservation_system = {}", config.preservation_system));
    tell(&format!("ring_size = {} events", config.ring_size));
    let limit = |number: u64, unit: &str| if number == 0 { "any".to_owned() } else { format!("{number} {unit}") };
    let (days, count) = (limit(config.event_retention_days.into(), "days"), limit(config.event_retention_count, "entries"));
    tell(&format!("event log = age {days}, number {count}"));
    tell(&format!(
        "monitor_connections = {}, {} per address, {} per person",
        config.monitor_connections, config.monitor_connections_per_address, config.monitor_connections_per_person
    ));
    for provider in &config.providers {
        let attributes = if provider.attributes.enabled { provider.attributes.claim_path.as_str() } else { "not asked for" };
        tell(&format!("provider {} = {}, client {}, attributes: {attributes}", provider.id, provider.issuer, provider.client_id));
    }
    tell(&format!("allow_anonymous = {}", config.allow_anonymous));
    tell(&format!("sessions = {} s, {} s without a request", config.session_max_seconds, config.session_idle_seconds));
    tell(&format!("log_format = {:?}", config.log_format).to_lowercase());
    tell(&format!("otlp_endpoint = {}", config.otlp_endpoint.as_deref().unwrap_or("none")));
    tell(&format!("built files = {}/{}", leptos.site_root, leptos.site_pkg_dir));
    tell("The settings can be used.");
    Ok(())
}
