//! One WebSocket: what a [`Door`] says out, and enough reading to know whether anybody is there.
//!
//! Generic over what is written to and read from, and given its heartbeats, so that tests can play any peer and any time.
//! Invariants: what a door gives goes out in its order, each once; its greeting is first; a client that cannot keep up is let go
//! instead of being sent less.

use super::{BATCH, feed::Feed, ping};
use crate::{
    domain::Permissions,
    server::hub::{HubError, HubEvent},
};
use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocketUpgrade, close_code};
use bytes::Bytes;
use futures::{Sink, SinkExt, Stream, StreamExt};
use std::{future::Future, sync::Arc, time::Duration};
use tokio_util::sync::CancellationToken;

/// How long a write may be stuck (`realtime.md` section 8).
pub(super) const STALL: Duration = Duration::from_secs(10);

/// The longest message and frame that is read.
const MAX_INBOUND: usize = 64 * 1024;

/// Heartbeats without a sign of life after which nobody is there.
const SILENT_HEARTBEATS: u32 = 2;

/// Frames that a client may send between two heartbeats. Clients of this protocol have nothing to say but pongs.
const INBOUND_PER_HEARTBEAT: u32 = 64;

/// Sets what a connection may use of memory: axum's own read buffer of 128 KiB would be half a gigabyte for idle clients. What clients
/// send are a few short frames; a longer one takes more reads.
pub(super) fn bounded(upgrade: WebSocketUpgrade) -> WebSocketUpgrade {
    upgrade
        .read_buffer_size(1024)
        .write_buffer_size(8 * 1024)
        .max_write_buffer_size(1024 * 1024)
        .max_message_size(MAX_INBOUND)
        .max_frame_size(MAX_INBOUND)
}

/// Why a connection ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ended {
    /// The client left.
    ByClient,
    /// The service stops.
    Shutdown,
    /// The person signed out, what let them in expired, or what they may do has changed.
    SignedOut,
    /// A write was stuck: the client reads too slowly, or not at all.
    TooSlow,
    /// No sign of life.
    Silent,
    /// The client sends more than it has to say.
    TooTalkative,
    /// The log can no longer tell what the client has missed, or cannot be read.
    FellBehind,
    /// What came in was no message of this protocol, or too long; or the connection broke while reading.
    Unreadable,
    /// The connection broke while writing.
    Broken,
}

/// What is said through a door: what its clients send and are sent.
pub(super) trait Door: Send {
    /// The first frames.
    fn greeting(&mut self) -> Vec<Message> {
        Vec::new()
    }

    /// A text frame came.
    fn heard(&mut self, _text: &str) -> Vec<Message> {
        Vec::new()
    }

    /// A frame that says that the connection is alive, where the door has one.
    fn heartbeat(&mut self) -> Option<Message> {
        None
    }

    /// Waits for what is to be sent; nothing is lost when the future is dropped.
    fn next(&mut self) -> impl Future<Output = Result<Vec<Message>, Ended>> + Send;
}

/// Enduro's door: the events that its clients know.
pub(super) struct Monitor<F> {
    /// Where its events come from.
    pub(super) feed: F,
    /// What whoever opened it may do. It does not change while the connection is open: when it does, that ends.
    pub(super) permissions: Permissions,
}

impl<F: Feed> Door for Monitor<F> {
    fn greeting(&mut self) -> Vec<Message> {
        vec![line(ping("Hello"))]
    }

    fn heartbeat(&mut self) -> Option<Message> {
        Some(line(ping("Ping")))
    }

    async fn next(&mut self) -> Result<Vec<Message>, Ended> {
        let batch = self.feed.next_batch(BATCH).await.map_err(|error| fell_behind(&error))?;
        let meant = |event: &&Arc<HubEvent>| event.known_to_enduro && event.is_seen_with(&self.permissions);
        Ok(batch.iter().filter(meant).map(frame).collect())
    }
}

/// What one connection is made of, beside the socket.
pub(super) struct Connection<D, H> {
    /// What is said.
    pub(super) door: D,
    /// One item per heartbeat.
    pub(super) heartbeat: H,
    /// Cancelled when whoever opened it is not signed in any more, or may do other things than before.
    pub(super) signed_out: CancellationToken,
    /// Cancelled when the service stops.
    pub(super) shutdown: CancellationToken,
    /// How long a write may be stuck.
    pub(super) stall: Duration,
}

impl<D: Door, H: Stream<Item = ()> + Unpin> Connection<D, H> {
    /// Serves the client until one of the two sides ends it.
    pub(super) async fn run<S, R, W>(mut self, mut socket: S) -> Ended
    where
        S: Stream<Item = Result<Message, R>> + Sink<Message, Error = W> + Unpin,
    {
        let ended = match self.serve(&mut socket).await {
            Ok(never) => match never {},
            Err(ended) => ended,
        };
        self.say_goodbye(&mut socket, ended).await;
        ended
    }

