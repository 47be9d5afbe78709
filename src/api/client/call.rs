//! From a typed call to a request and back.

use super::{Answer, Snapshot, transport};
use crate::{api::Problem, realtime::Position};
use http::Method;
use serde::{Serialize, de::DeserializeOwned};

/// A request to our own API.
#[derive(Debug, Clone)]
pub struct ApiRequest {
    /// Its method.
    pub method: Method,
    /// Path and query, from `/api` on.
    pub path: String,
    /// The JSON body.
    pub body: Option<String>,
}

/// An answer, read to its end.
#[derive(Debug, Clone)]
pub struct ApiResponse {
    /// The HTTP status.
    pub status: u16,
    /// The log position it came with.
    pub position: Option<Position>,
    /// The body, as text.
    pub body: String,
}

async fn answer(method: Method, path: &str, body: Option<String>) -> Answer<String> {
    let response = transport::send(ApiRequest { method, path: path.to_owned(), body }).await?;
    if !(200..300).contains(&response.status) {
        return Err(Problem::read(response.status, &response.body));
    }
    Ok(Snapshot { position: response.position, data: response.body })
}

pub(super) async fn json<T: DeserializeOwned>(method: Method, path: &str, body: Option<&impl Serialize>) -> Answer<T> {
    let body = body.map(serde_json::to_string).transpose().map_err(unreadable)?;
    let Snapshot { position, data } = answer(method, path, body).await?;
    Ok(Snapshot { position, data: serde_json::from_str(&data).map_err(unreadable)? })
}

pub(super) async fn empty(method: Method, path: &str) -> Answer<()> {
    let Snapshot { position, .. } = answer(method, path, None).await?;
    Ok(Snapshot { position, data: () })
}

pub(super) fn unreadable(error: serde_json::Error) -> Problem {
    Problem {
        status: 0,
        name: "unreadable".into(),
        message: format!("The server's answer could not be read ({error}). Reload the page; the service may have been updated."),
        verdict: None,
    }
}
