//! Short messages about what was done, shown in a corner and read out politely.

use leptos::prelude::*;

/// What kind of message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// Something was done. Goes by itself.
    Done,
    /// Something could not be done. Stays until it is dismissed.
    Failed,
}

/// One message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Toast {
    /// Identity within the page.
    pub id: u64,
    /// What kind.
    pub tone: Tone,
    /// What it says.
    pub text: String,
}

/// The store of messages.
#[derive(Debug, Clone, Copy)]
pub struct Toasts {
    shown: RwSignal<Vec<Toast>>,
    next: StoredValue<u64>,
}

/// How many are shown at once; older ones give way.
const MOST: usize = 4;

impl Toasts {
    pub(super) fn new() -> Self {
        Self { shown: RwSignal::new(Vec::new()), next: StoredValue::new(0) }
    }

    /// Says that something was done.
    pub fn done(&self, text: impl Into<String>) {
        self.say(Tone::Done, text.into());
    }

    /// Says that something could not be done: what happened, whether anything was lost, what to do.
    pub fn failed(&self, text: impl Into<String>) {
        self.say(Tone::Failed, text.into());
    }

    /// The messages on screen, oldest first, reactive.
    #[must_use]
    pub fn shown(&self) -> Vec<Toast> {
        self.shown.get()
    }

    /// Takes one away.
    pub fn dismiss(&self, id: u64) {
        self.shown.update(|shown| shown.retain(|toast| toast.id != id));
    }

    fn say(&self, tone: Tone, text: String) {
        let id = self.next.with_value(|next| *next);
        self.next.set_value(id + 1);
        self.shown.update(|shown| {
            shown.push(Toast { id, tone, text });
            let over = shown.len().saturating_sub(MOST);
            shown.drain(..over);
        });
    }
}
