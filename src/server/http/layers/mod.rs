//! What happens to every request before and after its handler.

mod actor;
pub mod deadline;
mod guard;
mod marks;
pub mod measure;
mod panics;
mod revalidate;
mod trace;

use super::Api;
use axum::{Router, middleware};

/// Wraps the routes. The last line is the outermost layer: everything, refusals and panics included, is traced,
/// counted and marked.
pub fn around(routes: Router, api: Api) -> Router {
    routes
        .layer(middleware::from_fn_with_state(api.clone(), actor::apply))
        .layer(middleware::from_fn(revalidate::apply))
        .layer(middleware::from_fn_with_state(api.clone(), guard::check))
        .layer(middleware::from_fn(panics::catch))
        .layer(middleware::from_fn_with_state(api.clone(), marks::apply))
        .layer(middleware::from_fn_with_state(api, measure::apply))
        .layer(middleware::from_fn(trace::apply))
}
