//! In the browser: gloo-net.

use super::{ApiRequest, ApiResponse, call};
use crate::{
    api::{POSITION_HEADER, Problem, Upload, uploads::OFFSET_HEADER, user::CSRF_HEADER},
    realtime::Position,
};
use gloo_net::http::{RequestBuilder, Response};
use send_wrapper::SendWrapper;
use std::cell::RefCell;
use uuid::Uuid;

/// What is known of the session in which the page was opened.
struct Session {
    csrf: Option<String>,
    ended: fn(),
}

thread_local! {
    static SESSION: RefCell<Option<Session>> = const { RefCell::new(None) };
}

/// From now on changes carry the session's token, and `ended` is called when an answer says that nobody is signed in any more.
pub fn begin_session(csrf: Option<String>, ended: fn()) {
    SESSION.replace(Some(Session { csrf, ended }));
}

/// A request as every one of ours is.
fn request(method: http::Method, path: &str) -> RequestBuilder {
    let safe = method.is_safe();
    let builder = RequestBuilder::new(path).method(method);
    let csrf = SESSION.with_borrow(|session| session.as_ref().filter(|_| !safe).and_then(|session| session.csrf.clone()));
    match csrf {
        Some(token) => builder.header(CSRF_HEADER, &token),
        None => builder,
    }
}

/// Sends a request to the page's own origin. gloo-net's futures are not `Send`, which the stores' resources ask for; the
/// browser has one thread, so they are wrapped here, once.
pub(super) async fn send(request: ApiRequest) -> Result<ApiResponse, Problem> {
    SendWrapper::new(async move {
        let builder = self::request(request.method, &request.path);
        let built = match request.body {
            Some(json) => builder.header("content-type", "application/json").body(json),
            None => builder.build(),
        };
        read(built.map_err(Problem::unreachable)?.send().await.map_err(Problem::unreachable)?).await
    })
    .await
}

/// Sends one part of an upload, beginning at byte `offset`. The browser streams it from the file; it is never in our memory.
///
/// # Errors
/// As the server tells (409 with another offset than its own), or that it cannot be reached.
pub async fn send_blob(uuid: Uuid, offset: u64, part: web_sys::Blob) -> Result<Upload, Problem> {
    let part = SendWrapper::new(part);
    SendWrapper::new(async move {
        let built = request(http::Method::PATCH, &format!("/api/storage/uploads/{uuid}"))
            .header("content-type", "application/octet-stream")
            .header(OFFSET_HEADER, &offset.to_string())
            .body(wasm_bindgen::JsValue::from(part.take()));
        let response = read(built.map_err(Problem::unreachable)?.send().await.map_err(Problem::unreachable)?).await?;
        if response.status == 200 {
            serde_json::from_str(&response.body).map_err(call::unreadable)
        } else {
            Err(Problem::read(response.status, &response.body))
        }
    })
    .await
}

async fn read(response: Response) -> Result<ApiResponse, Problem> {
    if response.status() == 401
        && let Some(ended) = SESSION.with_borrow(|session| session.as_ref().map(|session| session.ended))
    {
        ended();
    }
    Ok(ApiResponse {
        status: response.status(),
        position: response.headers().get(POSITION_HEADER).and_then(|text| text.parse::<Position>().ok()),
        body: response.text().await.map_err(Problem::unreachable)?,
    })
}
