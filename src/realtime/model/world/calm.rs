//! When faults stop: what must come of any state then.

use super::{Action, Frame, Query, State, World};
use crate::{domain::Timestamp, realtime::protocol::ServerFrame};

impl State {
    fn are_right(&self) -> bool {
        self.clients
            .iter()
            .all(|client| client.replica.caught_up() && client.query.is_none() && client.screen == Self::visible(&self.log, client))
    }
}

impl World {
    /// Whether faults have stopped.
    pub(in crate::realtime::model) fn is_calm(state: &State) -> bool {
        state.budget.cuts == 0 && state.budget.restarts == 0 && state.budget.damages == 0
    }

    /// Whether, once faults stop, every screen comes to equal the server's state, and knows it.
    pub(in crate::realtime::model) fn mends(&self, state: &State) -> bool {
        let mut state = state.clone();
        for _ in 0..8 {
            for number in 0..self.viewers.len() {
                if state.clients[number].link.is_none() {
                    self.connect(&mut state, number);
                }
                self.quiet(&mut state, number);
                heartbeat(&mut state, number);
                self.quiet(&mut state, number);
            }
            if state.are_right() {
                return true;
            }
        }
        false
    }

    /// Whatever is on its way to a client arrives, and what that asks for is done.
    fn quiet(&self, state: &mut State, number: usize) {
        for _ in 0..64 {
            let client = &state.clients[number];
            let action = if client.unadvanced.is_some() {
                Action::Advance(number)
            } else if !client.stale.is_empty() {
                Action::Stale(number)
            } else if client.link.as_ref().is_some_and(|link| !link.frames.is_empty()) {
                Action::Receive(number)
            } else {
                match &client.query {
                    Some(Query { position: Some(_), data: Some(_), .. }) => Action::Answer(number),
                    Some(_) => Action::Read(number),
                    None if client.wants => Action::Query(number),
                    None => return,
                }
            };
            self.step(state, action);
        }
    }
}

pub(super) fn heartbeat(state: &mut State, number: usize) {
    if let Some(link) = &mut state.clients[number].link
        && let Some(position) = link.session.position()
    {
        let delivered = link.session.delivered();
        let heartbeat = ServerFrame::Heartbeat { position, delivered, server_time: Timestamp::from_micros(0) };
        link.frames.push_back(Frame::Control(heartbeat));
    }
}
