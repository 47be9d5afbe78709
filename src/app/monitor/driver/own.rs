//! A connection of this tab's own: ticket, socket, session.

use super::{Driver, Link, browser, spawn_local};
use crate::{
    app::monitor::{socket::Socket, ticket},
    realtime::{
        client::{
            connection::Input,
            memory::{self, Memory},
        },
        protocol::{ByeCode, ClientFrame, Greeting, Init, ResyncReason, ServerFrame},
    },
};
use leptos::prelude::*;
use std::rc::Rc;

impl Driver {
    pub(super) fn request_ticket(self: &Rc<Self>, generation: u64) {
        self.answer(async move |driver| match ticket::request().await {
            Ok(ticket) => {
                if driver.generation() == generation {
                    driver.ticket.replace(Some(ticket));
                }
                Input::Ticket { generation }
            }
            Err(why) => Input::TicketRefused { generation, why },
        });
    }

    pub(super) fn open(self: &Rc<Self>, generation: u64) {
        let (on_open, on_text, on_close) = (Rc::clone(self), Rc::clone(self), Rc::clone(self));
        let socket = self.ticket.take().and_then(|ticket| {
            Socket::open(
                &ticket::protocols(&ticket),
                move || on_open.begin(generation),
                move |text| on_text.receive(generation, &text),
                move || on_close.step(Input::SocketClosed { generation }),
            )
        });
        match socket {
            Some(socket) => {
                self.stores.connection.note(|seen| seen.shared = false);
                self.link.replace(Link::Own { socket, greeted: false });
            }
            None => self.answer(async move |_| Input::SocketClosed { generation }),
        }
    }

    pub(super) fn renew(self: &Rc<Self>, generation: u64) {
        let driver = Rc::clone(self);
        spawn_local(async move {
            match ticket::request().await {
                Ok(ticket) if driver.generation() == generation => driver.send(&ClientFrame::Renew { ticket }),
                Ok(_) => {}
                Err(why) => driver.step(Input::TicketRefused { generation, why }),
            }
        });
    }

    /// The socket is open: the session begins, from where the screen is known to be right.
    fn begin(self: &Rc<Self>, generation: u64) {
        if self.generation() != generation {
            return;
        }
        self.want();
        let resume = self.dispatcher.with(|replica| replica.resume());
        self.resumed.set(resume);
        let session_id = browser::remembered(memory::KEY).and_then(|text| Memory::read(&text, now())).map(|memory| memory.session_id);
        let topics = self.outbox.borrow_mut().begin().clone();
        self.send(&ClientFrame::Init(Init { session_id, topics, resume }));
    }

    fn receive(self: &Rc<Self>, generation: u64, text: &str) {
        if self.generation() != generation {
            return;
        }
        self.note_fresh();
        let after = self.dispatcher.with(|replica| replica.cursor());
        let frame = self.dispatcher.receive(text);
        self.relay(after, frame.as_ref(), text);
        match frame {
            Some(frame) => self.control(generation, frame),
            None => self.step(Input::Frame { generation }),
        }
        self.look(untrack(|| self.dispatcher.asks()));
    }

    fn control(self: &Rc<Self>, generation: u64, frame: ServerFrame) {
        match frame {
            ServerFrame::Started(greeting) => self.greeted(generation, &greeting, false),
            ServerFrame::Restored(greeting) => self.greeted(generation, &greeting, true),
            ServerFrame::Heartbeat { position, delivered, server_time } => {
                self.step(Input::Heartbeat { generation, server_time });
                self.dispatcher.tell(|replica| replica.heartbeat(position, delivered));
            }
            ServerFrame::Resync { position, .. } => {
                self.step(Input::Behind { generation });
                self.dispatcher.tell(|replica| replica.resync(position));
            }
            ServerFrame::Subscribed { topics, position } => {
                self.step(Input::Frame { generation });
                self.dispatcher.tell(|replica| replica.subscribed(&topics, position));
                self.dispatcher.carries(&topics);
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

    fn greeted(self: &Rc<Self>, generation: u64, greeting: &Greeting, restored: bool) {
        let topics = self.outbox.borrow().told();
        let memory = Memory { session_id: greeting.session_id, topics: topics.clone(), at: now() };
        browser::remember(memory::KEY, Some(&memory.to_text()));
        let Greeting { instance_id: instance, heartbeat_ms, expires_at, .. } = *greeting;
        self.step(Input::Greeted { generation, instance, heartbeat_ms, expires_at });
        let resumed = self.resumed.get().filter(|_| restored);
        self.dispatcher.tell(|replica| match resumed {
            Some(resumed) => replica.restored(greeting, &topics, resumed),
            None => replica.started(greeting, &topics),
        });
        self.dispatcher.carries(&topics);
        self.instance.set(Some((instance, heartbeat_ms)));
        if let Link::Own { greeted, .. } = &mut *self.link.borrow_mut() {
            *greeted = true;
        }
        self.say_how_it_stands(false);
    }
}

/// The reader's clock, in milliseconds since the Unix epoch.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "after 1970")]
fn now() -> u64 {
    browser::wall_clock().max(0.0) as u64
}
