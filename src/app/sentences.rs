//! What happened, as a sentence with links. Pure, so that the server and the browser write the same text.

mod announced;

use crate::{
    api::EventRecord,
    domain::{AipStatus, StorageEvent, Task, TaskStatus, Workflow, WorkflowStatus, WorkflowType},
};
use leptos::prelude::*;
use uuid::Uuid;

/// A piece of a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// Words.
    Text(String),
    /// The name of something that has a page.
    Link {
        /// Its name.
        text: String,
        /// Its page.
        href: String,
    },
}

/// What is known of a location that a sentence names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// It is called this.
    Named(String),
    /// There is none any more.
    Removed,
    /// Whoever reads may not ask.
    NotKnown,
}

/// Tells an entry of the log. `location` tells what is known of locations.
#[must_use]
pub fn sentence(record: &EventRecord, location: impl Fn(Uuid) -> Place) -> Vec<Part> {
    told(record, location, false)
}

/// The same on the AIP's own page, which needs not be told in each line whose history it is.
#[must_use]
pub fn own_sentence(record: &EventRecord, location: impl Fn(Uuid) -> Place) -> Vec<Part> {
    told(record, location, true)
}

fn told(record: &EventRecord, location: impl Fn(Uuid) -> Place, own: bool) -> Vec<Part> {
    let aip = |uuid: Uuid| match own {
        true => text("It"),
        false => Part::Link { text: record.name.clone().unwrap_or_else(|| "an AIP".to_owned()), href: format!("/storage/aips/{uuid}") },
    };
    let place = |uuid: Uuid| match location(uuid) {
        Place::Named(text) => Part::Link { text, href: format!("/storage/locations/{uuid}") },
        Place::Removed => text("a location that was removed"),
        Place::NotKnown => text("a location"),
    };
    let work_on = |begin: String, of: &str, end: &str| match record.aip_uuid {
        _ if own => vec![Part::Text(format!("{begin}{end}"))],
        Some(uuid) => vec![Part::Text(format!("{begin} {of} ")), aip(uuid), text(end)],
        None => vec![Part::Text(format!("{begin} {of} an AIP{end}"))],
    };
    match &record.value {
        StorageEvent::Ping { .. } => vec![text("The connection is alive")],
        StorageEvent::LocationCreated { uuid, item } => {
            vec![text("Location "), named(&item.name, format!("/storage/locations/{uuid}")), text(" was created")]
        }
        StorageEvent::LocationUpdated { uuid, item } => {
            vec![text("Location "), named(&item.name, format!("/storage/locations/{uuid}")), text(" was changed")]
        }
        StorageEvent::LocationDeleted { .. } => match &record.name {
            Some(name) => vec![Part::Text(format!("Location {name} was removed"))],
            None => vec![text("A location was removed")],
        },
        StorageEvent::AipCreated { uuid, item } => {
            let kept = match item.status {
                AipStatus::Stored => " was recorded as stored".to_owned(),
                status => format!(" was recorded, {status}"),
            };
            let mut parts = vec![aip(*uuid), Part::Text(kept)];
            if let Some(uuid) = item.location_uuid {
                parts.extend([text(" in "), place(uuid)]);
            }
            parts
        }
        StorageEvent::AipUpdated { .. } if own => vec![text("Its record was changed")],
        StorageEvent::AipUpdated { uuid, .. } => vec![text("The record of "), aip(*uuid), text(" was changed")],
        StorageEvent::AipStatusUpdated { uuid, status } => vec![aip(*uuid), text(status_words(*status))],
        StorageEvent::AipLocationUpdated { uuid, location_uuid } => {
            vec![aip(*uuid), text(" is kept in "), place(*location_uuid), text(" now")]
        }
        StorageEvent::AipWorkflowCreated { item, .. } if item.status == WorkflowStatus::InProgress => {
            work_on(work_name(item).to_owned(), "of", " began")
        }
        StorageEvent::AipWorkflowCreated { item, .. } => work_on(work_name(item).to_owned(), "of", workflow_words(item.status)),
        StorageEvent::AipWorkflowUpdated { item, .. } => work_on(work_name(item).to_owned(), "of", workflow_words(item.status)),
        StorageEvent::AipTaskCreated { item, .. } if item.status == TaskStatus::InProgress => {
            work_on(format!("Step “{}”", item.name), "for", " began")
        }
        StorageEvent::AipTaskCreated { item, .. } => work_on(format!("Step “{}”", item.name), "for", task_words(item)),
        StorageEvent::AipTaskUpdated { item, .. } => work_on(format!("Step “{}”", item.name), "for", task_words(item)),
        StorageEvent::Announced { item, .. } => announced::sentence(item, place),
    }
}

/// The sentence as a view.
#[component]
pub fn Sentence(
    /// Its pieces.
    parts: Vec<Part>,
) -> impl IntoView {
    let view = |part| match part {
        Part::Text(text) => text.into_any(),
        Part::Link { text, href } => view! { <a href=href>{text}</a> }.into_any(),
    };
    view! { <span class="sentence">{parts.into_iter().map(view).collect_view()}</span> }
}

fn text(words: &str) -> Part {
    Part::Text(words.to_owned())
}

