//! One connection that speaks `strongroom.v1`: does with a real socket what [`crate::realtime::session`] decides.
//!
//! Generic over what is written to and read from, so that a test can be any peer. Invariants: a frame is written only if the session
//! says so; an event is counted as delivered exactly when it is handed to the socket; a peer that does not take what is written within
//! [`STALL`] is let go, and resumes.

use super::{
    BATCH,
    beside::{Adjusted, Beside, Heard},
    socket::STALL,
};
use crate::{
    realtime::{
        Position,
        protocol::{ByeCode, ResyncReason, ServerFrame, Ticket},
        resume::Resumption,
        session::{Action, Expiry, Opening, Session},
        topic::Topic,
    },
    server::{
        auth::live::Lease,
        http::{Api, caller::Access},
        hub::{Cursor, HubError, HubEvent, Resumed},
    },
};
use axum::extract::ws::{CloseFrame, Message, Utf8Bytes};
use bytes::Bytes;
use futures::{Sink, SinkExt, Stream, StreamExt};
use rand::Rng as _;
use std::{collections::VecDeque, sync::Arc, time::Duration};
use tokio::time::Instant;
use uuid::Uuid;

/// How long the other side may take to answer the close frame.
const FAREWELL: Duration = Duration::from_secs(2);
/// Milliseconds after which a client whose sign-in ended or changed asks for another ticket.
const RETURN: u64 = 1_000;
/// Milliseconds after which clients of a server that stops come back: spread, so that they do not come all at once.
const COME_BACK: std::ops::Range<u64> = 500..4_000;

/// What one connection is made of, beside the socket.
pub(super) struct Connection {
    /// Answers for tickets.
    pub(super) api: Api,
    /// Who opened it, and what they may do.
    pub(super) access: Access,
    /// Their right to keep it open.
    pub(super) lease: Lease,
    /// The page's origin: a ticket that renews has to come from the same page.
    pub(super) origin: Option<String>,
}

/// Why the loop ended.
#[derive(Debug)]
pub(super) enum Ended {
    /// The session is over, and this status is told to the other side.
    Closed(u16),
    /// The other side closed.
    ByClient,
    /// The socket broke.
    Broken,
    /// A write was stuck.
    TooSlow,
}

struct Running {
    connection: Connection,
    session: Session,
    /// None before the session began.
    cursor: Option<Cursor>,
    /// What is told beside the log.
    beside: Beside,
    epoch: u64,
    started: Instant,
}

impl Connection {
    /// Serves the client until one of the two sides ends it.
    pub(super) async fn run<S, R, W>(self, mut socket: S) -> Ended
    where
        S: Stream<Item = Result<Message, R>> + Sink<Message, Error = W> + Unpin,
    {
        let epoch = self.api.services.position().epoch;
        let mut running =
            Running { connection: self, session: Session::new(0), cursor: None, beside: Beside::default(), epoch, started: Instant::now() };
        let ended = match running.serve(&mut socket).await {
            Ok(never) => match never {},
            Err(ended) => ended,
        };
        say_goodbye(&mut socket, &ended).await;
        ended
    }
}

