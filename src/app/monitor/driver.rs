//! Does what the state machine says, with the browser's timers, network and events.

use super::{Dispatcher, dispatch::topics, socket::Socket, ticket};
use crate::{
    app::{
        browser,
        stores::{Stores, connection::Wish, refresh::Reason},
    },
    realtime::{
        Position,
        client::{
            connection::{Action, Connection, Input, Status},
            memory::{self, Memory},
            replica::Ask,
        },
        protocol::{ByeCode, ClientFrame, Greeting, Init, ResyncReason, ServerFrame, Ticket},
    },
};
use leptos::{prelude::*, task::spawn_local};
use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

/// While not connected, what is on screen is fetched this often.
const POLL: u64 = 10_000;
/// How often changes on screen are read out at most.
const ANNOUNCE: u64 = 5_000;

/// Connects, and keeps connecting for as long as the page is open.
pub(super) fn start(stores: Stores, dispatcher: Dispatcher) {
    let driver = Rc::new(Driver {
        machine: RefCell::default(),
        socket: RefCell::default(),
        ticket: RefCell::default(),
        resumed: Cell::new(None),
        wake_at: Cell::new(None),
        polling: Cell::new(false),
        stores,
        dispatcher,
    });
    driver.listen();
    driver.step(Input::Connect);
}

struct Driver {
    machine: RefCell<Connection>,
    socket: RefCell<Option<Socket>>,
    ticket: RefCell<Option<Ticket>>,
    /// What the present session was begun with.
    resumed: Cell<Option<Position>>,
    /// When the earliest timer fires.
    wake_at: Cell<Option<u64>>,
    polling: Cell<bool>,
    stores: Stores,
    dispatcher: Dispatcher,
}

impl Driver {
    fn step(self: &Rc<Self>, input: Input) {
        let (actions, status) = {
            let mut machine = self.machine.borrow_mut();
            let actions = machine.handle(input, browser::monotonic(), browser::random());
            (actions, machine.status())
        };
        let shown = self.stores.connection.status;
        if shown.get_untracked() != status {
            if status == Status::Connected {
                self.note_fresh();
                self.stores.connection.publish();
            }
            shown.set(status);
        }
        for action in actions {
            self.perform(action);
        }
        self.arm();
    }

    fn perform(self: &Rc<Self>, action: Action) {
        match action {
            Action::RequestTicket { generation } => self.answer(async move |driver| match ticket::request().await {
                Ok(ticket) => {
                    if driver.generation() == generation {
                        driver.ticket.replace(Some(ticket));
                    }
                    Input::Ticket { generation }
                }
                Err(why) => Input::TicketRefused { generation, why },
            }),
            Action::OpenSocket { generation } => {
                let (on_open, on_text, on_close) = (Rc::clone(self), Rc::clone(self), Rc::clone(self));
                let socket = self.ticket.take().and_then(|ticket| {
                    Socket::open(
                        &ticket::protocols(&ticket),
                        move || on_open.begin(generation),
                        move |text| on_text.receive(generation, &text),
                        move || on_close.step(Input::SocketClosed { generation }),
                    )
                });
                if socket.is_none() {
                    self.answer(async move |_| Input::SocketClosed { generation });
                }
                self.socket.replace(socket);
            }
            Action::CloseSocket => {
                self.ticket.take();
                self.dispatcher.with(|replica| replica.lost());
                // Not dropped here: this may be called by one of its own callbacks, which must outlive the call.
                if let Some(socket) = self.socket.take() {
                    browser::after(0, move || drop(socket));
                }
            }
            Action::Renew { generation } => {
                let driver = Rc::clone(self);
                spawn_local(async move {
                    match ticket::request().await {
                        Ok(ticket) if driver.generation() == generation => driver.send(&ClientFrame::Renew { ticket }),
                        Ok(_) => {}
                        Err(why) => driver.step(Input::TicketRefused { generation, why }),
                    }
                });
            }
            Action::ServerRestarted => self.stores.connection.note(|seen| seen.restarts += 1),
        }
    }

