//! The connection against peers that a test plays.

use super::*;
use crate::domain::attribute;
use futures::channel::mpsc::{self, UnboundedReceiver, UnboundedSender};
use std::{
    convert::Infallible,
    pin::Pin,
    task::{Context, Poll},
};

/// A socket whose other end is two channels.
struct Wire {
    inbound: UnboundedReceiver<Result<Message, Infallible>>,
    outbound: UnboundedSender<Message>,
    /// Never takes anything, as when the client does not read.
    stuck: bool,
}

impl Stream for Wire {
    type Item = Result<Message, Infallible>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.inbound.poll_next_unpin(context)
    }
}

impl Sink<Message> for Wire {
    type Error = mpsc::SendError;

    fn poll_ready(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        if self.stuck { Poll::Pending } else { self.outbound.poll_ready_unpin(context) }
    }

    fn start_send(mut self: Pin<&mut Self>, message: Message) -> Result<(), Self::Error> {
        self.outbound.start_send_unpin(message)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.outbound.poll_flush_unpin(context)
    }

    fn poll_close(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.outbound.poll_close_unpin(context)
    }
}

/// A log that a test writes.
struct Log(UnboundedReceiver<Result<Vec<Arc<HubEvent>>, HubError>>);

impl Feed for Log {
    async fn next_batch(&mut self, _: usize) -> Result<Vec<Arc<HubEvent>>, HubError> {
        match self.0.next().await {
            Some(batch) => batch,
            None => std::future::pending().await,
        }
    }
}

/// A connection under test and everything around it.
struct Play {
    to_server: UnboundedSender<Result<Message, Infallible>>,
    from_server: UnboundedReceiver<Message>,
    log: UnboundedSender<Result<Vec<Arc<HubEvent>>, HubError>>,
    beat: UnboundedSender<()>,
    signed_out: CancellationToken,
    shutdown: CancellationToken,
    ended: tokio::task::JoinHandle<Ended>,
}

impl Play {
    fn begin(stuck: bool) -> Self {
        Self::begin_as(Permissions::All, stuck)
    }

    fn begin_as(permissions: Permissions, stuck: bool) -> Self {
        let (to_server, inbound) = mpsc::unbounded();
        let (outbound, from_server) = mpsc::unbounded();
        let (log, events) = mpsc::unbounded();
        let (beat, heartbeat) = mpsc::unbounded();
        let (shutdown, signed_out) = (CancellationToken::new(), CancellationToken::new());
        let stall = if stuck { Duration::ZERO } else { Duration::from_secs(60) };
        let connection = Connection {
            door: Monitor { feed: Log(events), permissions },
            heartbeat,
            signed_out: signed_out.clone(),
            shutdown: shutdown.clone(),
            stall,
        };
        let ended = tokio::spawn(connection.run(Wire { inbound, outbound, stuck }));
        Self { to_server, from_server, log, beat, signed_out, shutdown, ended }
    }

    async fn text(&mut self) -> String {
        match self.from_server.next().await {
            Some(Message::Text(text)) => text.to_string(),
            other => panic!("not a text frame: {other:?}"),
        }
    }

    /// The client leaves; yields why the server thinks it ended and what it still had sent.
    async fn end(mut self) -> (Ended, Vec<Message>) {
        drop(self.to_server);
        let ended = self.ended.await.expect("no panic");
        let mut rest = Vec::new();
        while let Some(message) = self.from_server.next().await {
            rest.push(message);
        }
        (ended, rest)
    }
}

fn event(seq: u64, known_to_enduro: bool) -> Arc<HubEvent> {
    gated(seq, known_to_enduro, &[])
}

fn gated(seq: u64, known_to_enduro: bool, seen_with: &'static [&'static str]) -> Arc<HubEvent> {
    Arc::new(HubEvent {
        seq,
        tag: seq,
        known_to_enduro,
        seen_with,
        topics: Vec::new(),
        change: std::sync::OnceLock::new(),
        line: format!("{{\"seq\":{seq}}}\n").into(),
    })
}

fn close_of(messages: &[Message]) -> (u16, &str) {
    match messages.last() {
        Some(Message::Close(Some(frame))) => (frame.code, frame.reason.as_str()),
        other => panic!("not a close frame: {other:?}"),
    }
}

#[tokio::test]
async fn hello_comes_first_and_a_ping_with_each_heartbeat() {
    let mut play = Play::begin(false);
    assert_eq!(play.text().await, "{\"value\":{\"type\":\"storage_ping_event\",\"value\":{\"message\":\"Hello\"}}}\n");
    play.beat.unbounded_send(()).expect("the server listens");
    assert_eq!(play.text().await, "{\"value\":{\"type\":\"storage_ping_event\",\"value\":{\"message\":\"Ping\"}}}\n");
    assert_eq!(play.from_server.next().await, Some(Message::Ping(Bytes::new())));
    assert_eq!(play.end().await.0, Ended::ByClient);
}