impl Running {
    async fn serve<S, R, W>(&mut self, socket: &mut S) -> Result<std::convert::Infallible, Ended>
    where
        S: Stream<Item = Result<Message, R>> + Sink<Message, Error = W> + Unpin,
    {
        let stopping = self.connection.api.services.hub().shutdown();
        // Waited for once, not anew for every event: everybody waits for this one.
        let stopped = stopping.cancelled();
        tokio::pin!(stopped);
        let due = tokio::time::sleep_until(self.started);
        tokio::pin!(due);
        loop {
            let at = self.session.next_due().map_or(self.started + Duration::from_secs(3600), |due| self.instant(due));
            if due.deadline() != at {
                due.as_mut().reset(at);
            }
            let signed_out = self.connection.lease.ended();
            // In this order: what ends a connection comes first, and a pong that is here counts before the tick that would miss it.
            // What a client may send is bounded, so events are never kept waiting for long.
            let actions = tokio::select! {
                biased;
                () = &mut stopped => {
                    let retry = rand::rng().random_range(COME_BACK);
                    self.session.bye(ByeCode::Restart, Some(retry), "The service stops. It will be back.")
                }
                () = signed_out.cancelled() => self.not_as_before(),
                received = socket.next() => match received {
                    None | Some(Ok(Message::Close(_))) => return Err(Ended::ByClient),
                    Some(Err(_)) => return Err(Ended::Broken),
                    Some(Ok(Message::Text(text))) => {
                        self.deliver(socket).await?;
                        self.session.text(&text, self.now())
                    }
                    Some(Ok(Message::Binary(_))) => self.session.binary(self.now()),
                    Some(Ok(Message::Ping(_) | Message::Pong(_))) => {
                        self.session.heard(self.now());
                        Vec::new()
                    }
                },
                () = &mut due => self.tick(),
                batch = next_batch(&mut self.cursor) => match batch {
                    Ok(batch) => {
                        self.send(socket, &batch).await?;
                        Vec::new()
                    }
                    Err(error) => self.cannot_go_on(&error),
                },
                heard = self.beside.next() => match heard {
                    Heard::Note(note) => {
                        let meant = self.session.hears(&[note.topic]) && note.is_seen_with(&self.connection.access.permissions);
                        write(socket, meant.then(|| Message::Text(note.text.clone())).into_iter().collect()).await?;
                        Vec::new()
                    }
                    Heard::Sample(text) => {
                        write(socket, vec![Message::Text(text)]).await?;
                        Vec::new()
                    }
                    Heard::Missed => self.start_anew(ResyncReason::Lag),
                },
            };
            // Before the client is answered: what it reads after that may change at once.
            self.beside.listen(self.session.topics(), self.connection.api.services.hub().news());
            self.perform(socket, actions).await?;
            self.adjust(socket).await?;
        }
    }

    /// Sends everything up to where the log stands now. Done before a frame of the client is heard: its answer comes after everything that
    /// had happened before it, and new topics begin exactly there.
    async fn deliver<S, W>(&mut self, socket: &mut S) -> Result<(), Ended>
    where
        S: Sink<Message, Error = W> + Unpin,
    {
        let end = self.connection.api.services.position().seq;
        while self.cursor.as_ref().is_some_and(|cursor| cursor.seq() < end) {
            match next_batch(&mut self.cursor).await {
                Ok(batch) => self.send(socket, &batch).await?,
                Err(error) => {
                    let actions = self.cannot_go_on(&error);
                    self.perform(socket, actions).await?;
                }
            }
        }
        Ok(())
    }

    /// Listens to what the topics ask for now.
    async fn adjust<S, W>(&mut self, socket: &mut S) -> Result<(), Ended>
    where
        S: Sink<Message, Error = W> + Unpin,
    {
        if self.session.position().is_none() {
            return Ok(());
        }
        let Connection { api, access, .. } = &self.connection;
        let services = &api.services;
        let Adjusted { messages, refusal } = self.beside.adjust(self.session.topics(), &access.permissions, services.tasks(), &api.system);
        let mut frames: Vec<Message> = messages.into_iter().map(Message::Text).collect();
        frames.extend(refusal.map(|why| Message::Text(ServerFrame::Error { message: why.to_owned() }.to_text().into())));
        write(socket, frames).await
    }

    async fn send<S, W>(&mut self, socket: &mut S, batch: &[Arc<HubEvent>]) -> Result<(), Ended>
    where
        S: Sink<Message, Error = W> + Unpin,
    {
        let frames = batch.iter().flat_map(|event| self.offer(event)).collect();
        write(socket, frames).await
    }