    fn generation(&self) -> u64 {
        self.machine.borrow().generation()
    }

    /// Does something that takes its time, then tells the machine how it went.
    fn answer(self: &Rc<Self>, work: impl AsyncFnOnce(Rc<Self>) -> Input + 'static) {
        let driver = Rc::clone(self);
        spawn_local(async move {
            let input = work(Rc::clone(&driver)).await;
            driver.step(input);
        });
    }

    fn send(&self, frame: &ClientFrame) {
        if let Some(socket) = self.socket.borrow().as_ref() {
            socket.send(&frame.to_text());
        }
    }

    /// The socket is open: the session begins, from where the screen is known to be right.
    fn begin(&self, generation: u64) {
        if self.generation() != generation {
            return;
        }
        let resume = self.dispatcher.with(|replica| replica.resume());
        self.resumed.set(resume);
        let session_id = browser::remembered(memory::KEY).and_then(|text| Memory::read(&text, now())).map(|memory| memory.session_id);
        self.send(&ClientFrame::Init(Init { session_id, topics: topics(), resume }));
    }

    fn receive(self: &Rc<Self>, generation: u64, text: &str) {
        if self.generation() != generation {
            return;
        }
        self.note_fresh();
        match self.dispatcher.receive(text) {
            Some(frame) => self.control(generation, frame),
            None => self.step(Input::Frame { generation }),
        }
        self.look(untrack(|| self.dispatcher.asks()));
    }

    fn control(self: &Rc<Self>, generation: u64, frame: ServerFrame) {
        match frame {
            ServerFrame::Started(greeting) => {
                self.greeted(generation, &greeting);
                self.dispatcher.tell(|replica| replica.started(&greeting, &topics()));
            }
            ServerFrame::Restored(greeting) => {
                self.greeted(generation, &greeting);
                let resumed = self.resumed.get();
                self.dispatcher.tell(|replica| match resumed {
                    Some(resumed) => replica.restored(&greeting, &topics(), resumed),
                    None => replica.started(&greeting, &topics()),
                });
            }
            ServerFrame::Heartbeat { position, delivered, server_time } => {
                self.step(Input::Heartbeat { generation, server_time });
                self.dispatcher.tell(|replica| replica.heartbeat(position, delivered));
            }
            ServerFrame::Resync { position, .. } => {
                self.stores.connection.note(|seen| seen.resyncs += 1);
                self.step(Input::Behind { generation });
                self.dispatcher.tell(|replica| replica.resync(position));
            }
            ServerFrame::Subscribed { topics, position } => {
                self.step(Input::Frame { generation });
                self.dispatcher.tell(|replica| replica.subscribed(&topics, position));
            }
            ServerFrame::Renewed { expires_at } => self.step(Input::Renewed { generation, expires_at }),
            ServerFrame::Bye { code, retry_ms, .. } => {
                self.step(Input::Bye { generation, code, retry_ms });
                if code == ByeCode::Expired {
                    // What may be seen may be something else now: the next session begins with everything fetched again.
                    let _no_longer_to_be_sent = self.dispatcher.with(|replica| replica.ask_resync(ResyncReason::Permissions));
                }
            }
            ServerFrame::Pong { .. } | ServerFrame::Error { .. } => self.step(Input::Frame { generation }),
        }
    }

    fn greeted(self: &Rc<Self>, generation: u64, greeting: &Greeting) {
        let memory = Memory { session_id: greeting.session_id, topics: topics(), at: now() };
        browser::remember(memory::KEY, Some(&memory.to_text()));
        let Greeting { instance_id: instance, heartbeat_ms, expires_at, .. } = *greeting;
        self.step(Input::Greeted { generation, instance, heartbeat_ms, expires_at });
    }