fn named(name: &str, href: String) -> Part {
    Part::Link { text: name.to_owned(), href }
}

/// What a workflow is called where it begins a sentence.
#[must_use]
pub fn work_name(workflow: &Workflow) -> &'static str {
    match workflow.kind {
        WorkflowType::UploadAip => "Deposit",
        WorkflowType::MoveAip => "Move",
        WorkflowType::DeleteAip => "Deletion",
        WorkflowType::Unspecified if workflow.is_fixity_check() => "Fixity check",
        WorkflowType::Unspecified => "Work",
    }
}

const fn status_words(status: AipStatus) -> &'static str {
    match status {
        AipStatus::Stored => " is stored",
        AipStatus::Pending => " awaits a decision",
        AipStatus::Processing => " is being processed",
        AipStatus::Queued => " waits for its turn",
        AipStatus::Deleted => " was deleted",
        AipStatus::Unspecified => " has no known status",
    }
}

const fn workflow_words(status: WorkflowStatus) -> &'static str {
    match status {
        WorkflowStatus::Unspecified | WorkflowStatus::InProgress => " is in progress",
        WorkflowStatus::Done => " is done",
        WorkflowStatus::Error => " failed",
        WorkflowStatus::Queued => " waits for its turn",
        WorkflowStatus::Pending => " awaits a decision",
        WorkflowStatus::Canceled => " was called off",
    }
}

const fn task_words(task: &Task) -> &'static str {
    match task.status {
        TaskStatus::Unspecified | TaskStatus::InProgress => " is in progress",
        TaskStatus::Done => " is done",
        TaskStatus::Error => " failed",
        TaskStatus::Queued => " waits for its turn",
        TaskStatus::Pending => " awaits a decision",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Timestamp;

    fn told(name: Option<&str>, value: StorageEvent) -> String {
        words(name, value, false)
    }

    fn words(name: Option<&str>, value: StorageEvent, own: bool) -> String {
        let aip_uuid = Some(Uuid::from_u128(1));
        let record =
            EventRecord { seq: 1, at: Timestamp::from_micros(0), version: 1, aip_uuid, name: name.map(Into::into), person: None, value };
        let place = |uuid: Uuid| match uuid.as_u128() {
            7 => Place::Named("North".to_owned()),
            8 => Place::Removed,
            _ => Place::NotKnown,
        };
        let parts = super::told(&record, place, own);
        let word = |part: &Part| match part {
            Part::Text(text) => text.clone(),
            Part::Link { text, href } => {
                format!("[{text}]({})", href.replace(&Uuid::from_u128(1).to_string(), "1").replace(&Uuid::from_u128(7).to_string(), "7"))
            }
        };
        parts.iter().map(word).collect()
    }

    #[test]
    fn people_read_names_and_never_bare_uuids() {
        let uuid = Uuid::from_u128(1);
        assert_eq!(
            told(Some("Minutes 1987"), StorageEvent::AipLocationUpdated { uuid, location_uuid: Uuid::from_u128(7) }),
            "[Minutes 1987](/storage/aips/1) is kept in [North](/storage/locations/7) now"
        );
        assert_eq!(
            told(Some("Minutes 1987"), StorageEvent::AipLocationUpdated { uuid, location_uuid: Uuid::from_u128(8) }),
            "[Minutes 1987](/storage/aips/1) is kept in a location that was removed now"
        );
        assert_eq!(
            told(Some("Minutes 1987"), StorageEvent::AipLocationUpdated { uuid, location_uuid: Uuid::from_u128(9) }),
            "[Minutes 1987](/storage/aips/1) is kept in a location now",
            "who may not ask is not told that it is gone"
        );
        assert_eq!(told(None, StorageEvent::AipStatusUpdated { uuid, status: AipStatus::Stored }), "[an AIP](/storage/aips/1) is stored");
    }

    #[test]
    fn steps_are_told_with_their_aip() {
        let item = Task {
            uuid: Uuid::from_u128(3),
            name: "Copy AIP".into(),
            status: TaskStatus::Error,
            started_at: None,
            completed_at: None,
            note: None,
            workflow_uuid: Uuid::from_u128(4),
            progress: None,
            version: 1,
        };
        assert_eq!(
            told(Some("Minutes 1987"), StorageEvent::AipTaskUpdated { uuid: item.uuid, item: item.clone() }),
            "Step “Copy AIP” for [Minutes 1987](/storage/aips/1) failed"
        );
        assert_eq!(words(Some("Minutes 1987"), StorageEvent::AipTaskUpdated { uuid: item.uuid, item }, true), "Step “Copy AIP” failed");
    }

    #[test]
    fn its_own_page_does_not_repeat_the_name() {
        let uuid = Uuid::from_u128(1);
        let own = |value| words(Some("Minutes 1987"), value, true);
        assert_eq!(own(StorageEvent::AipStatusUpdated { uuid, status: AipStatus::Stored }), "It is stored");
        assert_eq!(
            own(StorageEvent::AipLocationUpdated { uuid, location_uuid: Uuid::from_u128(7) }),
            "It is kept in [North](/storage/locations/7) now"
        );
    }
}
