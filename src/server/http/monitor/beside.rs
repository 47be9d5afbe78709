//! What one connection is told beside the log, as far as its topics ask for it: notes, and how busy the machine is.

use crate::{
    domain::Permissions,
    realtime::topic::{Topic, Topics},
    server::{
        hub::news::{News, Note},
        system::{self, Latest, System},
        tasks::{self, Tasks},
    },
};
use axum::extract::ws::Utf8Bytes;
use std::sync::Arc;
use tokio::sync::{broadcast, watch};

/// What came.
#[derive(Debug)]
pub(super) enum Heard {
    /// Something was told.
    Note(Arc<Note>),
    /// How busy the machine is.
    Sample(Utf8Bytes),
    /// Some of what was told is lost to this connection.
    Missed,
}

/// What is listened to. Nothing costs anything that is not asked for.
#[derive(Default)]
pub(super) struct Beside {
    notes: Option<broadcast::Receiver<Arc<Note>>>,
    samples: Option<watch::Receiver<Option<Latest>>>,
    /// Tasks were asked for before.
    tasks: bool,
    /// It was said that there will be no samples.
    refused: bool,
}

/// What follows from another set of topics.
#[derive(Debug, Default)]
pub(super) struct Adjusted {
    /// Messages that are to be sent now.
    pub(super) messages: Vec<Utf8Bytes>,
    /// Why a topic brings nothing.
    pub(super) refusal: Option<&'static str>,
}

/// The topics that bring notes.
const NOTES: [Topic; 2] = [Topic::Tasks, Topic::Resources];

impl Beside {
    /// Listens to notes, if these topics bring any, and otherwise to none.
    pub(super) fn listen(&mut self, topics: &Topics, news: &News) {
        if !topics.covers(&NOTES) {
            self.notes = None;
        } else if self.notes.is_none() {
            self.notes = Some(news.listen());
        }
    }

    /// Listens to what these topics ask for beside notes, and to nothing else. Who begins to listen to tasks is told how all stand.
    pub(super) fn adjust(&mut self, topics: &Topics, permissions: &Permissions, all: &Tasks, system: &System) -> Adjusted {
        let mut adjusted = Adjusted::default();
        let tasks = topics.contains(Topic::Tasks) && permissions.allow_any(tasks::SEEN_WITH);
        if tasks && !self.tasks {
            // After the place in the notes was taken: what changes meanwhile comes twice rather than not at all.
            adjusted.messages.extend(all.all().iter().map(|message| Utf8Bytes::from(message.to_text())));
        }
        self.tasks = tasks;
        if !topics.contains(Topic::Metrics) {
            (self.samples, self.refused) = (None, false);
        } else if self.samples.is_none() && !self.refused {
            match refusal(permissions, system) {
                None => self.samples = Some(system.watch()),
                refusal => (self.refused, adjusted.refusal) = (true, refusal),
            }
        }
        adjusted
    }

    /// Whoever listens may do other things than before: the next [`adjust`](Self::adjust) decides as if all topics were new. Notes are
    /// listened to all the while, since each is checked when it is sent and none may be missed.
    pub(super) fn decide_anew(&mut self) {
        *self = Self { notes: self.notes.take(), ..Self::default() };
    }

    /// What comes next; nothing is lost when the future is dropped.
    pub(super) async fn next(&mut self) -> Heard {
        let Self { notes, samples, .. } = self;
        tokio::select! {
            note = note(notes) => note,
            sample = sample(samples) => Heard::Sample(sample),
        }
    }
}

/// Why somebody is not told how busy the machine is.
pub(super) fn refusal(permissions: &Permissions, system: &System) -> Option<&'static str> {
    if !permissions.allow_any(system::SEEN_WITH) {
        Some("metrics are for those who hold system:metrics:read")
    } else if !system.is_told() {
        Some("metrics are not told over connections here: ask GET /api/system/metrics")
    } else {
        None
    }
}

/// The next note; none, ever, where nothing is listened to.
pub(super) async fn note(notes: &mut Option<broadcast::Receiver<Arc<Note>>>) -> Heard {
    let Some(receiver) = notes else { return std::future::pending().await };
    match receiver.recv().await {
        Ok(note) => Heard::Note(note),
        Err(broadcast::error::RecvError::Lagged(_)) => Heard::Missed,
        // The service stops, of which connections are told otherwise.
        Err(broadcast::error::RecvError::Closed) => {
            *notes = None;
            std::future::pending().await
        }
    }
}

/// The next sample; none, ever, where nobody watches.
pub(super) async fn sample(samples: &mut Option<watch::Receiver<Option<Latest>>>) -> Utf8Bytes {
    let Some(receiver) = samples else { return std::future::pending().await };
    loop {
        if receiver.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
        if let Some(latest) = &*receiver.borrow_and_update() {
            return latest.text.clone();
        }
    }
}
