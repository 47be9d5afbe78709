//! Following another tab's connection (`realtime.md` section 5): what comes is what that tab was sent, with the cursor that it had
//! before it.
//!
//! A frame joins what is known if nothing lies between: if the other tab's cursor is not beyond one's own. What came before is
//! dropped by its seq as always. Otherwise something was missed, and the screen is fetched anew from the other tab's cursor on.

use super::{Ask, Replica};
use crate::realtime::{Position, protocol::ServerFrame, topic::Topics};

impl<E: Clone> Replica<E> {
    /// A frame is relayed by the tab that leads, whose cursor was `after` before it and which hears of `topics`. Call before the
    /// frame itself is given to [`event`](Self::event) or [`follow`](Self::follow).
    pub fn relayed(&mut self, after: Position, topics: &Topics) -> Vec<Ask> {
        self.join(after, topics, false)
    }

    /// The tab that leads says where it stands. `restarted`: by another server than the one that was heard of last, which may have
    /// taken back what is known here beyond that.
    pub fn join(&mut self, after: Position, topics: &Topics, restarted: bool) -> Vec<Ask> {
        let known = self.resume();
        let beyond = |known: Position| after.seq < known.seq && !restarted;
        let joins = known.is_some_and(|known| known.epoch == after.epoch && (beyond(known) || after == known));
        if !joins {
            self.heard = topics.clone();
            self.begun_at = None;
            return self.resync(after);
        }
        if let (Some(known), None) = (known, self.cursor) {
            self.kept.start(known);
            self.cursor = Some(known);
        }
        self.replay = Some(0);
        if self.heard == *topics { Vec::new() } else { self.hear(topics, known.map_or(after.seq, |known| known.seq).max(self.kept.last())) }
    }

    /// A control frame that was relayed. Counts are not compared: they are the other tab's.
    pub fn follow(&mut self, frame: &ServerFrame) -> Vec<Ask> {
        match frame {
            ServerFrame::Started(greeting) => self.resync(greeting.position),
            ServerFrame::Resync { position, .. } => self.resync(*position),
            // As for a connection of one's own: what is held beyond what was proven is in doubt.
            ServerFrame::Restored(_) => {
                self.round += 1;
                let proven =
                    self.cursor.filter(|cursor| self.views.values().any(|view| view.holds > Some(cursor.seq.max(self.kept.last()))));
                proven.map_or_else(Vec::new, |proven| {
                    self.begun_at = None;
                    self.resync(proven)
                })
            }
            ServerFrame::Heartbeat { position, .. } => {
                self.advance(*position);
                Vec::new()
            }
            ServerFrame::Subscribed { topics, position } => self.subscribed(topics, *position),
            _ => Vec::new(),
        }
    }
}