#[tokio::test]
async fn events_go_out_in_order_without_those_that_are_unknown() {
    let mut play = Play::begin(false);
    play.text().await;
    for batch in [vec![event(1, true), event(2, false), event(3, true)], vec![event(4, true)]] {
        play.log.unbounded_send(Ok(batch)).expect("the server listens");
    }
    for seq in [1, 3, 4] {
        assert_eq!(play.text().await, format!("{{\"seq\":{seq}}}\n"));
    }
    assert!(play.end().await.1.is_empty());
}

#[tokio::test]
async fn events_go_only_to_those_who_may_see_them() {
    let (list, read, locations) = (attribute::AIPS_LIST, attribute::AIPS_READ, attribute::LOCATIONS_LIST);
    const EITHER: &[&str] = &[attribute::AIPS_LIST, attribute::AIPS_READ];
    for (held, expected) in [
        (vec![list], vec![1, 2, 4]),
        (vec![read], vec![2, 4]),
        (vec![locations], vec![3, 4]),
        (vec!["storage:*"], vec![1, 2, 3, 4]),
        (vec![], vec![4]),
    ] {
        let held = Permissions::Only(held.into_iter().map(str::to_owned).collect());
        let mut play = Play::begin_as(held, false);
        play.text().await;
        let events = vec![gated(1, true, &[attribute::AIPS_LIST]), gated(2, true, EITHER), gated(3, true, &[attribute::LOCATIONS_LIST])];
        play.log.unbounded_send(Ok(events)).expect("the server listens");
        play.log.unbounded_send(Ok(vec![event(4, true)])).expect("the server listens");
        for seq in expected {
            assert_eq!(play.text().await, format!("{{\"seq\":{seq}}}\n"));
        }
        assert!(play.end().await.1.is_empty());
    }
}

#[tokio::test]
async fn a_sign_out_is_told_and_nothing_follows() {
    let mut play = Play::begin(false);
    play.text().await;
    play.signed_out.cancel();
    play.log.unbounded_send(Ok(vec![event(1, true)])).expect("the server listens");
    let Some(message) = play.from_server.next().await else { panic!("nothing was told") };
    assert_eq!(close_of(&[message]).0, close_code::POLICY);
    let (ended, rest) = play.end().await;
    assert_eq!((ended, rest.len()), (Ended::SignedOut, 0));
}

#[tokio::test]
async fn a_client_without_a_sign_of_life_is_let_go() {
    let play = Play::begin(false);
    for _ in 0..3 {
        play.beat.unbounded_send(()).expect("the server listens");
    }
    let Play { to_server, mut from_server, ended, .. } = play;
    let messages: Vec<_> = from_server.by_ref().take(6).collect().await;
    assert_eq!(close_of(&messages), (close_code::POLICY, "no answer to pings"));
    drop(to_server);
    assert_eq!(ended.await.expect("no panic"), Ended::Silent);
}

#[tokio::test]
async fn a_pong_is_a_sign_of_life() {
    let mut play = Play::begin(false);
    play.text().await;
    for _ in 0..5 {
        play.beat.unbounded_send(()).expect("the server listens");
        play.text().await;
        assert!(matches!(play.from_server.next().await, Some(Message::Ping(_))));
        play.to_server.unbounded_send(Ok(Message::Pong(Bytes::new()))).expect("the server reads");
    }
    assert_eq!(play.end().await.0, Ended::ByClient);
}

#[tokio::test]
async fn a_write_that_is_stuck_ends_the_connection() {
    let play = Play::begin(true);
    assert_eq!(play.ended.await.expect("no panic"), Ended::TooSlow);
}

#[tokio::test]
async fn the_end_of_the_service_is_told() {
    let mut play = Play::begin(false);
    play.text().await;
    play.shutdown.cancel();
    let Some(message) = play.from_server.next().await else { panic!("nothing was told") };
    assert_eq!(close_of(&[message]), (close_code::NORMAL, "server closing connection"));
    assert_eq!(play.end().await.0, Ended::Shutdown);
}

#[tokio::test]
async fn a_client_that_the_log_cannot_serve_any_more_is_told_to_read_anew() {
    let mut play = Play::begin(false);
    play.text().await;
    play.log.unbounded_send(Err(HubError::Lost(7))).expect("the server listens");
    let Some(message) = play.from_server.next().await else { panic!("nothing was told") };
    assert_eq!(close_of(&[message]).0, close_code::AGAIN);
    assert_eq!(play.end().await.0, Ended::FellBehind);
}

#[tokio::test]
async fn a_flood_of_messages_ends_the_connection() {
    let mut play = Play::begin(false);
    play.text().await;
    for _ in 0..=INBOUND_PER_HEARTBEAT {
        play.to_server.unbounded_send(Ok(Message::Text("{}".into()))).expect("the server reads");
    }
    let Some(message) = play.from_server.next().await else { panic!("nothing was told") };
    assert_eq!(close_of(&[message]), (close_code::POLICY, "too many messages"));
}

#[tokio::test]
async fn a_close_frame_ends_it() {
    let mut play = Play::begin(false);
    play.text().await;
    play.to_server.unbounded_send(Ok(Message::Close(None))).expect("the server reads");
    assert_eq!(play.end().await.0, Ended::ByClient);
}
