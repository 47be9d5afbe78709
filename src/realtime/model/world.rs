//! What there is, and what can happen to it.

use crate::realtime::{
    Position,
    client::{
        replica::{Ask, Join, Receipt, Replica, Round},
        versions::Versions,
    },
    protocol::{ClientFrame, Init, ServerFrame},
    resume::{Recorded, Resumption, resumption},
    session::{self, Opening, Session},
    topic::{Topic, Topics},
};
use calm::heartbeat;
use std::collections::VecDeque;
use uuid::Uuid;

mod calm;

const EPOCH: u64 = 1;
const RETENTION: u64 = 2;
/// The one view of each client, and the one resource that every entry changes: its version is the entry's seq.
const VIEW: u64 = 1;
const RESOURCE: u8 = 0;

/// A deliberate mistake.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mistake {
    /// The server takes the client's word for what stands at its position.
    NoTagCheck,
    /// The client applies an event, and moves its cursor a moment later.
    AppliedBeforeAdvancing,
    /// The server reads a snapshot's data, and its position a moment later.
    DataBeforePosition,
    /// The client takes frames of a socket that it had given up.
    StaleSocket,
    /// The client leaves its cursor where the last event was, whatever heartbeats say.
    CursorStays,
    /// The client applies whatever comes.
    NoVersions,
}

/// How often each thing may still happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(super) struct Budget {
    pub(super) appends: u8,
    pub(super) cuts: u8,
    pub(super) restarts: u8,
    pub(super) heartbeats: u8,
    /// Queries that nothing asked for.
    pub(super) refreshes: u8,
    /// Frames that are lost or come twice, at most one per connection.
    pub(super) damages: u8,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct World {
    /// One for each client: whether its viewer may see everything.
    pub(super) viewers: &'static [bool],
    pub(super) budget: Budget,
    pub(super) mistake: Option<Mistake>,
    /// The properties that are looked at.
    pub(super) properties: &'static [&'static str],
}

