//! A page without a browser: the same decisions as the dashboard's (`realtime::client`) over a real network, and a screen whose every
//! change is checked.
//!
//! It listens to everything and may see everything, so the events of the log reach each of its views without gaps: an event that does not
//! follow on the last one was lost, came twice or is out of order.

use futures::{SinkExt as _, StreamExt as _};
use reqwest::Client;
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use strongroom::realtime::{
    Position,
    client::{
        connection::{Action, Connection, Input, Status, TicketRefusal},
        replica::{Ask, Join, Receipt, Replica, Round, ViewId},
    },
    protocol::{ClientFrame, Init, Received, SUBPROTOCOL, ServerFrame},
    topic::{Topic, Topics},
};
use tokio::{
    net::TcpStream,
    sync::watch,
    task::{JoinHandle, JoinSet},
    time::Instant,
};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{Message, client::IntoClientRequest as _, http::HeaderValue},
};

type Ws = WebSocketStream<MaybeTlsStream<TcpStream>>;

const LOCATIONS: ViewId = 1;
const AIPS: ViewId = 2;

/// A page of the list that holds all there are in these tests.
pub const ALL_AIPS: &str = "aips?limit=1000";

/// The AIPs of an answer.
pub fn aips(answer: &Value) -> BTreeSet<String> {
    let items = answer["items"].as_array().expect("a list");
    assert_eq!(answer["page"]["total"].as_u64(), Some(items.len() as u64), "one page holds them all");
    items.iter().map(|aip| aip["uuid"].as_str().expect("a UUID").to_owned()).collect()
}

/// What is on the screen.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Screen {
    /// Each location's name and version.
    pub locations: BTreeMap<String, (String, u64)>,
    /// Which AIPs there are. Not how many: an answer may be newer than its position says, so what an event does has to be the same when it
    /// is done twice.
    pub aips: BTreeSet<String>,
}

/// What all viewers of a test came to.
#[derive(Debug, Default)]
pub struct Tally {
    pub events: AtomicU64,
    pub restored: AtomicU64,
    pub started: AtomicU64,
    pub resyncs: AtomicU64,
    pub lost: AtomicU64,
    pub twice: AtomicU64,
}

/// What one viewer shows at the moment.
#[derive(Debug, Clone, Default)]
pub struct Shown {
    /// It says that it is right.
    pub connected: bool,
    /// What it says, for whoever wonders why it does not.
    pub status: Option<Status>,
    /// Everything up to here is on the screen.
    pub seq: u64,
    pub screen: Screen,
}

/// One page.
pub struct Viewer {
    pub shown: watch::Receiver<Shown>,
    running: JoinHandle<()>,
}

impl Drop for Viewer {
    fn drop(&mut self) {
        self.running.abort();
    }
}

impl Viewer {
    /// Opens a page that reaches the service over this address.
    pub fn open(addr: SocketAddr, tally: Arc<Tally>) -> Self {
        let (tell, shown) = watch::channel(Shown::default());
        let page = Page {
            addr,
            // A connection of its own for each request, as after a cut.
            http: Client::builder().timeout(Duration::from_secs(10)).pool_max_idle_per_host(0).no_proxy().build().expect("a client"),
            machine: Connection::default(),
            replica: Replica::default(),
            socket: None,
            ticket: None,
            resumed: None,
            screen: Screen::default(),
            covered: BTreeMap::new(),
            errands: JoinSet::new(),
            started: Instant::now(),
            tally,
            tell,
        };
        Self { shown, running: tokio::spawn(page.live()) }
    }
}

/// What was sent for and came back.
enum Errand {
    Ticket(u64, Result<String, TicketRefusal>),
    Socket(u64, Option<Box<Ws>>),
    Answer(ViewId, Round, Option<(Position, Value)>),
}

struct Page {
    addr: SocketAddr,
    http: Client,
    machine: Connection,
    replica: Replica<Value>,
    socket: Option<(u64, Box<Ws>)>,
    ticket: Option<String>,
    resumed: Option<Position>,
    screen: Screen,
    /// Up to where each view was shown.
    covered: BTreeMap<ViewId, u64>,
    errands: JoinSet<Errand>,
    started: Instant,
    tally: Arc<Tally>,
    tell: watch::Sender<Shown>,
}

fn topics() -> Topics {
    Topics::from(Topic::Storage)
}

