//! Does what the state machines say, with the browser's timers, network and events.

mod own;
mod shared;

use super::{Dispatcher, sharing::Sharing, socket::Socket};
use crate::{
    app::{
        browser,
        stores::{Stores, connection::Wish, refresh::Reason},
    },
    domain::{Ids, RandomIds},
    realtime::{
        Position,
        client::{
            connection::{Action, Connection, Input, Status, Why},
            outbox::Outbox,
            replica::Ask,
            tabs::{self, Leading, Message, Serving, Tabs, Way},
        },
        protocol::{ClientFrame, Ticket},
    },
};
use leptos::{prelude::*, task::spawn_local};
use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};
use uuid::Uuid;

/// While not connected, what is on screen is fetched this often.
const POLL: u64 = 10_000;
/// What appears on screen, e.g. another page, is proven right within this, or the page says that it is not.
const LAG: u64 = 5_000;
/// How often changes on screen are read out at most.
const ANNOUNCE: u64 = 5_000;

/// Connects, and keeps connecting for as long as the page is open.
pub(super) fn start(stores: Stores, dispatcher: Dispatcher) {
    let driver = Rc::new(Driver {
        machine: RefCell::default(),
        link: RefCell::default(),
        ticket: RefCell::default(),
        resumed: Cell::new(None),
        instance: Cell::new(None),
        outbox: RefCell::default(),
        tabs: RefCell::new(Tabs::new(RandomIds.next())),
        sharing: RefCell::default(),
        serving: RefCell::default(),
        said: RefCell::default(),
        wake_at: Cell::new(None),
        change_armed: Cell::new(false),
        behind_since: Cell::new(None),
        polling: Cell::new(false),
        stores,
        dispatcher,
    });
    driver.listen();
    stores.connection.visible.set(browser::visible());
    driver.step(Input::Connect);
    // Nothing will tell of a page that was opened in the background that it is hidden.
    driver.step(seen());
}

/// How events come.
#[derive(Default)]
enum Link {
    /// Not at all.
    #[default]
    None,
    /// Over a socket of this tab; greeted, or not yet.
    Own { socket: Socket, greeted: bool },
    /// By way of the tab that leads.
    Shared,
}

/// Whether somebody looks at the page.
fn seen() -> Input {
    if browser::visible() { Input::Visible } else { Input::Hidden }
}