/// What can happen; the number is the client's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Action {
    Append {
        secret: bool,
    },
    /// The server restarts; its newest entry may be lost.
    Restart {
        lossy: bool,
    },
    Connect(usize),
    Cut(usize),
    Heartbeat(usize),
    Receive(usize),
    Lose(usize),
    Repeat(usize),
    /// A frame of the earlier socket comes.
    Stale(usize),
    /// The cursor moves, a moment after the event was applied.
    Advance(usize),
    /// A query: the server reads one of position and data, then the other, then the answer comes.
    Query(usize),
    Read(usize),
    Answer(usize),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Entry {
    tag: u64,
    secret: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Event {
    seq: u64,
    tag: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Frame {
    Control(ServerFrame),
    Event(Event),
}

/// A connection: the server's side of it, and what is on its way to the client.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Link {
    session: Session,
    resumed: Option<Position>,
    frames: VecDeque<Frame>,
    /// A frame was lost or came twice, and no resync has repaired it.
    damaged: bool,
    /// The client asked for a resync.
    asked: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Query {
    round: Round,
    position: Option<Position>,
    data: Option<Vec<u64>>,
    version: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Client {
    sees_everything: bool,
    replica: Replica<Event>,
    versions: Versions<u8>,
    /// The tags of the entries that the screen shows: what happened to the resource.
    screen: Vec<u64>,
    /// The version of what it shows.
    shown: u64,
    wants: bool,
    query: Option<Query>,
    link: Option<Link>,
    stale: VecDeque<Frame>,
    unadvanced: Option<Event>,
    /// The last seq that was applied.
    last: u64,
    /// The furthest position that the server told it of.
    told: Position,
    /// A frame was lost or came twice: the screen may be wrong until a resync is answered.
    doubt: Doubt,
    /// Where the log ended when the data was read that the screen shows, if that was beyond the answer's position.
    ahead: u64,
}

/// What a damage does to the promise of a screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Doubt {
    None,
    /// Not repaired.
    Damaged,
    /// The answers that repair it are awaited.
    Repairing,
}

/// What was seen to happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(super) struct Seen {
    pub(super) disorder: bool,
    pub(super) leak: bool,
    pub(super) unnoticed: bool,
    pub(super) needless: bool,
    pub(super) backwards: bool,
    pub(super) replay: bool,
    pub(super) resync: bool,
    pub(super) repeated: bool,
}

impl Seen {
    pub(super) fn any_wrong(self) -> bool {
        self.disorder || self.leak || self.unnoticed || self.needless || self.backwards
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct State {
    log: Vec<Entry>,
    /// The oldest entries, which the table does not hold any more.
    gone: u64,
    /// Logs that were taken back, as they were before.
    past: Vec<Vec<Entry>>,
    next_tag: u64,
    budget: Budget,
    clients: Vec<Client>,
    pub(super) seen: Seen,
}

fn sees(everything: bool, entry: Entry) -> bool {
    everything || !entry.secret
}

fn topics() -> Topics {
    Topic::Storage.into()
}

impl State {
    fn end(&self) -> Position {
        let tag = self.log.last().map_or(0, |entry| entry.tag);
        Position { epoch: EPOCH, seq: self.log.len() as u64, tag }
    }

    fn visible(log: &[Entry], client: &Client) -> Vec<u64> {
        log.iter().filter(|entry| sees(client.sees_everything, **entry)).map(|entry| entry.tag).collect()
    }

    /// Whether every screen shows a beginning of what its viewer may see, of this log or of one that was taken back: nothing is
    /// missing in between, nothing is there twice, nothing is out of order.
    pub(super) fn screens_are_true(&self) -> bool {
        self.clients.iter().filter(|client| client.doubt == Doubt::None).all(|client| {
            let logs = self.past.iter().chain([&self.log]);
            logs.into_iter().any(|log| Self::visible(log, client).starts_with(&client.screen))
        })
    }

    /// The server offers every session what it has not seen yet.
    fn pump(&mut self) {
        for client in &mut self.clients {
            let everything = client.sees_everything;
            let Some(link) = &mut client.link else { continue };
            let after = link.session.position().map_or(u64::MAX, |position| position.seq);
            for (entry, seq) in self.log.iter().zip(1..).filter(|(_, seq)| *seq > after) {
                let at = Position { epoch: EPOCH, seq, tag: entry.tag };
                if link.session.offer(at, &[Topic::Storage], || sees(everything, *entry)) {
                    self.seen.leak |= !sees(everything, *entry);
                    link.frames.push_back(Frame::Event(Event { seq, tag: entry.tag }));
                }
            }
        }
    }

    fn recorded(&self, resume: Position, mistake: Option<Mistake>) -> Recorded {
        let at = usize::try_from(resume.seq).unwrap_or(usize::MAX);
        let held = resume.seq > self.gone;
        let tag = held.then(|| self.log.get(at.wrapping_sub(1)).map(|entry| entry.tag)).flatten();
        let mut recorded = Recorded { end: self.end(), oldest: self.gone + 1, tag };
        if mistake == Some(Mistake::NoTagCheck) {
            recorded.tag = tag.map(|_| resume.tag);
            if recorded.end.seq == resume.seq {
                recorded.end.tag = resume.tag;
            }
        }
        recorded
    }
}

impl Client {
    fn repair(&mut self) {
        if self.doubt == Doubt::Damaged {
            self.doubt = Doubt::Repairing;
        }
    }

    /// A damage that no heartbeat has told of yet.
    fn is_deceived(&self) -> bool {
        self.link.as_ref().is_some_and(|link| link.damaged && !link.asked)
    }
}

impl Link {
    fn send(&mut self, actions: Vec<session::Action>) {
        for action in actions {
            if let session::Action::Send(frame) = action {
                self.frames.push_back(Frame::Control(frame));
            }
        }
    }
}

impl World {
    pub(super) fn begin(&self) -> State {
        let start = Position::start(EPOCH);
        let client = |everything: &bool| {
            let mut replica = Replica::new(8);
            replica.open(VIEW, topics());
            assert_eq!(replica.answered(VIEW, replica.round(), start), Join::Apply(Vec::new()));
            Client {
                sees_everything: *everything,
                replica,
                versions: Versions::default(),
                screen: Vec::new(),
                shown: 0,
                wants: false,
                query: None,
                link: None,
                stale: VecDeque::new(),
                unadvanced: None,
                last: 0,
                told: start,
                doubt: Doubt::None,
                ahead: 0,
            }
        };
        State {
            log: Vec::new(),
            gone: 0,
            past: Vec::new(),
            next_tag: 1,
            budget: self.budget,
            clients: self.viewers.iter().map(client).collect(),
            seen: Seen::default(),
        }
    }

    pub(super) fn possible(&self, state: &State, actions: &mut Vec<Action>) {
        let budget = state.budget;
        if budget.appends > 0 {
            actions.extend([Action::Append { secret: false }, Action::Append { secret: true }]);
        }
        // The module's documentation says why.
        let deceived = state.clients.iter().any(Client::is_deceived);
        if budget.restarts > 0 && !deceived {
            actions.push(Action::Restart { lossy: false });
            let ahead = |client: &Client| client.query.is_some() || client.replica.cursor().is_none_or(|cursor| cursor.seq < client.ahead);
            if state.log.len() as u64 > state.gone && !state.clients.iter().any(ahead) {
                actions.push(Action::Restart { lossy: true });
            }
        }
        for (number, client) in state.clients.iter().enumerate() {
            if let Some(link) = &client.link {
                let event_next = matches!(link.frames.front(), Some(Frame::Event(_)));
                if client.unadvanced.is_none() && !link.frames.is_empty() {
                    actions.push(Action::Receive(number));
                }
                if budget.cuts > 0 && !client.is_deceived() {
                    actions.push(Action::Cut(number));
                }
                if budget.heartbeats > 0 {
                    actions.push(Action::Heartbeat(number));
                }
                if budget.damages > 0 && event_next && !link.damaged {
                    actions.extend([Action::Lose(number), Action::Repeat(number)]);
                }
            } else {
                actions.push(Action::Connect(number));
            }
            if !client.stale.is_empty() && client.unadvanced.is_none() {
                actions.push(Action::Stale(number));
            }
            if client.unadvanced.is_some() {
                actions.push(Action::Advance(number));
            }
            match &client.query {
                None if client.wants || budget.refreshes > 0 => actions.push(Action::Query(number)),
                None => {}
                Some(Query { position: Some(_), data: Some(_), .. }) => actions.push(Action::Answer(number)),
                Some(_) => actions.push(Action::Read(number)),
            }
        }
    }

    pub(super) fn step(&self, state: &mut State, action: Action) {
        let budget = &mut state.budget;
        match action {
            Action::Append { secret } => {
                budget.appends -= 1;
                state.log.push(Entry { tag: state.next_tag, secret });
                state.next_tag += 1;
                state.gone = state.gone.max((state.log.len() as u64).saturating_sub(RETENTION));
                state.pump();
            }
            Action::Restart { lossy } => {
                budget.restarts -= 1;
                if lossy {
                    state.past.push(state.log.clone());
                    state.log.pop();
                }
                for number in 0..self.viewers.len() {
                    self.cut(state, number);
                }
            }
            Action::Connect(number) => self.connect(state, number),
            Action::Cut(number) => {
                budget.cuts -= 1;
                self.cut(state, number);
            }
            Action::Heartbeat(number) => {
                budget.heartbeats -= 1;
                heartbeat(state, number);
            }
            Action::Receive(number) => {
                if let Some(frame) = state.clients[number].link.as_mut().and_then(|link| link.frames.pop_front()) {
                    self.receive(state, number, frame);
                }
            }
            Action::Lose(number) | Action::Repeat(number) => {
                budget.damages -= 1;
                let client = &mut state.clients[number];
                client.doubt = Doubt::Damaged;
                if let Some(link) = &mut client.link {
                    link.damaged = true;
                    match link.frames.front().cloned() {
                        Some(frame) if action == Action::Repeat(number) => link.frames.push_front(frame),
                        _ => drop(link.frames.pop_front()),
                    }
                }
            }
            Action::Stale(number) => {
                if let Some(frame) = state.clients[number].stale.pop_front() {
                    self.receive(state, number, frame);
                }
            }
            Action::Advance(number) => {
                let client = &mut state.clients[number];
                if let Some(event) = client.unadvanced.take() {
                    client.replica.event(event.seq, Some(event.tag), event);
                }
            }
            Action::Query(number) => {
                let client = &mut state.clients[number];
                budget.refreshes -= u8::from(!client.wants);
                client.wants = false;
                client.query = Some(Query { round: client.replica.round(), position: None, data: None, version: 0 });
                self.read(state, number);
            }
            Action::Read(number) => self.read(state, number),
            Action::Answer(number) => self.answer(state, number),
        }
    }

    fn connect(&self, state: &mut State, number: usize) {
        let resumed = state.clients[number].replica.resume();
        let mut session = Session::new(0);
        let init = ClientFrame::Init(Init { session_id: None, topics: topics(), resume: resumed });
        let begun = session.text(&init.to_text(), 0);
        assert_eq!(begun, [session::Action::Begin { session_id: None, resume: resumed }]);
        let resume = resumed.map(|resume| (resume, resumption(resume, state.recorded(resume, self.mistake))));
        let everything = state.clients[number].sees_everything;
        let visible = |from: u64| state.log.iter().zip(1u64..).filter(|(entry, seq)| *seq > from && sees(everything, **entry)).count();
        let replayed = match resume {
            Some((_, Resumption::After(seq))) => visible(seq) as u64,
            _ => 0,
        };
        let told = state.clients[number].told;
        if matches!(resume, Some((_, Resumption::Resync(_))))
            && matches!(resumption(told, state.recorded(told, None)), Resumption::After(_))
        {
            state.seen.needless = true;
        }
        let id = Uuid::nil();
        let opening = Opening { session_id: id, instance_id: id, end: state.end(), resume, replayed, expiry: None };
        let greeting = session.begin(opening, 0);
        let mut link = Link { session, resumed, frames: VecDeque::new(), damaged: false, asked: false };
        link.send(greeting);
        state.clients[number].link = Some(link);
        state.pump();
    }

    fn cut(&self, state: &mut State, number: usize) {
        let client = &mut state.clients[number];
        let Some(link) = client.link.take() else { return };
        client.replica.lost();
        client.unadvanced = None;
        if self.mistake == Some(Mistake::StaleSocket) {
            client.stale = link.frames;
        }
    }

    fn receive(&self, state: &mut State, number: usize, frame: Frame) {
        let (client, seen) = (&mut state.clients[number], &mut state.seen);
        let resumed = client.link.as_ref().and_then(|link| link.resumed);
        let asks = match frame {
            Frame::Event(event) => {
                self.take(client, event, seen);
                Vec::new()
            }
            Frame::Control(ServerFrame::Restored(greeting)) => {
                seen.replay |= greeting.replayed > 0;
                let resumed = resumed.unwrap_or(greeting.position);
                // What it resumes from the server confirms, also where the client only had an answer from there.
                let known = if greeting.replayed == 0 { greeting.position } else { resumed };
                client.told = if greeting.replayed == 0 || client.told.seq < known.seq { known } else { client.told };
                client.replica.restored(&greeting, &topics(), resumed)
            }
            Frame::Control(ServerFrame::Started(greeting)) => {
                (client.told, client.last) = (greeting.position, greeting.position.seq);
                client.repair();
                client.replica.started(&greeting, &topics())
            }
            Frame::Control(ServerFrame::Resync { position, .. }) => {
                seen.resync = true;
                (client.told, client.last) = (position, position.seq);
                client.repair();
                if let Some(link) = &mut client.link {
                    (link.damaged, link.asked) = (false, false);
                }
                client.replica.resync(position)
            }
            Frame::Control(ServerFrame::Heartbeat { position, delivered, .. }) => {
                let stays = self.mistake == Some(Mistake::CursorStays);
                let heeded = client.replica.cursor().filter(|_| stays).unwrap_or(position);
                let asks = client.replica.heartbeat(heeded, delivered);
                if let Some(link) = client.link.as_mut() {
                    link.asked |= !asks.is_empty();
                    seen.unnoticed |= link.damaged && !link.asked;
                    if !link.asked {
                        client.told = position;
                    }
                }
                asks
            }
            Frame::Control(_) => Vec::new(),
        };
        for ask in asks {
            match ask {
                Ask::Fetch(_) => state.clients[number].wants = true,
                Ask::Anew(_) => {
                    let client = &mut state.clients[number];
                    client.versions.forget();
                    // What is shown until the answers come does not count.
                    (client.wants, client.shown) = (true, 0);
                }
                Ask::Resync { delivered, reason } => {
                    let end = state.end();
                    if let Some(link) = &mut state.clients[number].link {
                        let asked = link.session.text(&ClientFrame::Resync { delivered, reason }.to_text(), 0);
                        assert_eq!(asked, [session::Action::Resync { delivered, reason }]);
                        let told = link.session.resync(end, reason);
                        link.send(told);
                    }
                }
            }
        }
    }

    fn take(&self, client: &mut Client, event: Event, seen: &mut Seen) {
        let mut advanced = client.replica.clone();
        match advanced.event(event.seq, Some(event.tag), event) {
            Receipt::Repeated => seen.repeated = true,
            Receipt::Fresh(takers) => {
                seen.disorder |= event.seq <= client.last;
                client.last = event.seq;
                if takers.contains(&VIEW) {
                    self.apply(client, event, seen);
                }
                if event.seq > client.told.seq {
                    client.told = Position { epoch: EPOCH, seq: event.seq, tag: event.tag };
                }
            }
        }
        if self.mistake == Some(Mistake::AppliedBeforeAdvancing) {
            client.unadvanced = Some(event);
        } else {
            client.replica = advanced;
        }
    }

    fn apply(&self, client: &mut Client, event: Event, seen: &mut Seen) {
        if self.mistake == Some(Mistake::NoVersions) || client.versions.accept_change(&RESOURCE, event.seq) {
            client.screen.push(event.tag);
            seen.backwards |= event.seq < client.shown;
            client.shown = event.seq;
        }
    }

    /// The server reads one half of a snapshot.
    fn read(&self, state: &mut State, number: usize) {
        let end = state.end();
        let data = State::visible(&state.log, &state.clients[number]);
        let Some(query) = &mut state.clients[number].query else { return };
        let data_first = self.mistake == Some(Mistake::DataBeforePosition);
        let position_is_next = query.position.is_none() && (!data_first || query.data.is_some());
        if position_is_next {
            query.position = Some(end);
        } else {
            (query.data, query.version) = (Some(data), end.seq);
        }
    }

    fn answer(&self, state: &mut State, number: usize) {
        let (client, seen) = (&mut state.clients[number], &mut state.seen);
        let Some(Query { round, position: Some(position), data: Some(data), version }) = client.query.take() else { return };
        match client.replica.answered(VIEW, round, position) {
            Join::Again | Join::OtherLog => client.wants = true,
            Join::Apply(events) => {
                if self.mistake == Some(Mistake::NoVersions) || client.versions.accept_data(&RESOURCE, version) {
                    seen.backwards |= version < client.shown;
                    (client.screen, client.shown) = (data, version);
                    client.ahead = if version > position.seq { version } else { 0 };
                }
                for event in events {
                    self.apply(client, event, seen);
                }
                if client.doubt == Doubt::Repairing {
                    client.doubt = Doubt::None;
                }
            }
        }
    }
}
