//! One connection for all tabs of a browser: asking for the way, leading, following.

use super::{Driver, Leading, Link, Message, Serving, Sharing, Status, Way, browser};
use crate::realtime::{
    Position,
    client::connection::Input,
    protocol::{ByeCode, ResyncReason, ServerFrame},
};
use leptos::prelude::*;
use std::rc::Rc;

/// Of the lock and of the channel. What people may see differs, so tabs of different people do not share.
const NAME: &str = "strongroom.monitor";

impl Driver {
    /// An attempt begins: over the connection of another tab, or over one of its own.
    pub(super) fn ask_the_way(self: &Rc<Self>, generation: u64) {
        self.take_part();
        let asked = self.tabs.borrow_mut().attempt(browser::monotonic());
        self.post(asked);
        self.find_the_way(generation);
    }

    fn find_the_way(self: &Rc<Self>, generation: u64) {
        if self.generation() != generation || !self.tabs.borrow().is_asking() {
            return;
        }
        let now = browser::monotonic();
        let way = self.tabs.borrow_mut().way(now);
        match way {
            Way::Own => self.request_ticket(generation),
            Way::Shared(serving) => {
                self.serving.replace(Some(serving));
                self.step(Input::Ticket { generation });
            }
            Way::Refused(why) => self.step(Input::TicketRefused { generation, why }),
            Way::Unknown { until: u64::MAX } => {}
            Way::Unknown { until } => {
                let driver = Rc::clone(self);
                browser::after(until.saturating_sub(now), move || driver.find_the_way(generation));
            }
        }
    }

    /// From now on there are the others. Where the browser has no means for that, this tab is the only one.
    fn take_part(self: &Rc<Self>) {
        if self.sharing.borrow().is_some() {
            return;
        }
        let name = format!("{NAME} {}", self.stores.user.with(|user| user.name.clone().unwrap_or_default()));
        let (on_message, on_lock) = (Rc::clone(self), Rc::clone(self));
        let sharing = Sharing::open(&name, move |message| on_message.hear(&message), move || on_lock.lead());
        if sharing.is_none() {
            self.tabs.borrow_mut().lead();
        }
        self.sharing.replace(sharing);
    }

    /// Makes room for another tab to lead.
    pub(super) fn leave(&self) {
        let goodbye = self.tabs.borrow_mut().leave();
        self.post(Some(goodbye));
        self.said.take();
        if let Some(sharing) = self.sharing.take() {
            sharing.close();
            // Not dropped here: this may be called by one of its own callbacks, which must outlive the call.
            browser::after(0, move || drop(sharing));
        }
    }

    pub(super) fn post(&self, message: Option<Message>) {
        if let (Some(sharing), Some(message)) = (&*self.sharing.borrow(), message) {
            sharing.post(&message);
        }
    }

    /// The lock is this tab's.
    fn lead(self: &Rc<Self>) {
        self.tabs.borrow_mut().lead();
        let generation = self.generation();
        if matches!(*self.link.borrow(), Link::Shared) {
            // Whoever led is gone. What it did not relay any more is handed over to this tab's own connection.
            self.step(Input::SocketClosed { generation });
            self.step(Input::Online);
        } else {
            self.find_the_way(generation);
        }
        self.say_how_it_stands(true);
    }

    /// Tells the other tabs how it stands with the connection, if this one leads and it stands otherwise than it said last.
    pub(super) fn say_how_it_stands(&self, again: bool) {
        if !self.tabs.borrow().leads() || self.sharing.borrow().is_none() {
            return;
        }
        let greeted = matches!(*self.link.borrow(), Link::Own { greeted: true, .. });
        let instance = self.instance.get().map(|(instance, _)| instance);
        // Where it stands in the log is told by what it relays.
        let serves_as_said = matches!(&*self.said.borrow(), Some(Leading::Serves(said)) if greeted && Some(said.instance) == instance);
        if serves_as_said && !again {
            return;
        }
        let cursor = self.dispatcher.with(|replica| replica.cursor());
        let state = match (self.instance.get(), cursor) {
            (Some((instance, heartbeat_ms)), Some(cursor)) if greeted => {
                let topics = self.dispatcher.with(|replica| replica.heard().clone());
                Leading::Serves(Serving { instance, heartbeat_ms, cursor, topics })
            }
            _ => Leading::of(self.status()),
        };
        if again || self.said.borrow().as_ref() != Some(&state) {
            self.said.replace(Some(state.clone()));
            let tab = self.tabs.borrow().me();
            self.post(Some(Message::Leads { tab, state }));
        }
    }

