//! What somebody reports of a task, and its limits.

use super::Transfer;
use crate::domain::{Timestamp, announcement::is_text, wire_enum};
use serde::{Deserialize, Deserializer, Serialize, de};
use serde_json::{Number, Value};
use std::fmt;
use uuid::Uuid;

/// Bytes of the longest report.
pub const MAX_REPORT: usize = 16 * 1024;
/// Characters of the longest message.
pub const MAX_MESSAGE: usize = 500;
/// Characters of the longest name.
pub const MAX_NAME: usize = 120;
/// Bytes of the largest result, as JSON.
pub const MAX_RESULT: usize = 4 * 1024;
/// Bytes of the longest task id.
pub const MAX_ID: usize = 128;

wire_enum! {
    /// How far a task is, in Celery's words. It only goes forward, and ends in one of the last two.
    TaskState {
        /// Waits for its turn.
        Pending = "PENDING",
        /// Began.
        Started = "STARTED",
        /// At work.
        Progress = "PROGRESS",
        /// Ended as intended.
        Success = "SUCCESS",
        /// Ended otherwise.
        Failure = "FAILURE",
    }
}

impl TaskState {
    /// Whether nothing follows.
    #[must_use]
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Success | Self::Failure)
    }

    /// How far along it is. The two ends are equally far.
    #[must_use]
    pub(super) const fn rank(self) -> u8 {
        match self {
            Self::Pending => 0,
            Self::Started => 1,
            Self::Progress => 2,
            Self::Success | Self::Failure => 3,
        }
    }
}

/// What names a task: 1 to [`MAX_ID`] letters, digits and `. _ : -`. Any UUID is one.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, utoipa::ToSchema)]
#[serde(transparent)]
pub struct TaskId(String);

impl TaskId {
    /// Checks a name.
    ///
    /// # Errors
    /// When it is not one.
    pub fn new(text: impl Into<String>) -> Result<Self, NotAReport> {
        let text = text.into();
        let right = (1..=MAX_ID).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._:-".contains(&byte));
        if right { Ok(Self(text)) } else { Err(NotAReport::Id) }
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<Uuid> for TaskId {
    fn from(uuid: Uuid) -> Self {
        Self(uuid.to_string())
    }
}

impl fmt::Display for TaskId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for TaskId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(String::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

/// Why a report is not taken; the task is as it was.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotAReport {
    /// Longer than [`MAX_REPORT`].
    #[error("the report is longer than {MAX_REPORT} bytes")]
    TooLong,
    /// Not a task's id.
    #[error("a task id is 1 to {MAX_ID} letters, digits, dots, underscores, colons and hyphens")]
    Id,
    /// The body is about another task than the address.
    #[error("task_id is not the task of the address")]
    OtherTask,
    /// Not JSON, or not of this form.
    #[error("the report has to be a JSON object with at least state: {0}")]
    Unreadable(String),
    /// Not a state.
    #[error("state has to be one of PENDING, STARTED, PROGRESS, SUCCESS, FAILURE")]
    State,
    /// Not a percentage.
    #[error("progress has to be a number from 0 to 100")]
    Progress,
    /// Too long, or with controls.
    #[error("message has to be a text of 1 to {MAX_MESSAGE} characters")]
    Message,
    /// Too long, or with controls.
    #[error("name has to be a text of 1 to {MAX_NAME} characters")]
    Name,
    /// Too large.
    #[error("result has to be at most {MAX_RESULT} bytes of JSON")]
    Result,
    /// Not a time.
    #[error("timestamp has to be a time as in RFC 3339, e.g. 2026-06-01T12:00:00Z")]
    Timestamp,
}

/// A report that was found to be right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// How far the task is.
    pub state: TaskState,
    /// Percent, 0 to 100, if it is said.
    pub progress: Option<u8>,
    /// What it does, or what became of it.
    pub message: Option<String>,
    /// What came of it.
    pub result: Option<Value>,
    /// When that was so, by the reporter's clock; absent: now.
    pub timestamp: Option<Timestamp>,
    /// What people call the task.
    pub name: Option<String>,
    /// The AIP that it is done to. Only of our own work.
    pub aip_uuid: Option<Uuid>,
    /// Its bytes. Only of our own work.
    pub transfer: Option<Transfer>,
}

impl Report {
    /// That a task is in this state, and nothing more.
    #[must_use]
    pub const fn new(state: TaskState) -> Self {
        Self { state, progress: None, message: None, result: None, timestamp: None, name: None, aip_uuid: None, transfer: None }
    }

