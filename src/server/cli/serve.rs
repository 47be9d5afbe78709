//! `strongroom serve`.

use super::{Outcome, Settings, runtime, tell};
use crate::server::{config::leptos_options, demo, start};
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::{EnvFilter, filter::filter_fn, fmt, layer::SubscriberExt as _, util::SubscriberInitExt as _};

pub(super) fn run(settings: &Settings, with_demo: bool) -> Outcome {
    let config = settings.load()?;
    let access = match (config.authentication(), config.listen.ip().is_loopback()) {
        (true, _) => "People sign in with their identity provider.",
        (false, true) => "There is no sign-in: it answers on this machine only.",
        (false, false) => "There is no sign-in, and other machines can reach it: everybody who does may do everything.",
    };
    let leptos = leptos_options(settings.config.as_deref())?;
    tracing_subscriber::registry()
        .with(EnvFilter::try_from_default_env().unwrap_or_else(|_unset| EnvFilter::new("warn,strongroom=info")))
        // What signs requests to stores tells its credentials at the level debug.
        .with(filter_fn(|metadata| !metadata.target().starts_with("reqsign")))
        .with(fmt::layer().with_writer(std::io::stderr))
        .try_init()?;
    runtime()?.block_on(async {
        let mut running = start(config, leptos).await?;
        if with_demo {
            demo::fill(&running.services).await?;
        }
        tell(&format!("Strongroom is at http://{}", running.addr));
        tell(&format!("{access} Stop it with Ctrl-C."));
        let mut terminated = signal(SignalKind::terminate())?;
        tokio::select! {
            ended = running.ended() => ended?,
            _ = tokio::signal::ctrl_c() => running.stop().await?,
            _ = terminated.recv() => running.stop().await?,
        }
        Ok(())
    })
}
