//! The HTTP status of the page that the server is writing. In the browser there is none to set.

/// Answers with "404 Not Found".
pub fn not_found() {
    #[cfg(feature = "ssr")]
    set(axum::http::StatusCode::NOT_FOUND);
}

/// Answers with "403 Forbidden".
pub fn forbidden() {
    #[cfg(feature = "ssr")]
    set(axum::http::StatusCode::FORBIDDEN);
}

/// Answers with the status of a problem: what a client of the API would have been told, or "502 Bad Gateway" for none.
pub fn of_problem(problem: &crate::api::Problem) {
    #[cfg(feature = "ssr")]
    set(axum::http::StatusCode::from_u16(problem.status).unwrap_or(axum::http::StatusCode::BAD_GATEWAY));
    #[cfg(not(feature = "ssr"))]
    let _ = problem;
}

/// Routes are listed without a response, hence the option.
#[cfg(feature = "ssr")]
fn set(status: axum::http::StatusCode) {
    if let Some(response) = leptos::prelude::use_context::<leptos_axum::ResponseOptions>() {
        response.set_status(status);
    }
}