    /// Does what the session says, in order, and flushes once.
    async fn perform<S, W>(&mut self, socket: &mut S, actions: Vec<Action>) -> Result<(), Ended>
    where
        S: Sink<Message, Error = W> + Unpin,
    {
        let mut to_do = VecDeque::from(actions);
        let mut frames = Vec::new();
        while let Some(action) = to_do.pop_front() {
            let more = match action {
                Action::Send(frame) => {
                    let alive = matches!(frame, ServerFrame::Heartbeat { .. });
                    frames.push(Message::Text(frame.to_text().into()));
                    if alive {
                        // The other side's WebSocket answers this one by itself.
                        frames.push(Message::Ping(Bytes::new()));
                    }
                    Vec::new()
                }
                // These two ask the database, once or seldom. In boxes, what that takes is not held by each connection all its life.
                Action::Begin { session_id, resume } => Box::pin(self.begin(session_id, resume)).await,
                Action::Renew(ticket) => Box::pin(self.renew(&ticket)).await,
                Action::Resync { delivered, reason } => {
                    let ours = self.session.delivered();
                    tracing::warn!(theirs = delivered, ours, ?reason, "a client and this server do not agree on what was sent");
                    self.start_anew(reason)
                }
                Action::Close(status) => {
                    write(socket, frames).await?;
                    return Err(Ended::Closed(status));
                }
            };
            for action in more.into_iter().rev() {
                to_do.push_front(action);
            }
        }
        write(socket, frames).await
    }

    async fn begin(&mut self, session_id: Option<Uuid>, resume: Option<Position>) -> Vec<Action> {
        let opening = match self.opening(session_id, resume).await {
            Ok((opening, cursor)) => {
                self.cursor = Some(cursor);
                opening
            }
            Err(error) => return self.cannot_go_on(&error),
        };
        self.epoch = opening.end.epoch;
        self.session.begin(opening, self.now())
    }

    async fn opening(&self, session_id: Option<Uuid>, resume: Option<Position>) -> Result<(Opening, Cursor), HubError> {
        let services = &self.connection.api.services;
        let hub = services.hub();
        let mut opening = Opening {
            session_id: session_id.unwrap_or_else(|| services.new_id()),
            instance_id: services.instance_id(),
            end: hub.position(),
            resume: None,
            replayed: 0,
            expiry: self.expiry(),
        };
        let Some(position) = resume else { return Ok((opening, hub.cursor_after(opening.end.seq))) };
        let Resumed { mut verdict, end, cursor } = hub.resume(position).await?;
        opening.end = end;
        if matches!(verdict, Resumption::After(_)) && self.session.hears(&[Topic::Resources]) {
            // What is told beside the log cannot be handed over again, and nobody can say whether there was any.
            verdict = Resumption::Resync(ResyncReason::Lag);
        }
        if let Resumption::After(seq) = verdict {
            match self.count(hub.cursor_after(seq), end).await {
                Ok(count) => opening.replayed = count,
                // Let go of in this very moment.
                Err(HubError::Lost(_)) => verdict = Resumption::Resync(ResyncReason::TooOld),
                Err(error) => return Err(error),
            }
        }
        opening.resume = Some((position, verdict));
        let cursor = if let Resumption::Resync(reason) = verdict {
            services.meters().resync(reason.as_str());
            hub.cursor_after(end.seq)
        } else {
            cursor
        };
        Ok((opening, cursor))
    }

    /// How many events up to `end` the client will be sent. They are read twice rather than held: a replay may be long.
    async fn count(&self, mut cursor: Cursor, end: Position) -> Result<u64, HubError> {
        let mut count = 0;
        while cursor.seq() < end.seq {
            let batch = cursor.next_batch(BATCH).await?;
            let meant = |event: &&Arc<HubEvent>| event.seq <= end.seq && self.session.hears(&event.topics) && self.may_see(event);
            count += batch.iter().filter(meant).count() as u64;
        }
        Ok(count)
    }

    fn may_see(&self, event: &HubEvent) -> bool {
        event.is_seen_with(&self.connection.access.permissions)
    }

    /// The event, and what it says to those who keep copies, as far as each is asked for.
    fn offer(&mut self, event: &Arc<HubEvent>) -> impl Iterator<Item = Message> + use<> {
        let at = Position { epoch: self.epoch, seq: event.seq, tag: event.tag };
        let permissions = &self.connection.access.permissions;
        let fresh = self.session.position().is_some_and(|position| at.seq > position.seq);
        let copied = fresh && self.session.hears(&[Topic::Resources]) && event.is_seen_with(permissions);
        let sent = self.session.offer(at, &event.topics, || event.is_seen_with(permissions));
        let change = copied.then(|| event.resource_change().cloned()).flatten();
        sent.then(|| event.line.clone()).into_iter().chain(change).map(Message::Text)
    }