    /// Does what the replica asks for, and tells the machine once the screen is right.
    fn look(self: &Rc<Self>, asks: Vec<Ask>) {
        let generation = self.generation();
        for ask in asks {
            match ask {
                Ask::Fetch(views) | Ask::Anew(views) => {
                    self.step(Input::Behind { generation });
                    let driver = Rc::clone(self);
                    spawn_local(async move {
                        if driver.stores.refreshes.fetch_all(views, Reason::Missed).await.is_err() {
                            driver.step(Input::CatchUpFailed { generation });
                        }
                    });
                }
                Ask::Resync { delivered, reason } => {
                    self.step(Input::Behind { generation });
                    self.send(&ClientFrame::Resync { delivered, reason });
                }
            }
        }
        if self.dispatcher.with(|replica| replica.caught_up()) {
            self.step(Input::CaughtUp { generation });
        }
    }

    /// One timer at a time suffices: one that fires too early finds nothing to do and is followed by the right one.
    fn arm(self: &Rc<Self>) {
        let Some(due) = self.machine.borrow().next_wake() else { return };
        if self.wake_at.get().is_some_and(|at| at <= due) {
            return;
        }
        self.wake_at.set(Some(due));
        let driver = Rc::clone(self);
        browser::after(due.saturating_sub(browser::monotonic()), move || {
            if driver.wake_at.get() == Some(due) {
                driver.wake_at.set(None);
            }
            driver.step(Input::Wake);
        });
    }

    fn listen(self: &Rc<Self>) {
        for (event, input) in
            [("online", Input::Online), ("offline", Input::Offline), ("pagehide", Input::Frozen), ("pageshow", Input::Visible)]
        {
            let driver = Rc::clone(self);
            browser::on_window(event, move || driver.step(input));
        }
        let driver = Rc::clone(self);
        browser::on_window("visibilitychange", move || {
            if browser::visible() {
                driver.step(Input::Visible);
                driver.poll();
            } else {
                driver.step(Input::Hidden);
            }
        });
        // A page that the browser stops without hiding it first (the page lifecycle's `freeze`) is left the same way.
        let driver = Rc::clone(self);
        browser::on_document("freeze", move || driver.step(Input::Frozen));
        let driver = Rc::clone(self);
        browser::on_document("resume", move || driver.step(Input::Visible));

        let driver = Rc::clone(self);
        let dispatcher = self.dispatcher;
        Effect::new(move |_| {
            driver.look(dispatcher.asks());
        });

        let driver = Rc::clone(self);
        let wish = self.stores.connection.wish;
        Effect::new(move |_| {
            let input = match wish.get() {
                Some(Wish::TryNow) => Input::TryNow,
                Some(Wish::Disconnect) => Input::Disconnect,
                Some(Wish::Connect) => Input::Connect,
                None => return,
            };
            driver.step(input);
        });

        let driver = Rc::clone(self);
        browser::every(POLL, move || driver.poll());
        let connection = self.stores.connection;
        browser::every(1_000, move || {
            connection.publish();
            if connection.status.get_untracked() != Status::Connected {
                connection.now.set(browser::wall_clock());
            }
        });
        browser::every(ANNOUNCE, move || connection.announce());
    }

    /// While not connected: worse than live, but never silent.
    fn poll(self: &Rc<Self>) {
        let live = matches!(self.stores.connection.status.get_untracked(), Status::Connected | Status::Connecting);
        if live || !browser::visible() || self.polling.replace(true) {
            return;
        }
        let driver = Rc::clone(self);
        spawn_local(async move {
            if driver.stores.refreshes.run(Reason::Changed).await.is_ok() {
                driver.note_fresh();
            }
            driver.polling.set(false);
        });
    }

    fn note_fresh(&self) {
        self.stores.connection.note(|seen| seen.updated_at = Some(browser::wall_clock()));
    }
}

/// The reader's clock, in milliseconds since the Unix epoch.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "after 1970")]
fn now() -> u64 {
    browser::wall_clock().max(0.0) as u64
}
