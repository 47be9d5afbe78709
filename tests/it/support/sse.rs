//! A client of the monitor's server-sent events.

use super::{TestServer, soon};
use bytes::Bytes;
use futures::{StreamExt, stream::BoxStream};
use reqwest::{Method, header::HeaderMap};
use serde_json::Value;

/// One event of the stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// `event:`; empty for a plain message.
    pub name: String,
    /// `id:`.
    pub id: String,
    /// `data:`.
    pub data: String,
}

impl Piece {
    /// The data as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.data).expect("JSON")
    }

    /// The type of the event that it carries.
    pub fn kind(&self) -> String {
        self.json()["value"]["type"].as_str().unwrap_or_default().to_owned()
    }
}

/// An open stream.
pub struct Sse {
    chunks: BoxStream<'static, reqwest::Result<Bytes>>,
    text: String,
    pub headers: HeaderMap,
}

impl Sse {
    /// Opens one that goes on after `last`.
    pub async fn open(server: &TestServer, last: Option<&str>) -> Self {
        let mut request = server.request(Method::GET, "/api/storage/monitor").header("accept", "text/event-stream");
        if let Some(last) = last {
            request = request.header("last-event-id", last);
        }
        let response = request.send().await.expect("an answer");
        assert_eq!(response.status(), 200);
        Self { headers: response.headers().clone(), chunks: response.bytes_stream().boxed(), text: String::new() }
    }

    /// The next piece as it came, without its blank line; `None` at the end of the stream.
    pub async fn raw(&mut self) -> Option<String> {
        loop {
            if let Some((piece, rest)) = self.text.split_once("\n\n") {
                let (piece, rest) = (piece.to_owned(), rest.to_owned());
                self.text = rest;
                return Some(piece);
            }
            let chunk = soon("a piece", self.chunks.next()).await?.ok()?;
            self.text.push_str(std::str::from_utf8(&chunk).expect("pieces are not cut within a character"));
        }
    }

    /// The next piece.
    pub async fn next(&mut self) -> Piece {
        let raw = self.raw().await.expect("another piece");
        let field = |name: &str| {
            let found: Vec<_> = raw.lines().filter_map(|line| line.strip_prefix(name)?.strip_prefix(": ")).collect();
            assert!(found.len() <= 1, "{name} twice in {raw:?}");
            found.first().copied().unwrap_or_default().to_owned()
        };
        Piece { name: field("event"), id: field("id"), data: field("data") }
    }
}
