//! How busy the machine and the service are.

use crate::{
    api::problem::ErrorObject,
    domain::attribute,
    realtime::metrics::MetricsMessage,
    server::{
        http::{Api, caller::Caller, problem::Failure},
        system::NoSample,
    },
};
use axum::{Json, extract::State};

/// The newest sample; the machine is looked at if there is none that is fresh.
#[utoipa::path(
    get,
    path = "/api/system/metrics",
    tag = "service",
    operation_id = "system_metrics",
    responses(
        (status = 200, description = "The sample, as those who watch are told it", body = MetricsMessage),
        (status = 503, description = "The machine does not tell", body = ErrorObject),
    )
)]
pub async fn metrics(State(api): State<Api>, caller: Caller) -> Result<Json<MetricsMessage>, Failure> {
    caller.may(attribute::SYSTEM_METRICS_READ)?;
    match api.system.now().await {
        Ok(message) => Ok(Json(message)),
        Err(NoSample::Service(error)) => Err(error.into()),
        Err(error) => {
            tracing::warn!(%error, "how busy the machine is cannot be told");
            Err(Failure::busy("This machine does not tell how busy it is at the moment. The archive itself is not concerned."))
        }
    }
}
