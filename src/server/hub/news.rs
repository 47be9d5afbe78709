//! What is told beside the log: it has no place in it, is not kept, and the latest word of it is the one that counts.
//!
//! Invariant: whoever reads slower than what is told is told that it missed something, and asks for everything anew.

use crate::{domain::Permissions, realtime::topic::Topic};
use axum::extract::ws::Utf8Bytes;
use std::sync::Arc;
use tokio::sync::broadcast;

/// Notes that are kept for readers that are a little behind.
const KEPT: usize = 1_024;

/// One thing that is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// What it is told under.
    pub topic: Topic,
    /// The attributes of which one is needed to be sent it.
    pub seen_with: &'static [&'static str],
    /// The message as JSON. A clone shares the bytes.
    pub text: Utf8Bytes,
}

impl Note {
    /// Whether somebody who may do this may see it.
    #[must_use]
    pub fn is_seen_with(&self, permissions: &Permissions) -> bool {
        permissions.allow_any(self.seen_with)
    }
}

/// The way from whoever has something to tell to every connection of this process.
#[derive(Debug, Clone)]
pub struct News(broadcast::Sender<Arc<Note>>);

impl Default for News {
    fn default() -> Self {
        Self(broadcast::Sender::new(KEPT))
    }
}

impl News {
    /// Tells everybody who listens now.
    pub fn tell(&self, note: Note) {
        // Nobody listens: there is nobody to miss it.
        let _ = self.0.send(Arc::new(note));
    }

    /// Listens from now on.
    #[must_use]
    pub fn listen(&self) -> broadcast::Receiver<Arc<Note>> {
        self.0.subscribe()
    }
}
