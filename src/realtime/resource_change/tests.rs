use super::*;
use crate::domain::{Aip, Location, LocationPurpose, LocationSource, Task, TaskStatus, Timestamp, Workflow, WorkflowStatus, WorkflowType};

const ID: Uuid = Uuid::from_u128(1);
const OTHER: Uuid = Uuid::from_u128(2);

fn noon() -> Timestamp {
    Timestamp::parse("2026-06-01T12:00:00Z").expect("a time")
}

fn location() -> Location {
    Location {
        name: "second-store".into(),
        description: String::new(),
        source: LocationSource::Filesystem,
        purpose: LocationPurpose::AipStore,
        uuid: ID,
        created_at: noon(),
        updated_at: None,
        aip_count: 0,
        total_size: 0,
        version: 3,
    }
}

fn aip() -> Aip {
    Aip {
        name: "fonds-12.zip".into(),
        uuid: ID,
        status: AipStatus::Stored,
        object_key: ID,
        location_uuid: Some(OTHER),
        deletion_report_key: None,
        created_at: noon(),
        size: None,
        format: None,
        sha256: None,
        sha512: None,
        version: 3,
    }
}

fn workflow() -> Workflow {
    Workflow {
        uuid: ID,
        temporal_id: "storage-move-workflow-1".into(),
        kind: WorkflowType::MoveAip,
        status: WorkflowStatus::InProgress,
        started_at: None,
        completed_at: None,
        aip_uuid: OTHER,
        tasks: Vec::new(),
        version: 3,
    }
}

fn task() -> Task {
    Task {
        uuid: ID,
        name: "Copy AIP".into(),
        status: TaskStatus::Done,
        started_at: None,
        completed_at: None,
        note: None,
        workflow_uuid: OTHER,
        progress: None,
        version: 3,
    }
}

/// Every event of the log with the message that it becomes, without what all have.
fn all() -> Vec<(StorageEvent, &'static str)> {
    vec![
        (StorageEvent::LocationCreated { uuid: ID, item: location() }, r#"created location "name":"second-store""#),
        (StorageEvent::LocationUpdated { uuid: ID, item: location() }, r#"updated location "name":"second-store""#),
        (StorageEvent::LocationDeleted { uuid: ID }, "deleted location "),
        (
            StorageEvent::AipCreated { uuid: ID, item: aip() },
            r#"created aip "name":"fonds-12.zip","status":"stored","location_uuid":"00000000-0000-0000-0000-000000000002""#,
        ),
        (
            StorageEvent::AipUpdated { uuid: ID, item: aip() },
            r#"updated aip "name":"fonds-12.zip","status":"stored","location_uuid":"00000000-0000-0000-0000-000000000002""#,
        ),
        (StorageEvent::AipStatusUpdated { uuid: ID, status: AipStatus::Deleted }, r#"updated aip "status":"deleted""#),
        (
            StorageEvent::AipLocationUpdated { uuid: ID, location_uuid: OTHER },
            r#"updated aip "location_uuid":"00000000-0000-0000-0000-000000000002""#,
        ),
        (
            StorageEvent::AipWorkflowCreated { uuid: ID, item: workflow() },
            r#"created workflow "status":"in progress","aip_uuid":"00000000-0000-0000-0000-000000000002""#,
        ),
        (
            StorageEvent::AipWorkflowUpdated { uuid: ID, item: workflow() },
            r#"updated workflow "status":"in progress","aip_uuid":"00000000-0000-0000-0000-000000000002""#,
        ),
        (
            StorageEvent::AipTaskCreated { uuid: ID, item: task() },
            r#"created task "name":"Copy AIP","status":"done","workflow_uuid":"00000000-0000-0000-0000-000000000002""#,
        ),
        (
            StorageEvent::AipTaskUpdated { uuid: ID, item: task() },
            r#"updated task "name":"Copy AIP","status":"done","workflow_uuid":"00000000-0000-0000-0000-000000000002""#,
        ),
    ]
}

#[test]
fn every_event_of_the_log_becomes_a_message() {
    for (event, expected) in all() {
        let change = ResourceChange::of(&event, 3).expect("a change");
        let text = change.to_text();
        let (head, rest) = expected.split_once(' ').and_then(|(event, rest)| Some((event, rest.split_once(' ')?))).expect("three parts");
        let (kind, more) = rest;
        let comma = if more.is_empty() { "" } else { "," };
        let whole = format!(
            r#"{{"type":"resource_change","event":"{head}","resource_type":"{kind}","resource":{{"id":"{ID}","etag":"\"{ID}-3\"","version":3{comma}{more}}}}}"#
        );
        assert_eq!(text, whole);
    }
    assert_eq!(ResourceChange::of(&StorageEvent::Ping { message: None }, 0), None);
}

#[test]
fn a_request_is_told_of_without_the_people_in_it() {
    let mut request = DeletionRequest {
        uuid: ID,
        aip_uuid: OTHER,
        reason: "Deposited twice by mistake".into(),
        status: DeletionStatus::Pending,
        requester: "ada@example.org".into(),
        requested_at: noon(),
        reviewer: None,
        reviewed_at: None,
        mine: true,
    };
    let asked = ResourceChange::of_deletion_request(&request);
    request.status = DeletionStatus::Rejected;
    let decided = ResourceChange::of_deletion_request(&request);
    assert_eq!((asked.event, asked.resource.version), (Happened::Created, 1));
    assert_eq!((decided.event, decided.resource.version, decided.resource.aip_uuid), (Happened::Updated, 2, Some(OTHER)));
    assert!(asked.resource.etag != decided.resource.etag);
    for text in [asked.to_text(), decided.to_text()] {
        assert!(text.contains("deletion_request") && !text.contains("ada") && !text.contains("mistake"), "{text}");
    }
}
