//! `strongroom serve`.

use super::{Outcome, Settings, runtime, tell};
use crate::server::{
    config::{Config, leptos_options},
    demo, start,
    telemetry::Telemetry,
};
use leptos::config::LeptosOptions;
use tokio::signal::unix::{SignalKind, signal};

pub(super) fn run(settings: &Settings, with_demo: bool) -> Outcome {
    let config = settings.load()?;
    let access = match (config.authentication(), config.listen.ip().is_loopback()) {
        (true, _) => "People sign in with their identity provider.",
        (false, true) => "There is no sign-in: it answers on this machine only.",
        (false, false) => "There is no sign-in, and other machines can reach it: everybody who does may do everything.",
    };
    let leptos = leptos_options(settings.config.as_deref())?;
    let runtime = runtime()?;
    let telemetry = Telemetry::start(&config, runtime.handle().clone())?;
    runtime.block_on(async {
        let outcome = serve(config, leptos, with_demo, access).await;
        telemetry.end().await;
        outcome
    })
}

/// Serves until the service is told to stop.
async fn serve(config: Config, leptos: LeptosOptions, with_demo: bool, access: &str) -> Outcome {
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
}
