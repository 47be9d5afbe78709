//! In the browser: gloo-net.

use super::{ApiRequest, ApiResponse, call};
use crate::{
    api::{POSITION_HEADER, Problem, Upload, uploads::OFFSET_HEADER, user::CSRF_HEADER},
    realtime::Position,
};
use gloo_net::http::{RequestBuilder, Response};
use send_wrapper::SendWrapper;
use std::cell::Cell;
use uuid::Uuid;

thread_local! {
    static SIGNED_OUT: Cell<Option<fn()>> = const { Cell::new(None) };
}

/// From now on this is called when an answer says that nobody is signed in any more.
pub fn on_signed_out(call: fn()) {
    SIGNED_OUT.set(Some(call));
}

/// Sends a request to the page's own origin. gloo-net's futures are not `Send`, which the stores' resources ask for; the
/// browser has one thread, so they are wrapped here, once.
pub(super) async fn send(request: ApiRequest) -> Result<ApiResponse, Problem> {
    SendWrapper::new(async move {
        let mut builder = signed(RequestBuilder::new(&request.path).method(request.method.clone()), &request.method);
        if let Some(seen) = &request.if_match {
            builder = builder.header("if-match", seen.as_str());
        }
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
        let built = signed(RequestBuilder::new(&format!("/api/storage/uploads/{uuid}")).method(http::Method::PATCH), &http::Method::PATCH)
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

/// Adds the token of the session to a change. The server wrote it into the page, for pages of ours only.
fn signed(builder: RequestBuilder, method: &http::Method) -> RequestBuilder {
    if method.is_safe() {
        return builder;
    }
    let meta = leptos::prelude::document().query_selector("meta[name=strongroom-csrf]").ok().flatten();
    match meta.and_then(|meta| meta.get_attribute("content")) {
        Some(token) => builder.header(CSRF_HEADER, &token),
        None => builder,
    }
}

async fn read(response: Response) -> Result<ApiResponse, Problem> {
    if response.status() == 401
        && let Some(call) = SIGNED_OUT.get()
    {
        call();
    }
    Ok(ApiResponse {
        status: response.status(),
        position: response.headers().get(POSITION_HEADER).and_then(|text| text.parse::<Position>().ok()),
        body: response.text().await.map_err(Problem::unreachable)?,
    })
}
