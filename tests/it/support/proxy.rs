//! A TCP relay between clients and the service that can be told to misbehave, as networks do.

use rand::{Rng as _, SeedableRng as _, rngs::StdRng};
use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::watch,
    task::JoinHandle,
};

/// What happens to one connection from now on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Nothing.
    None,
    /// Both sides are reset.
    Cut,
    /// Nothing passes for a while, in either direction; then everything does.
    Stall(Duration),
    /// What the service sends is lost, and nobody is told: as when a laptop sleeps, or a router forgets.
    HalfOpen,
    /// Every piece is late.
    Delay(Duration),
    /// One byte at a time.
    Drip,
}

struct Shared {
    target: Mutex<SocketAddr>,
    live: Mutex<BTreeMap<u64, watch::Sender<Fault>>>,
}

/// The relay.
pub struct Proxy {
    /// Where clients connect.
    pub addr: SocketAddr,
    shared: Arc<Shared>,
    accepting: JoinHandle<()>,
}

impl Proxy {
    /// Relays to `target`.
    pub async fn start(target: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let addr = listener.local_addr().expect("an address");
        let shared = Arc::new(Shared { target: Mutex::new(target), live: Mutex::default() });
        let serving = Arc::clone(&shared);
        let accepting = tokio::spawn(async move {
            let mut next = 0;
            while let Ok((client, _)) = listener.accept().await {
                next += 1;
                tokio::spawn(relay(client, next, Arc::clone(&serving)));
            }
        });
        Self { addr, shared, accepting }
    }

    /// From now on the service is there: it was started anew.
    pub fn point_to(&self, target: SocketAddr) {
        *self.shared.target.lock().expect("not poisoned") = target;
    }

    /// Lets something happen to one of the connections there are; false when there is none.
    pub fn strike(&self, rng: &mut StdRng, fault: Fault) -> bool {
        let live = self.live();
        if live.is_empty() {
            return false;
        }
        let struck = live.values().nth(rng.random_range(0..live.len())).expect("one of them");
        // What was swallowed never comes: a connection that went on after that would be one that TCP does not make.
        let swallowed = *struck.borrow() == Fault::HalfOpen;
        struck.send_replace(if swallowed { Fault::Cut } else { fault });
        true
    }

    /// Everything passes again; what was half open is cut.
    pub fn calm(&self) {
        for connection in self.live().values() {
            let now = if *connection.borrow() == Fault::HalfOpen { Fault::Cut } else { Fault::None };
            connection.send_replace(now);
        }
    }

    fn live(&self) -> MutexGuard<'_, BTreeMap<u64, watch::Sender<Fault>>> {
        self.shared.live.lock().expect("not poisoned")
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

/// A generator that does the same each time for the same seed.
pub fn seeded(seed: u64) -> StdRng {
    StdRng::seed_from_u64(seed)
}

async fn relay(client: TcpStream, id: u64, shared: Arc<Shared>) {
    let target = *shared.target.lock().expect("not poisoned");
    // A service that is not there refuses, and the client sees its connection end.
    let Ok(server) = TcpStream::connect(target).await else { return };
    let (fault, _) = watch::channel(Fault::None);
    shared.live.lock().expect("not poisoned").insert(id, fault.clone());
    for side in [&client, &server] {
        // What is written is on its way at once, and a cut is a reset instead of a polite end.
        side.set_nodelay(true).expect("set");
        side.set_zero_linger().expect("set");
    }
    let (client_read, client_write) = client.into_split();
    let (server_read, server_write) = server.into_split();
    tokio::select! {
        () = pass(client_read, server_write, fault.subscribe(), false) => {}
        () = pass(server_read, client_write, fault.subscribe(), true) => {}
    }
    shared.live.lock().expect("not poisoned").remove(&id);
}

/// Passes bytes on until one side ends or the connection is cut.
async fn pass(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, mut fault: watch::Receiver<Fault>, from_server: bool) {
    let mut buffer = [0; 16 * 1024];
    loop {
        let size = tokio::select! {
            biased;
            changed = fault.changed() => {
                let now = *fault.borrow();
                match now {
                    _ if changed.is_err() => return,
                    Fault::Cut => return,
                    Fault::Stall(time) => tokio::time::sleep(time).await,
                    _ => {}
                }
                continue;
            }
            read = from.read(&mut buffer) => match read {
                Ok(0) | Err(_) => return,
                Ok(size) => size,
            },
        };
        let now = *fault.borrow();
        let pieces = if now == Fault::Drip { 1 } else { size };
        match now {
            Fault::HalfOpen if from_server => continue,
            Fault::Delay(time) => tokio::time::sleep(time).await,
            _ => {}
        }
        for piece in buffer[..size].chunks(pieces) {
            if to.write_all(piece).await.is_err() {
                return;
            }
        }
    }
}
