//! Many clients in one: opens WebSockets on a server and counts what each of them is sent (docs/performance.md).
//!
//! ```text
//! fanout-client strongroom|plain|socket.io 127.0.0.1:PORT CONNECTIONS
//! ```
//!
//! One and the same for every server that is measured, and cheap, because it shares the processors with them: one thread, frames are told
//! apart by their first bytes and are not copied. It speaks the little that each protocol needs, answers pings, and ends with an error as
//! soon as a connection ends or brings what was not expected.
//!
//! The first line out, `{"connected":N}`, comes when all have been greeted. One JSON object per line goes in: `{"call":"frames","each":K}`
//! and `{"call":"beats","each":K}` are answered at once by `{"waiting":…}`, and by another line when each connection has had K events, or
//! heartbeats, since. The end of the input ends it. Times are microseconds of the wall clock.

use serde::Deserialize;
use serde_json::{Value, json};
use std::{
    cell::RefCell,
    error::Error,
    io::{BufRead, Write, stdin, stdout},
    net::{Ipv4Addr, SocketAddr},
    rc::Rc,
    time::UNIX_EPOCH,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
    runtime,
    sync::{Notify, mpsc},
    task::LocalSet,
};

/// Connections from one address: the service takes 100, and all of 127.0.0.0/8 is this machine. Each process has addresses of its own, because
/// the service may still count the connections of the one before.
const PER_ADDRESS: usize = 100;
/// Of so many connections, spread evenly, each event is noted with its time.
const WATCHED: usize = 20;
/// What is read at once.
const READ: usize = 256 * 1024;

type Failure = Box<dyn Error>;

#[derive(Clone, Copy)]
enum Kind {
    /// `strongroom.v1` (docs/realtime.md).
    Strongroom,
    /// Every text frame is an event.
    Plain,
    /// Engine.IO 4 and Socket.IO 5 over WebSocket alone.
    SocketIo,
}

/// What a text frame is.
enum Sort {
    Greeting,
    Event,
    /// A heartbeat, with the answer that it wants.
    Beat(Option<&'static str>),
    /// Part of the way in.
    Nothing,
    Unexpected,
}

impl Kind {
    fn of(name: &str) -> Option<Self> {
        match name {
            "strongroom" => Some(Self::Strongroom),
            "plain" => Some(Self::Plain),
            "socket.io" => Some(Self::SocketIo),
            _ => None,
        }
    }

    fn path(self) -> &'static str {
        match self {
            Self::Strongroom => "/api/storage/monitor",
            Self::Plain => "/",
            Self::SocketIo => "/socket.io/?EIO=4&transport=websocket",
        }
    }

    /// What is asked for beside the upgrade.
    fn header(self) -> &'static str {
        match self {
            Self::Strongroom => "Sec-WebSocket-Protocol: strongroom.v1\r\n",
            Self::Plain | Self::SocketIo => "",
        }
    }

    /// The first frame, after which a greeting comes.
    fn hello(self) -> Option<&'static str> {
        match self {
            Self::Strongroom => Some(r#"{"type":"session.init","topics":["storage"]}"#),
            Self::Plain => None,
            Self::SocketIo => Some("40"),
        }
    }

    fn sort(self, text: &[u8]) -> Sort {
        match self {
            Self::Plain => Sort::Event,
            Self::Strongroom if text.starts_with(b"{\"seq\"") => Sort::Event,
            Self::Strongroom if text.starts_with(b"{\"type\":\"session.started\"") => Sort::Greeting,
            Self::Strongroom if text.starts_with(b"{\"type\":\"system.heartbeat\"") => Sort::Beat(None),
            Self::SocketIo if text.starts_with(b"42") => Sort::Event,
            Self::SocketIo if text.starts_with(b"40") => Sort::Greeting,
            Self::SocketIo if text.starts_with(b"0") => Sort::Nothing,
            Self::SocketIo if text == b"2" => Sort::Beat(Some("3")),
            Self::Strongroom | Self::SocketIo => Sort::Unexpected,
        }
    }
}

/// So many of something for each connection, and how many connections still lack some.
struct Count {
    each: Vec<u64>,
    wanted: u64,
    lacking: usize,
}

impl Count {
    fn new(connections: usize) -> Self {
        Self { each: vec![0; connections], wanted: u64::MAX, lacking: connections }
    }

    /// Begins anew; tells how many there were.
    fn want(&mut self, wanted: u64) -> u64 {
        let before = self.each.iter().sum();
        self.each.fill(0);
        (self.wanted, self.lacking) = (wanted, self.each.len());
        before
    }

    /// Counts one more; tells whether that was the last one that anybody lacked.
    fn add(&mut self, connection: usize) -> bool {
        let count = &mut self.each[connection];
        *count += 1;
        if *count != self.wanted {
            return false;
        }
        self.lacking -= 1;
        self.lacking == 0
    }
}

/// What has come, of all connections.
struct Tally {
    greeted: usize,
    frames: Count,
    beats: Count,
    /// When the first and the newest event came.
    first: i64,
    last: i64,
    /// Connection, seq and time of each event of the watched connections.
    watched: Vec<(usize, u64, i64)>,
    sample: Vec<u8>,
}