impl Page {
    async fn live(mut self) {
        // As a page that was just rendered: its data first, then the connection.
        for view in [LOCATIONS, AIPS] {
            self.replica.open(view, topics());
            self.fetch(view);
        }
        self.step(Input::Connect);
        loop {
            let wake =
                self.machine.next_wake().map_or(self.started + Duration::from_secs(3_600), |at| self.started + Duration::from_millis(at));
            tokio::select! {
                () = tokio::time::sleep_until(wake) => self.step(Input::Wake),
                Some(done) = self.errands.join_next() => match done.expect("not cancelled") {
                    Errand::Ticket(generation, Ok(ticket)) => {
                        self.ticket = Some(ticket);
                        self.step(Input::Ticket { generation });
                    }
                    Errand::Ticket(generation, Err(why)) => self.step(Input::TicketRefused { generation, why }),
                    Errand::Socket(generation, Some(socket)) if generation == self.machine.generation() => self.opened(generation, socket).await,
                    Errand::Socket(generation, _) => self.step(Input::SocketClosed { generation }),
                    Errand::Answer(view, round, Some((position, answer))) => self.answered(view, round, position, &answer),
                    Errand::Answer(view, _, None) => {
                        self.fetch(view);
                    }
                },
                message = next(&mut self.socket) => self.message(message).await,
            }
            let generation = self.machine.generation();
            if self.replica.caught_up() {
                self.step(Input::CaughtUp { generation });
            }
            let connected = self.machine.status() == Status::Connected;
            let seq = self.covered.values().min().copied().unwrap_or(0).max(self.replica.cursor().map_or(0, |cursor| cursor.seq));
            self.tell.send_replace(Shown { connected, status: Some(self.machine.status()), seq, screen: self.screen.clone() });
        }
    }

    fn step(&mut self, input: Input) {
        let now = u64::try_from(self.started.elapsed().as_millis()).expect("soon");
        let actions = self.machine.handle(input, now, rand::random());
        let (addr, http) = (self.addr, self.http.clone());
        for action in actions {
            match action {
                Action::RequestTicket { generation } | Action::Renew { generation } => {
                    let http = http.clone();
                    self.errands.spawn(async move { Errand::Ticket(generation, ticket(&http, addr).await) });
                }
                Action::OpenSocket { generation } => {
                    let ticket = self.ticket.take().expect("it was just fetched");
                    self.errands.spawn(async move { Errand::Socket(generation, socket(addr, &ticket).await.map(Box::new)) });
                }
                Action::CloseSocket => {
                    self.socket = None;
                    self.replica.lost();
                }
                Action::ServerRestarted => {}
            }
        }
    }

    async fn opened(&mut self, generation: u64, mut socket: Box<Ws>) {
        self.resumed = self.replica.resume();
        let init = ClientFrame::Init(Init { session_id: None, topics: topics(), resume: self.resumed });
        // One that breaks now tells so when it is read.
        let _ = socket.send(Message::Text(init.to_text().into())).await;
        self.socket = Some((generation, socket));
    }

    async fn message(&mut self, (generation, message): (u64, Option<Message>)) {
        match message {
            Some(Message::Text(text)) => self.frame(generation, &text).await,
            Some(Message::Close(_)) | None => {
                self.socket = None;
                self.step(Input::SocketClosed { generation });
            }
            Some(_) => {}
        }
    }

    async fn frame(&mut self, generation: u64, text: &str) {
        let asks = match Received::read(text).expect("a frame of the protocol") {
            Received::Event(parts) => {
                self.step(Input::Frame { generation });
                let value = serde_json::from_str(parts.value.get()).expect("JSON");
                self.event(parts.seq.expect("events have a place"), parts.tag, value);
                Vec::new()
            }
            Received::Control(frame) => self.control(generation, frame),
            Received::Message { kind } => panic!("a message of a topic that was not asked for: {kind}"),
        };
        for ask in asks {
            match ask {
                Ask::Fetch(views) | Ask::Anew(views) => {
                    self.step(Input::Behind { generation });
                    views.into_iter().for_each(|view| self.fetch(view));
                }
                Ask::Resync { delivered, reason } => {
                    if let Some((_, socket)) = &mut self.socket {
                        let _ = socket.send(Message::Text(ClientFrame::Resync { delivered, reason }.to_text().into())).await;
                    }
                }
            }
        }
    }

    fn control(&mut self, generation: u64, frame: ServerFrame) -> Vec<Ask> {
        match frame {
            ServerFrame::Started(greeting) | ServerFrame::Restored(greeting) if self.resumed.is_none() => {
                self.tally.started.fetch_add(1, Ordering::Relaxed);
                self.greeted(generation, &greeting);
                self.replica.started(&greeting, &topics())
            }
            ServerFrame::Started(greeting) => {
                self.tally.started.fetch_add(1, Ordering::Relaxed);
                self.greeted(generation, &greeting);
                self.replica.started(&greeting, &topics())
            }
            ServerFrame::Restored(greeting) => {
                self.tally.restored.fetch_add(1, Ordering::Relaxed);
                self.greeted(generation, &greeting);
                self.replica.restored(&greeting, &topics(), self.resumed.expect("asked for"))
            }
            ServerFrame::Heartbeat { position, delivered, server_time } => {
                self.step(Input::Heartbeat { generation, server_time });
                self.replica.heartbeat(position, delivered)
            }
            ServerFrame::Resync { position, .. } => {
                self.tally.resyncs.fetch_add(1, Ordering::Relaxed);
                self.step(Input::Frame { generation });
                self.replica.resync(position)
            }
            ServerFrame::Bye { code, retry_ms, .. } => {
                self.step(Input::Bye { generation, code, retry_ms });
                Vec::new()
            }
            other => panic!("a frame that nothing was asked for: {other:?}"),
        }
    }