    async fn serve<S, R, W>(&mut self, socket: &mut S) -> Result<std::convert::Infallible, Ended>
    where
        S: Stream<Item = Result<Message, R>> + Sink<Message, Error = W> + Unpin,
    {
        let greeting = self.door.greeting();
        self.write(socket, greeting).await?;
        let (mut silent, mut inbound) = (0, 0);
        loop {
            // In this order: a pong that is here counts before the heartbeat that would miss it. Reading is bounded, so events
            // are never kept waiting for long.
            tokio::select! {
                biased;
                () = self.shutdown.cancelled() => return Err(Ended::Shutdown),
                () = self.signed_out.cancelled() => return Err(Ended::SignedOut),
                received = socket.next() => {
                    let answers = match received {
                        None | Some(Ok(Message::Close(_))) => return Err(Ended::ByClient),
                        Some(Err(_)) => return Err(Ended::Unreadable),
                        Some(Ok(Message::Text(text))) => self.door.heard(&text),
                        Some(Ok(_)) => Vec::new(),
                    };
                    silent = 0;
                    inbound += 1;
                    if inbound > INBOUND_PER_HEARTBEAT {
                        return Err(Ended::TooTalkative);
                    }
                    self.write(socket, answers).await?;
                }
                _ = self.heartbeat.next() => {
                    if silent >= SILENT_HEARTBEATS {
                        return Err(Ended::Silent);
                    }
                    (silent, inbound) = (silent + 1, 0);
                    // The second frame is for the other side's WebSocket, which answers it by itself.
                    let alive = self.door.heartbeat().into_iter().chain([Message::Ping(Bytes::new())]);
                    self.write(socket, alive.collect()).await?;
                }
                frames = self.door.next() => {
                    let frames = frames?;
                    self.write(socket, frames).await?;
                }
            }
        }
    }

    /// Writes frames and flushes once.
    async fn write<S, W>(&self, socket: &mut S, frames: Vec<Message>) -> Result<(), Ended>
    where
        S: Sink<Message, Error = W> + Unpin,
    {
        if frames.is_empty() {
            return Ok(());
        }
        let writing = async {
            for frame in frames {
                socket.feed(frame).await?;
            }
            socket.flush().await
        };
        match tokio::time::timeout(self.stall, writing).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(Ended::Broken),
            Err(_) => Err(Ended::TooSlow),
        }
    }

    /// Closes as politely as the other side allows.
    async fn say_goodbye<S, R, W>(&self, socket: &mut S, ended: Ended)
    where
        S: Stream<Item = Result<Message, R>> + Sink<Message, Error = W> + Unpin,
    {
        let closing = async {
            if let Some(close) = close_frame(ended) {
                socket.send(Message::Close(Some(close))).await.ok()?;
            } else if ended == Ended::ByClient {
                // The answer to the client's close frame is queued already.
                socket.flush().await.ok()?;
            } else {
                return None;
            }
            // Until the other side has seen it; what it still says no longer matters.
            while let Some(Ok(_)) = socket.next().await {}
            Some(())
        };
        let _ = tokio::time::timeout(self.stall.min(Duration::from_secs(2)), closing).await;
    }
}

/// What the client is told at the end; nothing when it cannot or need not hear it.
fn close_frame(ended: Ended) -> Option<CloseFrame> {
    let (code, reason) = match ended {
        Ended::Shutdown => (close_code::NORMAL, "server closing connection"),
        Ended::SignedOut => (close_code::POLICY, "signed out, or permissions have changed"),
        Ended::Silent => (close_code::POLICY, "no answer to pings"),
        Ended::TooTalkative => (close_code::POLICY, "too many messages"),
        Ended::Unreadable => (close_code::PROTOCOL, "a message was too long or not understood"),
        Ended::FellBehind => (close_code::AGAIN, "events were missed; read the data anew"),
        Ended::ByClient | Ended::TooSlow | Ended::Broken => return None,
    };
    Some(CloseFrame { code, reason: Utf8Bytes::from_static(reason) })
}

pub(super) fn fell_behind(error: &HubError) -> Ended {
    tracing::warn!(%error, "a monitor connection cannot go on");
    Ended::FellBehind
}

fn frame(event: &Arc<HubEvent>) -> Message {
    Message::Text(event.line.clone())
}

/// A text frame that ends with a newline, as Enduro's do.
fn line(mut json: String) -> Message {
    json.push('\n');
    Message::Text(json.into())
}

#[cfg(test)]
mod tests;