    /// A frame came to this tab, which leads: the others get it too.
    pub(super) fn relay(&self, after: Option<Position>, frame: Option<&ServerFrame>, text: &str) {
        let concerns_all = matches!(
            frame,
            None | Some(
                ServerFrame::Heartbeat { .. }
                    | ServerFrame::Resync { .. }
                    | ServerFrame::Subscribed { .. }
                    | ServerFrame::Bye { code: ByeCode::Expired, .. }
            )
        );
        let tabs = self.tabs.borrow();
        if let (Some(after), true, true) = (after, concerns_all, tabs.has_followers()) {
            let topics = self.dispatcher.with(|replica| replica.heard().clone());
            self.post(Some(Message::Relay { tab: tabs.me(), after, topics, text: text.to_owned() }));
        }
    }

    /// The tab that leads serves: from here on its frames are this one's.
    pub(super) fn follow(self: &Rc<Self>, generation: u64, serving: &Serving) {
        let Serving { instance, heartbeat_ms, cursor, topics } = serving;
        let restarted = self.instance.get().is_some_and(|(known, _)| known != *instance);
        self.link.replace(Link::Shared);
        self.stores.connection.note(|seen| seen.shared = true);
        self.instance.set(Some((*instance, *heartbeat_ms)));
        self.step(Input::Greeted { generation, instance: *instance, heartbeat_ms: *heartbeat_ms, expires_at: None });
        self.dispatcher.tell(|replica| replica.join(*cursor, topics, restarted));
        self.dispatcher.carries(topics);
        self.look(untrack(|| self.dispatcher.asks()));
    }

    /// Another tab said something.
    fn hear(self: &Rc<Self>, message: &Message) {
        let served = self.tabs.borrow().is_served();
        let answer = self.tabs.borrow_mut().heard(message, browser::monotonic());
        self.post(answer);
        match message {
            Message::Relay { tab, after, topics, text } => {
                if matches!(*self.link.borrow(), Link::Shared) && self.tabs.borrow().follows(*tab) {
                    self.receive_relayed(*after, topics, text);
                } else {
                    self.tabs.borrow_mut().missed(*tab);
                }
            }
            Message::Leads { state, .. } => self.heed(state, served),
            Message::Wants { asks, .. } => {
                if *asks {
                    self.say_how_it_stands(true);
                }
                self.want();
            }
            Message::Goodbye { .. } => self.want(),
            Message::TryNow => {
                if self.tabs.borrow().leads() {
                    self.step(Input::TryNow);
                }
            }
        }
    }

    /// The tab that leads told how it stands; `served`: it served before, as far as was known.
    fn heed(self: &Rc<Self>, state: &Leading, served: bool) {
        let generation = self.generation();
        if self.tabs.borrow().leads() {
            return;
        }
        if self.tabs.borrow().is_asking() {
            return self.find_the_way(generation);
        }
        let serves = matches!(state, Leading::Serves(_));
        if matches!(*self.link.borrow(), Link::Shared) {
            if !serves {
                self.step(Input::SocketClosed { generation });
            }
        } else if !served
            && self.tabs.borrow().is_served()
            && matches!(self.status(), Status::Reconnecting { .. } | Status::Suspended { .. })
        {
            // Between two attempts: one made now will succeed.
            self.step(Input::Online);
        }
    }

    fn receive_relayed(self: &Rc<Self>, after: Position, topics: &crate::realtime::topic::Topics, text: &str) {
        let generation = self.generation();
        self.note_fresh();
        self.dispatcher.tell(|replica| replica.relayed(after, topics));
        self.dispatcher.carries(topics);
        match self.dispatcher.receive(text) {
            Some(frame) => {
                match &frame {
                    ServerFrame::Heartbeat { server_time, .. } => {
                        self.step(Input::Heartbeat { generation, server_time: *server_time });
                    }
                    ServerFrame::Resync { .. } => self.step(Input::Behind { generation }),
                    ServerFrame::Bye { .. } => {
                        // As for the tab that leads: what may be seen may be something else now.
                        let _joined_anew = self.dispatcher.with(|replica| replica.ask_resync(ResyncReason::Permissions));
                    }
                    _ => self.step(Input::Frame { generation }),
                }
                self.dispatcher.tell(|replica| replica.follow(&frame));
            }
            None => self.step(Input::Frame { generation }),
        }
        self.look(untrack(|| self.dispatcher.asks()));
    }
}
