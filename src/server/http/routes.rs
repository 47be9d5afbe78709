//! Every address of the API on one screen. The addresses themselves stand with the handlers, where their documentation is
//! made; a snapshot of that documentation is kept by the tests.

use super::{
    Api,
    handlers::{
        about, aips, auth, deletion_report, deletions, deposits, download, events, fixity, locations, metrics, moves, overview,
        submissions, system, tasks, uploads, user,
    },
    layers::deadline,
    monitor,
    openapi::{self, OpenApiDocument},
    problem::Failure,
};
use axum::{Router, middleware, response::IntoResponse, routing};
use utoipa::OpenApi;
use utoipa_axum::{router::OpenApiRouter, routes};

/// Routes with their documentation.
fn documented() -> OpenApiRouter<Api> {
    let answered_at_once = OpenApiRouter::new()
        // /api/about
        .routes(routes!(about::show))
        // /api/user, /api/auth…
        .routes(routes!(user::show))
        .routes(routes!(auth::sign_in))
        .routes(routes!(auth::callback))
        .routes(routes!(auth::sign_out))
        // /api/events
        .routes(routes!(events::list, events::announce))
        .routes(routes!(events::export))
        // /api/tasks…, /api/system/metrics
        .routes(routes!(tasks::list))
        .routes(routes!(tasks::report))
        .routes(routes!(system::metrics))
        // /api/storage/overview
        .routes(routes!(overview::show))
        // /api/storage/aips…
        .routes(routes!(aips::list, aips::create))
        .routes(routes!(aips::show))
        .routes(routes!(aips::workflows))
        .routes(routes!(aips::verification))
        .routes(routes!(submissions::submit))
        .routes(routes!(submissions::complete))
        .routes(routes!(moves::begin, moves::status))
        .routes(routes!(moves::reject))
        .routes(routes!(fixity::begin, fixity::list))
        .routes(routes!(deletions::list))
        .routes(routes!(deletions::request))
        .routes(routes!(deletions::review))
        .routes(routes!(deletions::cancel))
        .routes(routes!(deletions::auto))
        .routes(routes!(deletion_report::request, deletion_report::send))
        // /api/storage/locations…
        .routes(routes!(locations::list, locations::create))
        .routes(routes!(locations::show, locations::update, locations::delete))
        .routes(routes!(locations::aips))
        .routes(routes!(locations::changes))
        .routes(routes!(locations::acknowledge))
        .routes(routes!(fixity::begin_location))
        // /api/storage/uploads…
        .routes(routes!(uploads::create))
        // /api/openapi.json
        .routes(routes!(openapi::show))
        .route_layer(middleware::from_fn(deadline::apply));
    let as_long_as_it_takes = OpenApiRouter::new()
        // /api/storage/aips.csv
        .routes(routes!(aips::export))
        // /api/storage/aips/{uuid}/download
        .routes(routes!(download::request, download::send))
        // /api/storage/submissions/{secret}
        .routes(routes!(submissions::put))
        // /api/storage/deposits
        .routes(routes!(deposits::create))
        // /api/storage/uploads/{uuid}
        .routes(routes!(uploads::show, uploads::append, uploads::cancel))
        // /api/storage/monitor
        .routes(routes!(monitor::ticket::issue, monitor::open))
        // /ws…
        .routes(routes!(monitor::doors::resources_ticket, monitor::doors::resources))
        .routes(routes!(monitor::doors::metrics_ticket, monitor::doors::metrics));
    OpenApiRouter::with_openapi(OpenApiDocument::openapi()).merge(answered_at_once).merge(as_long_as_it_takes)
}

/// The routes, with the service's figures beside them; everything else under `/api` is unknown, whatever the rest of the server makes of other addresses.
pub(super) fn router(api: Api) -> Router {
    let unknown = || routing::any(|| async { Failure::unknown_route().into_response() });
    let (router, _) = documented().split_for_parts();
    router
        .route(metrics::PATH, routing::get(metrics::show))
        .route("/api", unknown())
        .route("/api/", unknown())
        .route("/api/{*anything}", unknown())
        .with_state(api)
}

/// The document that describes the routes.
#[must_use]
pub fn document() -> utoipa::openapi::OpenApi {
    openapi::complete(documented().split_for_parts().1)
}