struct Shared {
    tally: RefCell<Tally>,
    buffer: RefCell<Vec<u8>>,
    news: Notify,
    connections: usize,
}

impl Shared {
    fn is_watched(&self, connection: usize) -> bool {
        connection.is_multiple_of(self.connections.div_ceil(WATCHED))
    }
}

#[derive(Deserialize)]
#[serde(tag = "call", rename_all = "snake_case", deny_unknown_fields)]
enum Call {
    Frames { each: u64 },
    Beats { each: u64 },
}

/// Compared with the times of other processes, and of programs in other languages.
fn now() -> i64 {
    let since = UNIX_EPOCH.elapsed().unwrap_or_default();
    i64::try_from(since.as_micros()).unwrap_or(i64::MAX)
}

fn say(line: &Value) -> Result<(), Failure> {
    let mut out = stdout().lock();
    writeln!(out, "{line}")?;
    Ok(out.flush()?)
}

fn main() -> Result<(), Failure> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [kind, address, connections] = args.as_slice() else { return Err("usage: fanout-client KIND ADDRESS CONNECTIONS".into()) };
    let kind = Kind::of(kind).ok_or("no such kind of server")?;
    let (address, connections) = (address.parse()?, connections.parse()?);
    let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
    LocalSet::new().block_on(&runtime, run(kind, address, connections))
}

async fn run(kind: Kind, address: SocketAddr, connections: usize) -> Result<(), Failure> {
    let greeted = if kind.hello().is_none() { connections } else { 0 };
    let tally = Tally {
        greeted,
        frames: Count::new(connections),
        beats: Count::new(connections),
        first: 0,
        last: 0,
        watched: Vec::new(),
        sample: Vec::new(),
    };
    let shared = Rc::new(Shared { tally: RefCell::new(tally), buffer: RefCell::new(vec![0; READ]), news: Notify::new(), connections });
    for number in 0..connections {
        let (stream, rest) = open(kind, address, number).await?;
        let shared = Rc::clone(&shared);
        tokio::task::spawn_local(async move {
            let Err(failure) = listen(kind, number, stream, rest, &shared).await;
            let _ = say(&json!({ "error": format!("connection {number}: {failure}") }));
            std::process::exit(1);
        });
    }
    while shared.tally.borrow().greeted < connections {
        shared.news.notified().await;
    }
    say(&json!({ "connected": connections }))?;
    let mut lines = lines();
    while let Some(line) = lines.recv().await {
        match serde_json::from_str(&line)? {
            Call::Frames { each } => frames(&shared, each).await?,
            Call::Beats { each } => {
                shared.tally.borrow_mut().beats.want(each);
                say(&json!({ "waiting": "beats" }))?;
                while shared.tally.borrow().beats.lacking > 0 {
                    shared.news.notified().await;
                }
                say(&json!({ "beats": each }))?;
            }
        }
    }
    Ok(())
}

async fn frames(shared: &Shared, each: u64) -> Result<(), Failure> {
    let before = {
        let mut tally = shared.tally.borrow_mut();
        (tally.first, tally.last) = (0, 0);
        tally.watched.clear();
        tally.frames.want(each)
    };
    // Those of the round before have been told of; whoever asks sees by this number whether any came after that.
    say(&json!({ "waiting": "frames", "before": before }))?;
    while shared.tally.borrow().frames.lacking > 0 {
        shared.news.notified().await;
    }
    let tally = shared.tally.borrow();
    say(&json!({
        "received": tally.frames.each.iter().sum::<u64>(),
        "least": tally.frames.each.iter().min(),
        "most": tally.frames.each.iter().max(),
        "first": tally.first,
        "last": tally.last,
        "watched": tally.watched,
        "sample": String::from_utf8_lossy(&tally.sample),
    }))
}

/// What comes in by standard input, read by a thread of its own.
fn lines() -> mpsc::UnboundedReceiver<String> {
    let (into, lines) = mpsc::unbounded_channel();
    std::thread::spawn(move || stdin().lock().lines().map_while(Result::ok).try_for_each(|line| into.send(line)));
    lines
}

/// A WebSocket that was just upgraded, and what came behind the answer.
async fn open(kind: Kind, address: SocketAddr, number: usize) -> Result<(TcpStream, Vec<u8>), Failure> {
    let (own, last) = (u8::try_from(1 + std::process::id() % 250)?, u8::try_from(1 + number / PER_ADDRESS)?);
    let socket = TcpSocket::new_v4()?;
    socket.bind((Ipv4Addr::new(127, 0, own, last), 0).into())?;
    let mut stream = socket.connect(address).await?;
    stream.set_nodelay(true)?;
    let (path, header) = (kind.path(), kind.header());
    // Any 16 bytes are a key.
    let request = format!(
        "GET {path} HTTP/1.1\r\nHost: {address}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\
         Sec-WebSocket-Key: c3Ryb25ncm9vbS1iZW5jaA==\r\n{header}\r\n"
    );
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::with_capacity(1024);
    let end = loop {
        if let Some(at) = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
            break at + 4;
        }
        if stream.read_buf(&mut answer).await? == 0 {
            return Err("closed instead of an answer".into());
        }
    };
    if !answer.starts_with(b"HTTP/1.1 101 ") {
        return Err(String::from_utf8_lossy(&answer).into_owned().into());
    }
    if let Some(hello) = kind.hello() {
        let mut frame = Vec::new();
        push(&mut frame, TEXT, hello.as_bytes());
        stream.write_all(&frame).await?;
    }
    Ok((stream, answer.split_off(end)))
}

