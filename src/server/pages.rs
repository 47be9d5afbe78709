//! The pages: rendered here with their data, then taken over by the browser.

use crate::{
    api::{
        POSITION_HEADER, Problem,
        client::{ApiRequest, ApiResponse, InProcess},
    },
    app::{App, CsrfToken, shell},
    server::http::{
        Api,
        address::ClientAddress,
        api_router,
        caller::{Caller, Proof},
        handlers::auth::{SIGN_IN_PAGE, sign_in_page},
        layers::measure,
    },
};
use axum::{
    Router,
    body::Body,
    extract::State,
    http::{HeaderName, HeaderValue, Method, Request, StatusCode, header, request::Parts},
    middleware::{self, Next},
    response::{IntoResponse as _, Response},
};
use http_body_util::BodyExt as _;
use leptos::{
    config::LeptosOptions,
    context::{provide_context, use_context},
    nonce::use_nonce,
};
use leptos_axum::{AxumRouteListing, LeptosRoutes as _, ResponseOptions, generate_route_list};
use std::sync::OnceLock;
use tower::ServiceExt as _;
use tower_http::{
    compression::{CompressionLayer, CompressionLevel},
    services::ServeDir,
    set_header::SetResponseHeaderLayer,
};

/// Everything that the service answers: the API, the built files, the pages.
pub fn router(state: Api, options: LeptosOptions) -> Router {
    let api = api_router(state.clone());
    let https = state.services.config().is_https();
    let context = {
        let (api, policy) = (api.clone(), Policy::new(&options));
        move || {
            // There is none where a file is answered with.
            let caller = use_context::<Parts>().and_then(|parts| parts.extensions.get::<Caller>().cloned());
            provide_context(CsrfToken(caller.as_ref().and_then(csrf)));
            provide_context(in_process(api.clone(), caller));
            policy.declare();
        }
    };
    let pages = Router::new()
        .leptos_routes_with_context(&options, routes().to_vec(), context.clone(), {
            let options = options.clone();
            move || shell(options.clone())
        })
        .fallback(leptos_axum::file_and_error_handler_with_context::<LeptosOptions, _>(context, shell))
        .layer(middleware::from_fn(no_store))
        .layer(middleware::from_fn_with_state(state.clone(), identify))
        .layer(middleware::from_fn_with_state(state, measure::apply))
        .layer(CompressionLayer::new().quality(CompressionLevel::Precise(4)))
        .with_state(options.clone());
    let package = format!("/{}", options.site_pkg_dir.trim_matches('/'));
    let files = ServeDir::new(std::path::Path::new(options.site_root.as_ref()).join(options.site_pkg_dir.as_ref()))
        .precompressed_br()
        .precompressed_gzip();
    // Their names hold a hash of their content, so they never change; without hashes the browser has to ask each time.
    let caching = if options.hash_files { "public, max-age=31536000, immutable" } else { "no-cache" };
    let router = Router::new()
        .nest_service(&package, tower::ServiceBuilder::new().layer(set(header::CACHE_CONTROL, caching)).service(files))
        .merge(api)
        .fallback_service(pages)
        .layer(set(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(set(header::X_FRAME_OPTIONS, "DENY"))
        .layer(set(header::REFERRER_POLICY, "same-origin"))
        .layer(set(HeaderName::from_static("cross-origin-opener-policy"), "same-origin"))
        .layer(set(HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=()"));
    if https { router.layer(set(header::STRICT_TRANSPORT_SECURITY, "max-age=31536000")) } else { router }
}

/// The paths that are pages. They are looked up once in a process: leptos has every page of the process wait for ever for what it asks
/// while that goes on, and so those of another service that has begun already.
fn routes() -> &'static [AxumRouteListing] {
    static ROUTES: OnceLock<Vec<AxumRouteListing>> = OnceLock::new();
    ROUTES.get_or_init(|| generate_route_list(App))
}

fn set(name: HeaderName, value: &'static str) -> SetResponseHeaderLayer<HeaderValue> {
    SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value))
}

/// A page holds data of the moment: going back to it has to fetch it again, or come from the browser's live page cache.
async fn no_store(request: Request<Body>, next: Next) -> Response {
    let mut response = next.run(request).await;
    response.headers_mut().entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("private, no-cache"));
    response
}