    /// Checks what another system sent about the task of the address. Fields that are not known are ignored, so that a reporter may send
    /// the message as it is told; `null` is absence.
    ///
    /// # Errors
    /// Says which field is wrong, and what would be right.
    pub fn read(task: &TaskId, body: &[u8]) -> Result<Self, NotAReport> {
        #[derive(Deserialize)]
        struct Body {
            task_id: Option<String>,
            state: Option<String>,
            progress: Option<Value>,
            message: Option<Value>,
            result: Option<Value>,
            timestamp: Option<Value>,
            name: Option<Value>,
        }
        if body.len() > MAX_REPORT {
            return Err(NotAReport::TooLong);
        }
        let body: Body =
            serde_json::from_slice(body).map_err(|problem| NotAReport::Unreadable(problem.to_string().chars().take(120).collect()))?;
        if body.task_id.is_some_and(|id| id != task.as_str()) {
            return Err(NotAReport::OtherTask);
        }
        let state = body.state.and_then(|word| word.parse().ok()).ok_or(NotAReport::State)?;
        let progress = body.progress.map(|value| value.as_number().and_then(percent).ok_or(NotAReport::Progress)).transpose()?;
        let message = text(body.message, MAX_MESSAGE).ok_or(NotAReport::Message)?;
        let name = text(body.name, MAX_NAME).ok_or(NotAReport::Name)?;
        let timestamp = match body.timestamp {
            Some(value) => Some(value.as_str().and_then(|text| Timestamp::parse(text).ok()).ok_or(NotAReport::Timestamp)?),
            None => None,
        };
        if body.result.as_ref().is_some_and(|result| result.to_string().len() > MAX_RESULT) {
            return Err(NotAReport::Result);
        }
        Ok(Self { progress, message, result: body.result, timestamp, name, ..Self::new(state) })
    }
}

/// Whole percent, rounded down.
fn percent(number: &Number) -> Option<u8> {
    let percent = number.as_f64().filter(|percent| (0.0..=100.0).contains(percent))?;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 100")]
    let whole = percent as u8;
    Some(whole)
}

/// Absence, or a text of this length; none if it is neither.
#[expect(clippy::option_option, reason = "whether it is right, and then whether it is there")]
fn text(value: Option<Value>, most: usize) -> Option<Option<String>> {
    match value {
        None => Some(None),
        Some(Value::String(text)) if is_text(&text, most) => Some(Some(text)),
        Some(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn read(body: &Value) -> Result<Report, NotAReport> {
        Report::read(&TaskId::new("ocr-17").expect("an id"), body.to_string().as_bytes())
    }

    #[test]
    fn a_report_is_read_with_what_it_has() {
        assert_eq!(read(&json!({"state": "STARTED", "message": null, "hostname": "w1"})), Ok(Report::new(TaskState::Started)));
        let whole = json!({"task_id": "ocr-17", "state": "SUCCESS", "progress": 99.9, "message": "Read", "result": {"pages": 3}, "name": "OCR",
            "timestamp": "2026-06-01T12:00:00Z"});
        let report = read(&whole).expect("right");
        assert_eq!((report.progress, report.message.as_deref(), report.name.as_deref()), (Some(99), Some("Read"), Some("OCR")));
        assert_eq!((report.result, report.timestamp), (Some(json!({"pages": 3})), Timestamp::parse("2026-06-01T12:00:00Z").ok()));
    }

    #[test]
    fn what_is_wrong_is_said() {
        let with = |name: &str, value: Value| {
            let mut body = json!({"state": "PROGRESS"});
            body[name] = value;
            read(&body).expect_err("not taken")
        };
        for (name, value, problem) in [
            ("state", json!("RETRY"), NotAReport::State),
            ("task_id", json!("ocr-18"), NotAReport::OtherTask),
            ("progress", json!(101), NotAReport::Progress),
            ("progress", json!(-0.5), NotAReport::Progress),
            ("progress", json!("50"), NotAReport::Progress),
            ("message", json!("x".repeat(MAX_MESSAGE + 1)), NotAReport::Message),
            ("message", json!("\u{1b}[2J"), NotAReport::Message),
            ("message", json!(["x"]), NotAReport::Message),
            ("name", json!(" "), NotAReport::Name),
            ("timestamp", json!("yesterday"), NotAReport::Timestamp),
            ("timestamp", json!(17), NotAReport::Timestamp),
            ("result", json!("x".repeat(MAX_RESULT)), NotAReport::Result),
        ] {
            assert_eq!(with(name, value), problem, "{name}");
        }
        assert_eq!(read(&json!({})), Err(NotAReport::State));
        assert!(matches!(read(&json!([])), Err(NotAReport::Unreadable(_))));
        assert_eq!(read(&json!({"state": "PENDING", "x": "x".repeat(MAX_REPORT)})), Err(NotAReport::TooLong));
    }

    #[test]
    fn ids_are_plain() {
        assert!(TaskId::new(Uuid::from_u128(7).to_string()).is_ok() && TaskId::new("a".repeat(MAX_ID)).is_ok());
        for id in [String::new(), "a".repeat(MAX_ID + 1), "a/b".into(), "a b".into(), "ä".into(), "../x\n".into()] {
            assert_eq!(TaskId::new(id.clone()), Err(NotAReport::Id), "{id}");
        }
    }

    proptest! {
        /// Whatever comes, it is an answer and no panic, and a short one.
        #[test]
        fn nothing_that_comes_is_fatal(body in prop::collection::vec(any::<u8>(), 0..80), number: f64, text in ".{0,600}") {
            let id = TaskId::new("t").expect("an id");
            prop_assert!(Report::read(&id, &body).is_err());
            let report = read(&json!({"state": "PROGRESS", "progress": number, "message": text, "result": text}));
            match report {
                Ok(report) => prop_assert!(report.progress.is_none_or(|percent| percent <= 100)),
                Err(problem) => prop_assert!(problem.to_string().len() < 400),
            }
        }
    }
}
