//! From a typed call to a request and back.

use super::{Answer, Snapshot, transport};
use crate::{
    api::Problem,
    realtime::{Position, etag::EntityTag},
};
use http::Method;
use serde::{Serialize, de::DeserializeOwned};
use std::{marker::PhantomData, pin::Pin};

/// A request to our own API.
#[derive(Debug, Clone)]
pub struct ApiRequest {
    /// Its method.
    pub method: Method,
    /// Path and query, from `/api` on.
    pub path: String,
    /// The JSON body.
    pub body: Option<String>,
    /// The state that a change is meant for: nothing is changed in another.
    pub if_match: Option<EntityTag>,
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
    send(ApiRequest { method, path: path.to_owned(), body, if_match: None }).await
}

async fn send(request: ApiRequest) -> Answer<String> {
    let response = transport::send(request).await?;
    if !(200..300).contains(&response.status) {
        return Err(Problem::read(response.status, &response.body));
    }
    Ok(Snapshot { position: response.position, data: response.body })
}

pub(super) async fn json<T: DeserializeOwned>(method: Method, path: &str, body: &impl Serialize) -> Answer<T> {
    let body = serde_json::to_string(body).map_err(unreadable)?;
    read(&answer(method, path, Some(body)).await?)
}

/// As [`json`], if what is there is as it was seen.
pub(super) async fn json_if<T: DeserializeOwned>(method: Method, path: &str, seen: EntityTag, body: &impl Serialize) -> Answer<T> {
    let body = serde_json::to_string(body).map_err(unreadable)?;
    read(&send(ApiRequest { method, path: path.to_owned(), body: Some(body), if_match: Some(seen) }).await?)
}

/// An answer as it came, not yet read: the same type for every question.
pub type Text = Snapshot<String>;

/// A question: where to ask, and what the answer is. Await it for the answer; or ask with [`texts`] and [`read`] later.
#[derive(Debug)]
pub struct Call<T> {
    /// Path and query.
    pub path: String,
    answer: PhantomData<fn() -> T>,
}

impl<T> Call<T> {
    pub(super) fn new(path: impl Into<String>) -> Self {
        Self { path: path.into(), answer: PhantomData }
    }
}

impl<T: DeserializeOwned + 'static> IntoFuture for Call<T> {
    type Output = Answer<T>;
    type IntoFuture = Pin<Box<dyn Future<Output = Answer<T>> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move { read(&answer(Method::GET, &self.path, None).await?) })
    }
}

/// Asks one after the other, so that the position of the first is not newer than that of any. What has no path is not asked: its
/// text is empty.
///
/// # Errors
/// The first one that cannot be answered.
pub async fn texts(paths: Vec<String>) -> Result<Vec<Text>, Problem> {
    let mut texts = Vec::with_capacity(paths.len());
    for path in paths {
        texts.push(if path.is_empty() { Text::default() } else { answer(Method::GET, &path, None).await? });
    }
    Ok(texts)
}

/// Reads an answer.
///
/// # Errors
/// If it is none: the service is another version than this page.
pub fn read<T: DeserializeOwned>(text: &Text) -> Answer<T> {
    Ok(Snapshot { position: text.position, data: serde_json::from_str(&text.data).map_err(unreadable)? })
}

/// Asks for something that is begun and goes on by itself: there is nothing in the answer.
pub(super) async fn accepted(path: &str, body: &impl Serialize) -> Answer<()> {
    let body = serde_json::to_string(body).map_err(unreadable)?;
    let Snapshot { position, .. } = answer(Method::POST, path, Some(body)).await?;
    Ok(Snapshot { position, data: () })
}

pub(super) async fn empty(method: Method, path: &str) -> Answer<()> {
    let Snapshot { position, .. } = answer(method, path, None).await?;
    Ok(Snapshot { position, data: () })
}

/// What came is not what was asked for.
#[must_use]
pub fn unreadable(error: serde_json::Error) -> Problem {
    Problem {
        status: 0,
        name: "unreadable".into(),
        message: format!("The server's answer could not be read ({error}). Reload the page; the service may have been updated."),
        verdict: None,
    }
}
