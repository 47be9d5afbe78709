//! The pages: rendered here with their data, then taken over by the browser.

use crate::{
    api::{
        POSITION_HEADER, Problem,
        client::{ApiRequest, ApiResponse, InProcess},
    },
    app::{App, shell},
};
use axum::{
    Router,
    body::Body,
    http::{HeaderName, HeaderValue, Request, StatusCode, header},
    middleware::{self, Next},
    response::Response,
};
use http_body_util::BodyExt as _;
use leptos::{config::LeptosOptions, context::provide_context};
use leptos_axum::{LeptosRoutes as _, generate_route_list};
use tower::ServiceExt as _;
use tower_http::{
    compression::{CompressionLayer, CompressionLevel},
    services::ServeDir,
    set_header::SetResponseHeaderLayer,
};

/// Everything that the service answers: the API, the built files, the pages.
pub fn router(api: Router, options: LeptosOptions) -> Router {
    let in_process = in_process(api.clone());
    let context = move || provide_context(in_process.clone());
    let pages = Router::new()
        .leptos_routes_with_context(&options, generate_route_list(App), context.clone(), {
            let options = options.clone();
            move || shell(options.clone())
        })
        .fallback(leptos_axum::file_and_error_handler_with_context::<LeptosOptions, _>(context, shell))
        .layer(middleware::from_fn(no_store))
        .layer(CompressionLayer::new().quality(CompressionLevel::Precise(4)))
        .with_state(options.clone());
    let package = format!("/{}", options.site_pkg_dir.trim_matches('/'));
    let files = ServeDir::new(std::path::Path::new(options.site_root.as_ref()).join(options.site_pkg_dir.as_ref()))
        .precompressed_br()
        .precompressed_gzip();
    // Their names hold a hash of their content, so they never change; without hashes the browser has to ask each time.
    let caching = if options.hash_files { "public, max-age=31536000, immutable" } else { "no-cache" };
    Router::new()
        .nest_service(&package, tower::ServiceBuilder::new().layer(set(header::CACHE_CONTROL, caching)).service(files))
        .merge(api)
        .fallback_service(pages)
        .layer(set(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(set(header::X_FRAME_OPTIONS, "DENY"))
        .layer(set(header::REFERRER_POLICY, "same-origin"))
}

fn set(name: HeaderName, value: &'static str) -> SetResponseHeaderLayer<HeaderValue> {
    SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value))
}

/// A page holds data of the moment: going back to it has to fetch it again, or come from the browser's live page cache.
async fn no_store(request: Request<Body>, next: Next) -> Response {
    let mut response = next.run(request).await;
    response.headers_mut().entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-cache"));
    response
}

/// The API for the pages while they are rendered: its own router, without a socket.
fn in_process(api: Router) -> InProcess {
    InProcess::new(move |request: ApiRequest| {
        let api = api.clone();
        async move { answer(api, request).await.unwrap_or_else(failed) }
    })
}

async fn answer(api: Router, request: ApiRequest) -> Result<ApiResponse, String> {
    let ApiRequest { method, path, body } = request;
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header(header::HOST, "localhost")
        .header(header::CONTENT_TYPE, "application/json")
        .body(body.map_or_else(Body::empty, Body::from))
        .map_err(|error| error.to_string())?;
    let response = match api.oneshot(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    };
    let status = response.status().as_u16();
    let position = response.headers().get(POSITION_HEADER).and_then(|value| value.to_str().ok()?.parse().ok());
    let bytes = response.into_body().collect().await.map_err(|error| error.to_string())?.to_bytes();
    let body = String::from_utf8(bytes.into()).map_err(|error| error.to_string())?;
    Ok(ApiResponse { status, position, body })
}

fn failed(cause: String) -> ApiResponse {
    tracing::error!(cause, "a page could not ask the API");
    let problem = Problem::read(StatusCode::INTERNAL_SERVER_ERROR.as_u16(), "");
    ApiResponse { status: problem.status, position: None, body: String::new() }
}
