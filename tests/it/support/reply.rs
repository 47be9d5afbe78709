//! An answer, read to its end.

use reqwest::{RequestBuilder, StatusCode, header::HeaderMap};
use serde_json::Value;

/// Status, headers and body.
#[derive(Debug)]
pub struct Reply {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
}

impl Reply {
    /// Sends a request and reads the answer.
    pub async fn to(request: RequestBuilder) -> Self {
        let response = request.send().await.expect("an answer");
        Self { status: response.status(), headers: response.headers().clone(), body: response.text().await.expect("a body") }
    }

    /// A header as text; empty when it is absent.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("text"))
    }

    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error} in {self:?}"))
    }

    /// Status and body, for an assertion that shows both.
    pub fn told(&self) -> (u16, &str) {
        (self.status.as_u16(), &self.body)
    }

    /// The body of an error object with its random id replaced, so that it can be compared to the byte.
    pub fn without_id(&self) -> String {
        let id = self.json()["id"].as_str().unwrap_or_else(|| panic!("no error object: {self:?}")).to_owned();
        assert!(
            id.len() == 8 && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_'),
            "{id:?} is not 8 characters of base64url"
        );
        self.body.replace(&id, "IDIDIDID")
    }

    /// Asserts an error object with this status and name; yields its message.
    #[track_caller]
    pub fn error(&self, status: u16, name: &str) -> String {
        assert_eq!(self.status.as_u16(), status, "{self:?}");
        assert_eq!(self.header("content-type"), "application/json");
        let json = self.json();
        assert_eq!(json["name"], name, "{self:?}");
        json["message"].as_str().expect("a message").to_owned()
    }
}