/// Finds out, once for all that a page asks while it is rendered, who wants it. Nobody is shown a page without signing in where
/// that is asked for: they are sent to do so, and come back.
async fn identify(State(api): State<Api>, mut request: Request<Body>, next: Next) -> Response {
    let address = ClientAddress::of(api.services.config(), request.extensions(), request.headers());
    let caller = Caller::find(&api, request.method(), request.uri(), request.headers(), address).await;
    if matches!(caller.if_known(), Ok(None)) && is_page(&request) {
        let wanted = request.uri().path_and_query().map(|wanted| wanted.as_str());
        let location = sign_in_page(None, wanted);
        return (StatusCode::SEE_OTHER, [(header::LOCATION, location), (header::CACHE_CONTROL, "no-store".to_owned())]).into_response();
    }
    request.extensions_mut().insert(caller.of_page());
    next.run(request).await
}

/// Whether a page is asked for that needs a sign-in, rather than a file (which has a dot in its name) or the page to sign in on.
fn is_page(request: &Request<Body>) -> bool {
    let path = request.uri().path();
    let file = path.rsplit('/').next().is_some_and(|name| name.contains('.'));
    matches!(*request.method(), Method::GET | Method::HEAD) && path != SIGN_IN_PAGE && !file
}

fn csrf(caller: &Caller) -> Option<String> {
    match &caller.access()?.proof {
        Proof::Session { csrf, .. } => Some(csrf.reveal().to_owned()),
        Proof::NotAsked | Proof::Token { .. } => None,
    }
}

/// What a page may load and run (Content Security Policy Level 3): our own files, and the scripts that carry the page's nonce.
#[derive(Debug, Clone)]
struct Policy {
    connect: String,
}

impl Policy {
    fn new(options: &LeptosOptions) -> Self {
        // `cargo leptos watch` tells the page over a port of its own when to load anew.
        let watched = std::env::var_os("LEPTOS_WATCH").is_some();
        let connect = if watched { format!("'self' ws://*:{}", options.reload_port) } else { "'self'".to_owned() };
        Self { connect }
    }

    /// Declares it for the page that is being written.
    fn declare(&self) {
        let (Some(nonce), Some(response)) = (use_nonce(), use_context::<ResponseOptions>()) else { return };
        let policy = format!(
            "default-src 'none'; script-src 'self' 'nonce-{nonce}' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self'; font-src 'self'; \
             connect-src {}; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
            self.connect
        );
        if let Ok(policy) = HeaderValue::try_from(policy) {
            response.insert_header(header::CONTENT_SECURITY_POLICY, policy);
        }
    }
}

/// The API for one page while it is rendered: its own router, without a socket, asked by whoever wants the page.
fn in_process(api: Router, caller: Option<Caller>) -> InProcess {
    InProcess::new(move |request: ApiRequest| {
        let (api, caller) = (api.clone(), caller.clone());
        async move { answer(api, caller, request).await.unwrap_or_else(failed) }
    })
}

async fn answer(api: Router, caller: Option<Caller>, request: ApiRequest) -> Result<ApiResponse, String> {
    let ApiRequest { method, path, body, if_match } = request;
    let mut request = Request::builder()
        .method(method)
        .uri(path)
        .header(header::HOST, "localhost")
        .header(header::CONTENT_TYPE, "application/json")
        .body(body.map_or_else(Body::empty, Body::from))
        .map_err(|error| error.to_string())?;
    if let Some(seen) = if_match {
        request.headers_mut().insert(header::IF_MATCH, HeaderValue::try_from(seen.as_str()).map_err(|error| error.to_string())?);
    }
    if let Some(caller) = caller {
        request.extensions_mut().insert(caller);
    }
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