async fn listen(
    kind: Kind,
    number: usize,
    mut stream: TcpStream,
    mut rest: Vec<u8>,
    shared: &Shared,
) -> Result<std::convert::Infallible, Failure> {
    let mut answers = Vec::new();
    loop {
        {
            let mut buffer = shared.buffer.borrow_mut();
            let kept = rest.len();
            buffer[..kept].copy_from_slice(&rest);
            let filled = match stream.try_read(&mut buffer[kept..]) {
                Ok(0) => return Err("the server closed it".into()),
                Ok(read) => kept + read,
                Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => kept,
                Err(error) => return Err(error.into()),
            };
            let used = take(kind, number, &buffer[..filled], &mut answers, shared)?;
            rest.clear();
            rest.extend_from_slice(&buffer[used..filled]);
        }
        if !answers.is_empty() {
            stream.write_all(&answers).await?;
            answers = Vec::new();
        }
        stream.readable().await?;
    }
}

const TEXT: u8 = 0x1;
const CLOSE: u8 = 0x8;
const PING: u8 = 0x9;
const PONG: u8 = 0xA;

/// Writes a client's frame. The mask is there, as it has to be, and changes nothing.
fn push(out: &mut Vec<u8>, opcode: u8, payload: &[u8]) {
    let length = u8::try_from(payload.len()).unwrap_or(u8::MAX);
    assert!(length < 126, "only short frames are sent");
    out.extend_from_slice(&[0x80 | opcode, 0x80 | length, 0, 0, 0, 0]);
    out.extend_from_slice(payload);
}

/// Takes in the whole frames at the beginning of some bytes: how many bytes they were.
fn take(kind: Kind, number: usize, bytes: &[u8], answers: &mut Vec<u8>, shared: &Shared) -> Result<usize, Failure> {
    let mut tally = shared.tally.borrow_mut();
    let (at, watched) = (now(), shared.is_watched(number));
    let mut used = 0;
    let mut news = false;
    while let Some((opcode, payload, end)) = frame(&bytes[used..]) {
        used += end;
        match opcode {
            TEXT => match kind.sort(payload) {
                Sort::Event => {
                    if tally.first == 0 {
                        tally.first = at;
                    }
                    tally.last = at;
                    if watched {
                        let seq = seq(payload).ok_or("an event without a seq")?;
                        tally.watched.push((number, seq, at));
                        tally.sample.clear();
                        tally.sample.extend_from_slice(payload);
                    }
                    news |= tally.frames.add(number);
                }
                Sort::Greeting => {
                    tally.greeted += 1;
                    news = true;
                }
                Sort::Beat(answer) => {
                    news |= tally.beats.add(number);
                    if let Some(answer) = answer {
                        push(answers, TEXT, answer.as_bytes());
                    }
                }
                Sort::Nothing => {}
                Sort::Unexpected => return Err(String::from_utf8_lossy(payload).into_owned().into()),
            },
            PING => {
                push(answers, PONG, payload);
                // The others have heartbeats of their own beside these.
                if matches!(kind, Kind::Plain) {
                    news |= tally.beats.add(number);
                }
            }
            CLOSE => return Err(format!("the server said goodbye: {}", String::from_utf8_lossy(payload)).into()),
            other => return Err(format!("a frame of kind {other:#x}").into()),
        }
    }
    if news {
        shared.news.notify_one();
    }
    Ok(used)
}

/// The first frame (RFC 6455 section 5.2) if all of it is there: its opcode, its payload and where it ends. A server's frames are not masked.
fn frame(bytes: &[u8]) -> Option<(u8, &[u8], usize)> {
    let (first, second) = (*bytes.first()?, *bytes.get(1)?);
    let (start, length) = match second {
        126 => (4, usize::from(u16::from_be_bytes([*bytes.get(2)?, *bytes.get(3)?]))),
        127 => (10, usize::try_from(u64::from_be_bytes(bytes.get(2..10)?.try_into().ok()?)).ok()?),
        short => (2, usize::from(short)),
    };
    // The end of a message in parts would be of another kind.
    Some((first & 0xF, bytes.get(start..start + length)?, start + length))
}

/// The number behind `"seq":`, which stands at the beginning.
fn seq(payload: &[u8]) -> Option<u64> {
    const KEY: &[u8] = b"\"seq\":";
    let start = payload.windows(KEY.len()).take(32).position(|bytes| bytes == KEY)? + KEY.len();
    let digits = payload[start..].iter().take_while(|byte| byte.is_ascii_digit());
    Some(digits.fold(0, |number, digit| number * 10 + u64::from(digit - b'0')))
}
