//! The progress of tasks: those of other systems as they report them, and our own ([`own`]), told to everybody who listens to the
//! topic `tasks`. What is decided is decided by [`Board`]; here is its lock, its clock and its voice.

pub(in crate::server) mod own;

use crate::{
    domain::{Clock, Person, attribute},
    realtime::{
        client::throttle::Throttle,
        progress::{
            Report, TaskId, TaskMessage,
            board::{Board, Heard, Limits, NotTaken},
        },
        topic::Topic,
    },
    server::hub::news::{News, Note},
};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::{
    sync::Notify,
    time::{Duration, Instant},
};
use tokio_util::sync::CancellationToken;

/// The attributes of which one is needed to be told of tasks.
pub const SEEN_WITH: &[&str] = &[attribute::AIPS_WORKFLOWS_LIST];

/// The tasks of this process; cheap to clone.
#[derive(Clone)]
pub struct Tasks(Arc<Shared>);

struct Shared {
    state: Mutex<State>,
    /// Something is due earlier than before.
    sooner: Notify,
    news: News,
    clock: Arc<dyn Clock>,
    began: Instant,
}

struct State {
    board: Board,
    /// However fast reports come, everybody is told four times a second of each task at most.
    pace: Throttle<TaskId, ()>,
}

impl Tasks {
    /// None yet.
    #[must_use]
    pub fn new(limits: Limits, news: News, clock: Arc<dyn Clock>) -> Self {
        // Versions go on rising when the service is started again, for the screens that were there before.
        let first = u64::try_from(clock.now().micros()).unwrap_or(0);
        let state = State { board: Board::new(limits).counting_from(first), pace: Throttle::default() };
        Self(Arc::new(Shared { state: Mutex::new(state), sooner: Notify::new(), news, clock, began: Instant::now() }))
    }

    /// Somebody reports how far a task is; `owner` is who, none for our own work. How it stands now.
    ///
    /// # Errors
    /// When the task is somebody else's, or there is no room for another one.
    pub fn report(&self, id: &TaskId, owner: Option<&Person>, report: Report) -> Result<Option<TaskMessage>, NotTaken> {
        let now = self.now();
        let mut state = self.state();
        let heard = state.board.report(id, owner, report, self.0.clock.now(), now)?;
        let message = state.board.message(id);
        let tell = heard == Heard::Changed && state.pace.offer(id.clone(), (), now).is_some();
        if let (true, Some(message)) = (tell, &message) {
            self.tell(message);
        }
        drop(state);
        self.0.sooner.notify_one();
        Ok(message)
    }

    /// How all stand, those that changed last first.
    #[must_use]
    pub fn all(&self) -> Vec<TaskMessage> {
        self.state().board.messages()
    }

    /// Tells what waits for its turn and what time brings, until the service stops.
    pub async fn run(self, stopping: CancellationToken) {
        loop {
            let due = {
                let state = self.state();
                state.pace.next_due().into_iter().chain(state.board.next_due()).min()
            };
            let at = due.map(|due| self.0.began + Duration::from_millis(due));
            tokio::select! {
                () = stopping.cancelled() => return,
                () = self.0.sooner.notified() => {}
                () = until(at) => self.tick(),
            }
        }
    }

    fn tick(&self) {
        let now = self.now();
        let mut state = self.state();
        let passed = state.board.tick(now);
        for id in &passed.gone {
            state.pace.forget(id);
        }
        let due = state.pace.take(now).into_iter().map(|(id, ())| id);
        for id in passed.stalled.into_iter().chain(due) {
            if let Some(message) = state.board.message(&id) {
                self.tell(&message);
            }
        }
    }

    /// Under the lock, so that of two messages of a task the newer comes later.
    fn tell(&self, message: &TaskMessage) {
        self.0.news.tell(Note { topic: Topic::Tasks, seen_with: SEEN_WITH, text: message.to_text().into() });
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Milliseconds of a clock that does not go back.
    fn now(&self) -> u64 {
        u64::try_from(self.0.began.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

async fn until(at: Option<Instant>) {
    match at {
        Some(at) => tokio::time::sleep_until(at).await,
        None => std::future::pending().await,
    }
}