    async fn renew(&mut self, ticket: &Ticket) -> Vec<Action> {
        let Connection { api, access, origin, .. } = &self.connection;
        match api.renew(access, ticket.secret(), origin.as_deref()).await {
            Ok((access, lease)) => {
                let same = access.permissions == self.connection.access.permissions;
                (self.connection.access, self.connection.lease) = (access, lease);
                let mut actions = self.session.renewed(self.expiry());
                if !same {
                    self.beside.decide_anew();
                    actions.extend(self.start_anew(ResyncReason::Permissions));
                }
                actions
            }
            Err(_refused) => self.session.not_renewed(),
        }
    }

    fn tick(&mut self) -> Vec<Action> {
        self.session.tick(self.now(), self.connection.api.services.clock().now())
    }

    /// Whoever opened it signed out, or may do other things than before. The client's next ticket tells which: 401, or a session that
    /// begins anew with what may be seen now. Not at once: a page that signs out is about to go elsewhere.
    fn not_as_before(&mut self) -> Vec<Action> {
        self.session.bye(ByeCode::Expired, Some(RETURN), "You signed out, or what you may do has changed.")
    }

    fn cannot_go_on(&mut self, error: &HubError) -> Vec<Action> {
        match error {
            HubError::Lost(_) => self.start_anew(ResyncReason::Lag),
            HubError::Database(error) => {
                tracing::warn!(%error, "a live connection cannot go on");
                self.session.bye(ByeCode::Restart, None, "The event log cannot be read at the moment.")
            }
        }
    }

    /// Goes on from the end of the log, and says so.
    fn start_anew(&mut self, reason: ResyncReason) -> Vec<Action> {
        let services = &self.connection.api.services;
        services.meters().resync(reason.as_str());
        let hub = services.hub();
        let end = hub.position();
        self.cursor = Some(hub.cursor_after(end.seq));
        self.session.resync(end, reason)
    }

    fn expiry(&self) -> Option<Expiry> {
        let at = self.connection.access.until()?;
        let left = at.micros().saturating_sub(self.connection.api.services.clock().now().micros());
        Some(Expiry { at, due: self.now().saturating_add(u64::try_from(left / 1_000).unwrap_or(0)) })
    }

    /// Milliseconds since the connection began.
    fn now(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    fn instant(&self, now: u64) -> Instant {
        self.started + Duration::from_millis(now)
    }
}

/// The cursor's next events; without a cursor there are none, ever.
async fn next_batch(cursor: &mut Option<Cursor>) -> Result<Vec<Arc<HubEvent>>, HubError> {
    match cursor {
        Some(cursor) => cursor.next_batch(BATCH).await,
        None => std::future::pending().await,
    }
}

/// Writes frames and flushes once.
async fn write<S, W>(socket: &mut S, frames: Vec<Message>) -> Result<(), Ended>
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
    match tokio::time::timeout(STALL, writing).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(_)) => Err(Ended::Broken),
        Err(_) => Err(Ended::TooSlow),
    }
}

/// Closes as politely as the other side allows.
async fn say_goodbye<S, R, W>(socket: &mut S, ended: &Ended)
where
    S: Stream<Item = Result<Message, R>> + Sink<Message, Error = W> + Unpin,
{
    let closing = async {
        match ended {
            Ended::Closed(code) => {
                let close = CloseFrame { code: *code, reason: Utf8Bytes::from_static("") };
                socket.send(Message::Close(Some(close))).await.ok()?;
            }
            // The answer to the client's close frame is queued already.
            Ended::ByClient => socket.flush().await.ok()?,
            Ended::Broken | Ended::TooSlow => return None,
        }
        // Until the other side has seen it; what it still says no longer matters.
        while let Some(Ok(_)) = socket.next().await {}
        Some(())
    };
    let _ = tokio::time::timeout(FAREWELL, closing).await;
}
