//! What everybody is told of a task.

use super::{TaskId, TaskState};
use crate::{
    domain::{TaskProgress, Timestamp},
    realtime::rate,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

/// How a task that moves bytes gets on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Transfer {
    /// Bytes that are through.
    pub done: u64,
    /// Bytes in all.
    pub total: u64,
    /// Bytes per second over the last while; absent while too little is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per_second: Option<u64>,
    /// Seconds until the rest is through; absent while that cannot be told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seconds_left: Option<u64>,
}

impl Transfer {
    /// From the bytes and their [`Rate`](rate::Rate).
    #[must_use]
    pub fn new(bytes: TaskProgress, per_second: Option<u64>) -> Self {
        let TaskProgress { done, total } = bytes;
        let left = rate::time_left(total.saturating_sub(done), per_second);
        let seconds_left = left.and_then(|micros| u64::try_from(micros).ok()).map(|micros| micros.div_ceil(1_000_000));
        Self { done, total, per_second, seconds_left }
    }

    /// Whole percent that are through, rounded down: 100 only when all is.
    #[must_use]
    pub fn percent(self) -> u8 {
        let percent = u128::from(self.done.min(self.total)) * 100 / u128::from(self.total.max(1));
        u8::try_from(percent).unwrap_or(100)
    }
}

/// One task as it stands: `{"type":"task.progress","task_id":"…","state":"PROGRESS","progress":42,…}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(tag = "type", rename = "task.progress")]
pub struct TaskMessage {
    /// Which task.
    pub task_id: TaskId,
    /// How far it is.
    pub state: TaskState,
    /// Percent, 0 to 100.
    pub progress: u8,
    /// What it does, or what became of it, for a person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// What came of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub result: Option<Value>,
    /// When it was last said to be so.
    pub timestamp: Timestamp,
    /// Rises with every change of the task, restarts of the service included: the higher one is the later one.
    pub version: u64,
    /// What people call it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Who reports it; absent for work of Strongroom's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// When it began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started_at: Option<Timestamp>,
    /// When it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finished_at: Option<Timestamp>,
    /// Nothing was heard of it for longer than is configured, though it is not finished.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub stalled: bool,
    /// The AIP that it is done to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aip_uuid: Option<Uuid>,
    /// Its bytes, where it moves or reads some.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transfer: Option<Transfer>,
}

impl TaskMessage {
    /// As it travels.
    #[must_use]
    pub fn to_text(&self) -> String {
        crate::realtime::protocol::write(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_task_is_told_of_as_the_design_says() {
        let at = Timestamp::parse("2026-06-01T12:00:00Z").expect("a time");
        let message = TaskMessage {
            task_id: TaskId::new("ocr:17").expect("an id"),
            state: TaskState::Progress,
            progress: 42,
            message: Some("Page 42".into()),
            result: None,
            timestamp: at,
            version: 3,
            name: None,
            source: None,
            started_at: None,
            finished_at: None,
            stalled: false,
            aip_uuid: None,
            transfer: None,
        };
        let text = r#"{"type":"task.progress","task_id":"ocr:17","state":"PROGRESS","progress":42,"message":"Page 42","timestamp":"2026-06-01T12:00:00Z","version":3}"#;
        assert_eq!(message.to_text(), text);
        assert_eq!(serde_json::from_str::<TaskMessage>(text).expect("read back"), message);
    }

    #[test]
    fn a_hundred_percent_is_all_of_it() {
        let percent = |done, total| Transfer::new(TaskProgress { done, total }, None).percent();
        assert_eq!([percent(0, 0), percent(999, 1_000), percent(7, 7), percent(9, 7), percent(u64::MAX, u64::MAX)], [0, 99, 100, 100, 100]);
        let transfer = Transfer::new(TaskProgress { done: 1, total: 12 }, Some(4));
        assert_eq!((transfer.per_second, transfer.seconds_left), (Some(4), Some(3)));
    }
}