struct Driver {
    machine: RefCell<Connection>,
    link: RefCell<Link>,
    ticket: RefCell<Option<Ticket>>,
    /// What the present session was begun with.
    resumed: Cell<Option<Position>>,
    /// The serving process and its time between two heartbeats, as told last.
    instance: Cell<Option<(Uuid, u64)>>,
    /// What the connection is to be told.
    outbox: RefCell<Outbox<ClientFrame>>,
    tabs: RefCell<Tabs>,
    /// The other tabs. None while this one takes no part, and in browsers that have no means for it.
    sharing: RefCell<Option<Sharing>>,
    /// What the attempt that is being made will follow.
    serving: RefCell<Option<Serving>>,
    /// How the other tabs were told last that it stands.
    said: RefCell<Option<Leading>>,
    /// When the earliest timer fires.
    wake_at: Cell<Option<u64>>,
    change_armed: Cell<bool>,
    /// Since when what is on screen is not proven right.
    behind_since: Cell<Option<u64>>,
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
                self.tabs.borrow_mut().proven();
                self.note_fresh();
                self.stores.connection.publish();
            }
            shown.set(status);
        }
        for action in actions {
            self.perform(action);
        }
        self.say_how_it_stands(false);
        self.arm();
    }

    fn perform(self: &Rc<Self>, action: Action) {
        match action {
            Action::RequestTicket { generation } => self.ask_the_way(generation),
            Action::OpenSocket { generation } => match self.serving.take() {
                Some(serving) => self.follow(generation, &serving),
                None => self.open(generation),
            },
            Action::CloseSocket => {
                self.ticket.take();
                self.serving.take();
                self.outbox.borrow_mut().lost();
                self.dispatcher.with(|replica| replica.lost());
                self.dispatcher.carries_nothing();
                let link = self.link.take();
                self.tabs.borrow_mut().ended(matches!(link, Link::Shared));
                // Not dropped here: this may be called by one of its own callbacks, which must outlive the call.
                browser::after(0, move || drop(link));
                // Others may need the lock that this tab makes no use of; what it was refused they have to find out by themselves.
                if matches!(self.status(), Status::Suspended { why: Why::Away, .. } | Status::Disconnected(_) | Status::Error(_)) {
                    self.leave();
                }
            }
            Action::Renew { generation } => self.renew(generation),
            Action::ServerRestarted => {
                self.stores.connection.note(|seen| seen.restarts += 1);
                self.stores.tasks.restarted();
            }
        }
    }

    fn generation(&self) -> u64 {
        self.machine.borrow().generation()
    }

    fn status(&self) -> Status {
        self.machine.borrow().status()
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
        if let Link::Own { socket, .. } = &*self.link.borrow() {
            socket.send(&frame.to_text());
        }
    }

    /// Does what the replica asks for, and tells the machine once the screen is right.
    fn look(self: &Rc<Self>, asks: Vec<Ask>) {
        self.want();
        let generation = self.generation();
        for ask in asks {
            let anew = matches!(ask, Ask::Anew(_));
            match ask {
                Ask::Fetch(views) | Ask::Anew(views) => {
                    // Of a page without queries nothing was in doubt.
                    if anew && !views.is_empty() {
                        self.stores.connection.note(|seen| seen.resyncs += 1);
                    }
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
                    if matches!(*self.link.borrow(), Link::Own { .. }) {
                        self.send(&ClientFrame::Resync { delivered, reason });
                    } else {
                        // The connection is another tab's, and right there. This one joins it anew.
                        self.step(Input::SocketClosed { generation });
                    }
                }
            }
        }
        if self.dispatcher.with(|replica| replica.caught_up()) {
            self.behind_since.set(None);
            self.step(Input::CaughtUp { generation });
        } else if self.behind_since.get().is_none() {
            self.behind_since.set(Some(browser::monotonic()));
            self.watch_lag();
        }
    }

    /// What appears on screen is right a moment later. If it is not for long, the page must not say that it is live.
    fn watch_lag(self: &Rc<Self>) {
        let driver = Rc::clone(self);
        browser::after(LAG, move || match driver.behind_since.get() {
            Some(since) if browser::monotonic() >= since + LAG => {
                let generation = driver.generation();
                driver.step(Input::Behind { generation });
            }
            Some(_) => driver.watch_lag(),
            None => {}
        });
    }

    /// Sees to it that the connection hears what is on screen here, and in the tabs that follow.
    fn want(self: &Rc<Self>) {
        let now = browser::monotonic();
        let told = self.tabs.borrow_mut().want(self.dispatcher.wanted(), now);
        self.post(told);
        self.outbox.borrow_mut().want(self.tabs.borrow().wanted());
        if !matches!(*self.link.borrow(), Link::Own { greeted: true, .. }) {
            return;
        }
        let change = self.outbox.borrow_mut().change(now);
        if let Some(frame) = change {
            self.send(&frame);
        }
        let next = self.outbox.borrow().next_change();
        if let (Some(next), false) = (next, self.change_armed.replace(next.is_some())) {
            let driver = Rc::clone(self);
            browser::after(next.saturating_sub(now), move || {
                driver.change_armed.set(false);
                driver.want();
            });
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
        for (event, input) in [("online", Input::Online), ("offline", Input::Offline), ("pagehide", Input::Frozen)] {
            let driver = Rc::clone(self);
            browser::on_window(event, move || driver.step(input));
        }
        let driver = Rc::clone(self);
        browser::on_window("visibilitychange", move || {
            // What waits for a frame would wait for long.
            driver.dispatcher.flush();
            driver.stores.connection.visible.set(browser::visible());
            driver.step(seen());
            driver.poll();
            driver.focus();
        });
        let driver = Rc::clone(self);
        browser::on_window("focus", move || driver.focus());
        let driver = Rc::clone(self);
        browser::on_window("pageshow", move || driver.step(seen()));
        // A page that the browser stops without hiding it first (the page lifecycle's `freeze`) is left the same way.
        let driver = Rc::clone(self);
        browser::on_document("freeze", move || driver.step(Input::Frozen));
        let driver = Rc::clone(self);
        browser::on_document("resume", move || driver.step(seen()));

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
            if input == Input::TryNow && !driver.tabs.borrow().leads() {
                driver.post(Some(Message::TryNow));
            }
            driver.step(input);
        });

        let driver = Rc::clone(self);
        browser::every(POLL, move || driver.poll());
        let driver = Rc::clone(self);
        browser::every(tabs::ANNOUNCE, move || {
            let told = driver.tabs.borrow_mut().tick(browser::monotonic());
            driver.post(told);
            driver.want();
        });
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

    /// Somebody comes back to the page.
    fn focus(&self) {
        if browser::visible() {
            self.stores.refreshes.focused(browser::monotonic());
        }
    }

    fn note_fresh(&self) {
        self.stores.connection.note(|seen| seen.updated_at = Some(browser::wall_clock()));
    }
}