    fn greeted(&mut self, generation: u64, greeting: &strongroom::realtime::protocol::Greeting) {
        let (instance, heartbeat_ms) = (greeting.instance_id, greeting.heartbeat_ms);
        self.step(Input::Greeted { generation, instance, heartbeat_ms, expires_at: greeting.expires_at });
    }

    fn event(&mut self, seq: u64, tag: Option<u64>, value: Value) {
        if let Receipt::Fresh(views) = self.replica.event(seq, tag, value.clone()) {
            for view in views {
                self.apply(view, seq, &value);
            }
        }
    }

    /// Applies an event to a view, and checks that it is the very next one.
    fn apply(&mut self, view: ViewId, seq: u64, value: &Value) {
        let covered = self.covered.entry(view).or_default();
        self.tally.events.fetch_add(1, Ordering::Relaxed);
        if seq <= *covered {
            self.tally.twice.fetch_add(1, Ordering::Relaxed);
        } else if seq > *covered + 1 {
            self.tally.lost.fetch_add(1, Ordering::Relaxed);
        }
        *covered = seq;
        let inside = &value["value"];
        match (view, value["type"].as_str().expect("a type")) {
            (LOCATIONS, "location_created_event" | "location_updated_event") => self.put(&inside["item"]),
            (LOCATIONS, "location_deleted_event") => drop(self.screen.locations.remove(inside["uuid"].as_str().expect("a UUID"))),
            (AIPS, "aip_created_event") => drop(self.screen.aips.insert(inside["uuid"].as_str().expect("a UUID").to_owned())),
            _ => {}
        }
    }

    fn put(&mut self, location: &Value) {
        let text = |name: &str| location[name].as_str().expect("text").to_owned();
        self.screen.locations.insert(text("uuid"), (text("name"), location["version"].as_u64().expect("a number")));
    }

    fn fetch(&mut self, view: ViewId) {
        let (http, addr, round) = (self.http.clone(), self.addr, self.replica.round());
        self.errands.spawn(async move { Errand::Answer(view, round, answer(&http, addr, view).await) });
    }

    fn answered(&mut self, view: ViewId, round: Round, position: Position, answer: &Value) {
        match self.replica.answered(view, round, position) {
            Join::Apply(events) => {
                if view == LOCATIONS {
                    self.screen.locations.clear();
                    answer.as_array().expect("a list").iter().for_each(|location| self.put(location));
                } else {
                    self.screen.aips = aips(answer);
                }
                self.covered.insert(view, position.seq);
                for (seq, event) in (position.seq + 1..).zip(events) {
                    self.apply(view, seq, &event);
                }
            }
            Join::Again | Join::OtherLog => self.fetch(view),
        }
    }
}

async fn next(socket: &mut Option<(u64, Box<Ws>)>) -> (u64, Option<Message>) {
    match socket {
        Some((generation, socket)) => (*generation, socket.next().await.and_then(Result::ok)),
        None => std::future::pending().await,
    }
}

async fn ticket(http: &Client, addr: SocketAddr) -> Result<String, TicketRefusal> {
    let request = http.post(format!("http://{addr}/api/storage/monitor")).json(&json!({ "carry": "subprotocol" }));
    let reply = request.send().await.map_err(|_broken| TicketRefusal::Failed)?;
    let ticket: Value = reply.json().await.map_err(|_broken| TicketRefusal::Failed)?;
    Ok(ticket["ticket"].as_str().ok_or(TicketRefusal::Busy { retry_ms: None })?.to_owned())
}

async fn socket(addr: SocketAddr, ticket: &str) -> Option<Ws> {
    let mut request = format!("ws://{addr}/api/storage/monitor").into_client_request().expect("a request");
    let protocols = HeaderValue::from_str(&format!("{SUBPROTOCOL}, ticket.{ticket}")).expect("a header value");
    request.headers_mut().insert("sec-websocket-protocol", protocols);
    tokio::time::timeout(Duration::from_secs(10), connect_async(request)).await.ok()?.ok().map(|(socket, _)| socket)
}

async fn answer(http: &Client, addr: SocketAddr, view: ViewId) -> Option<(Position, Value)> {
    let path = if view == LOCATIONS { "locations" } else { ALL_AIPS };
    let reply = match http.get(format!("http://{addr}/api/storage/{path}")).send().await {
        Ok(reply) => reply,
        Err(_) => {
            // Asked for again at once, it would keep the machine busy while the service is down.
            tokio::time::sleep(Duration::from_millis(100)).await;
            return None;
        }
    };
    let position = reply.headers().get("strongroom-position")?.to_str().ok()?.parse().ok()?;
    Some((position, reply.json().await.ok()?))
}
