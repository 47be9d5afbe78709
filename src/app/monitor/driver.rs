//! Does what the state machine says, with the browser's timers, network and events.

use super::{Dispatcher, socket::Socket, ticket};
use crate::{
    api::client,
    app::{
        browser,
        stores::{Stores, connection::Wish, refresh::Reason},
    },
    realtime::connection::{Action, Connection, Input, Status},
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
        protocols: RefCell::default(),
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
    protocols: RefCell<Option<[String; 2]>>,
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
                Ok(protocols) => {
                    if driver.machine.borrow().generation() == generation {
                        driver.protocols.replace(Some(protocols));
                    }
                    Input::Ticket { generation }
                }
                Err(problem) => ticket::refused(generation, &problem),
            }),
            Action::OpenSocket { generation } => {
                let protocols = self.protocols.take();
                let (on_text, on_close) = (Rc::clone(self), Rc::clone(self));
                self.dispatcher.begin();
                let socket = protocols.and_then(|protocols| {
                    Socket::open(
                        &protocols,
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
                self.protocols.take();
                // Not dropped here: this may be called by one of its own callbacks, which must outlive the call.
                if let Some(socket) = self.socket.take() {
                    browser::after(0, move || drop(socket));
                }
            }
            Action::CatchUp { generation, everything } => self.answer(async move |driver| match driver.catch_up(everything).await {
                Ok(()) => Input::CaughtUp { generation },
                Err(_) => Input::CatchUpFailed { generation },
            }),
        }
    }

    /// Does something that takes its time, then tells the machine how it went.
    fn answer(self: &Rc<Self>, work: impl AsyncFnOnce(Rc<Self>) -> Input + 'static) {
        let driver = Rc::clone(self);
        spawn_local(async move {
            let input = work(Rc::clone(&driver)).await;
            driver.step(input);
        });
    }

    fn receive(self: &Rc<Self>, generation: u64, text: &str) {
        if self.machine.borrow().generation() != generation {
            return;
        }
        self.note_fresh();
        self.dispatcher.receive(text);
        self.step(Input::Frame { generation });
    }

    /// Proves that what is on screen is right, or makes it so.
    ///
    /// The socket greets once the server has subscribed it, so from the greeting on nothing is missed; what may be missed is what
    /// happened between the reading of the page's data and the greeting. The log's position, asked for after the greeting, tells:
    /// data that came with the very same position is as new, anything else is fetched again. (Comparing with the first event's
    /// seq would not do: there may be none for hours.) After a lost connection everything is fetched, because patches since the
    /// page was loaded have taken the screen past the positions that its data came with.
    async fn catch_up(&self, everything: bool) -> Result<(), crate::api::Problem> {
        let position = if everything { None } else { client::about().await?.position };
        self.stores.refreshes.run(Reason::Missed, position).await
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
            [("online", Input::Online), ("offline", Input::Offline), ("pagehide", Input::PageHidden), ("pageshow", Input::PageShown)]
        {
            let driver = Rc::clone(self);
            browser::on_window(event, move || driver.step(input));
        }
        let driver = Rc::clone(self);
        browser::on_window("visibilitychange", move || {
            if browser::visible() {
                driver.step(Input::PageShown);
                driver.poll();
            }
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
            if driver.stores.refreshes.run(Reason::Changed, None).await.is_ok() {
                driver.note_fresh();
            }
            driver.polling.set(false);
        });
    }

    fn note_fresh(&self) {
        self.stores.connection.note(|seen| seen.updated_at = Some(browser::wall_clock()));
    }
}
