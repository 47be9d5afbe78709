//! A WebSocket client of the monitor.

use super::{TestServer, soon};
use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{Error, Message, client::IntoClientRequest, http::HeaderValue, protocol::CloseFrame},
};

/// An open monitor.
pub struct Socket {
    stream: WebSocketStream<MaybeTlsStream<TcpStream>>,
    /// The subprotocol that the server chose.
    pub protocol: Option<String>,
}

impl Socket {
    /// Opens one with these headers; the status when it is refused.
    pub async fn open(server: &TestServer, headers: &[(&'static str, &str)]) -> Result<Self, (u16, String)> {
        Self::open_at(server, "/api/storage/monitor", headers).await
    }

    /// Opens one at another door.
    pub async fn open_at(server: &TestServer, path: &str, headers: &[(&'static str, &str)]) -> Result<Self, (u16, String)> {
        let mut request = format!("ws://{}{path}", server.host()).into_client_request().expect("a request");
        for (name, value) in headers {
            request.headers_mut().insert(*name, HeaderValue::from_str(value).expect("a header value"));
        }
        match soon("the upgrade", connect_async(request)).await {
            Ok((stream, response)) => {
                let protocol = response.headers().get("sec-websocket-protocol").map(|value| value.to_str().expect("text").to_owned());
                Ok(Self { stream, protocol })
            }
            Err(Error::Http(response)) => {
                let body = response.body().clone().unwrap_or_default();
                Err((response.status().as_u16(), String::from_utf8(body).expect("UTF-8")))
            }
            Err(error) => panic!("the upgrade broke: {error}"),
        }
    }

    /// Opens one as an Enduro client without a ticket would, and reads "Hello".
    pub async fn plain(server: &TestServer) -> Self {
        let mut socket = Self::open(server, &[]).await.expect("an upgrade");
        socket.hello().await;
        socket
    }

    /// Opens one that speaks `strongroom.v1`, without having said anything yet.
    pub async fn session(server: &TestServer, headers: &[(&'static str, &str)]) -> Self {
        let headers = [&[("sec-websocket-protocol", "strongroom.v1")], headers].concat();
        let socket = Self::open(server, &headers).await.expect("an upgrade");
        assert_eq!(socket.protocol.as_deref(), Some("strongroom.v1"));
        socket
    }

    /// Opens one that speaks `strongroom.v1` and begins a session that listens to these. The greeting.
    pub async fn listening(server: &TestServer, topics: &[&str], resume: Option<&str>) -> (Self, Value) {
        let mut socket = Self::session(server, &[]).await;
        let greeting = socket.begin(topics, resume).await;
        (socket, greeting)
    }

    /// Begins a session. The greeting.
    pub async fn begin(&mut self, topics: &[&str], resume: Option<&str>) -> Value {
        self.send(&json!({ "type": "session.init", "topics": topics, "resume": resume })).await;
        self.frame().await
    }

    /// Sends JSON.
    pub async fn send(&mut self, frame: &Value) {
        self.say(Message::Text(frame.to_string().into())).await;
    }

    /// The next text frame as JSON, whatever pings come between.
    pub async fn frame(&mut self) -> Value {
        loop {
            match self.message().await {
                Some(Message::Text(text)) => return serde_json::from_str(&text).expect("JSON"),
                Some(Message::Ping(_) | Message::Pong(_)) => {}
                other => panic!("not a text frame: {other:?}"),
            }
        }
    }

    /// The `seq`s of all events up to the answer to a ping: there are no others.
    pub async fn seqs(&mut self) -> Vec<u64> {
        self.send(&json!({ "type": "ping", "n": 99 })).await;
        let mut seqs = Vec::new();
        loop {
            let frame = self.frame().await;
            match frame["seq"].as_u64() {
                Some(seq) => seqs.push(seq),
                None if frame["n"] == 99 => return seqs,
                None => {}
            }
        }
    }

    /// Reads the first frame.
    pub async fn hello(&mut self) {
        assert_eq!(self.text().await, "{\"value\":{\"type\":\"storage_ping_event\",\"value\":{\"message\":\"Hello\"}}}\n");
    }

    /// The next message.
    pub async fn message(&mut self) -> Option<Message> {
        soon("a message", self.stream.next()).await.and_then(Result::ok)
    }

    /// The next text frame.
    pub async fn text(&mut self) -> String {
        match self.message().await {
            Some(Message::Text(text)) => text.to_string(),
            other => panic!("not a text frame: {other:?}"),
        }
    }

    /// The next event, whatever heartbeats come between.
    pub async fn event(&mut self) -> Value {
        loop {
            let frame = self.frame().await;
            if frame["type"].is_null() {
                return frame;
            }
        }
    }

    /// The types of the next events.
    pub async fn types(&mut self, count: usize) -> Vec<String> {
        let mut types = Vec::new();
        for _ in 0..count {
            types.push(self.event().await["value"]["type"].as_str().expect("a type").to_owned());
        }
        types
    }

    /// Sends a message.
    pub async fn say(&mut self, message: Message) {
        soon("sending", self.stream.send(message)).await.expect("the socket is open");
    }

    /// Reads until the server closes, and yields what it says.
    pub async fn closed(&mut self) -> Option<CloseFrame> {
        loop {
            match self.message().await {
                Some(Message::Close(frame)) => return frame,
                Some(_) => {}
                None => return None,
            }
        }
    }

    /// Reads to the very end of the connection.
    pub async fn ended(&mut self) {
        while self.message().await.is_some() {}
    }
}
