//! Stopped at every boundary between two steps, and started anew on what is there: the outcome is the same.

use super::engine;
use crate::{
    domain::{AipStatus, Person, RandomIds, SystemClock, WorkflowStatus},
    server::{
        config::Config,
        db::work,
        packages::builder::{BagBuilder, package},
        service::Services,
    },
};
use bytes::Bytes;
use std::{fs, path::Path, sync::Arc};
use uuid::Uuid;

/// A service that does nothing by itself: no worker runs, the test does the steps.
async fn opened(data: &Path) -> Services {
    let mut config = Config::in_folder(data);
    config.workflow_retry_ms = 1;
    crate::server::open(config, Arc::new(SystemClock), &RandomIds, Arc::new(RandomIds)).await.expect("opened")
}

async fn deposited(services: &Services) -> (Uuid, Vec<u8>) {
    let bytes = package(crate::bag::PackageFormat::Tar, &BagBuilder::new().file("letter.txt", "Dear archive").build()).expect("made");
    let query = crate::api::DepositQuery { name: "box".into(), location: None };
    let body = futures::stream::iter([Ok(Bytes::from(bytes.clone()))]);
    (services.deposit(query, body).await.expect("deposited").aip.uuid, bytes)
}

async fn second_location(services: &Services) -> Uuid {
    let body = serde_json::json!({ "name": "second", "source": "filesystem", "purpose": "aip_store",
        "config": { "type": "filesystem", "value": { "path": "second" } } });
    services.create_location(serde_json::from_value(body).expect("a location")).await.expect("created").uuid
}

/// Does `steps` steps, opens the folder anew, and does the rest.
async fn stopped_after(services: Services, data: &Path, steps: usize) -> Services {
    let all = work::runnable(services.db().read()).await.expect("read");
    let [uuid] = all[..] else { panic!("one piece of work: {all:?}") };
    for _ in 0..steps {
        engine::step(&services, uuid).await.expect("a step");
    }
    drop(services);
    let services = opened(data).await;
    while engine::step(&services, uuid).await.expect("a step") {}
    assert!(work::runnable(services.db().read()).await.expect("read").is_empty());
    services
}

#[tokio::test]
async fn a_move_ends_well_wherever_it_was_stopped() {
    for steps in 0..=3 {
        let data = tempfile::tempdir().expect("a folder");
        let services = opened(data.path()).await;
        let ((aip, bytes), to) = (deposited(&services).await, second_location(&services).await);
        services.move_aip(aip, to).await.expect("begun");
        let services = stopped_after(services, data.path(), steps).await;
        let aip = services.aip(aip).await.expect("there");
        assert_eq!((aip.status, aip.location_uuid), (AipStatus::Stored, Some(to)), "after {steps} steps");
        let key = aip.object_key.to_string();
        assert_eq!(fs::read(data.path().join("locations/second").join(&key)).expect("there"), bytes);
        assert!(!data.path().join("locations/main-store").join(&key).exists());
        let workflows = services.workflows(aip.uuid, Default::default()).await.expect("read").workflows;
        assert!(workflows.iter().all(|workflow| workflow.status == WorkflowStatus::Done), "{workflows:?}");
    }
}

#[tokio::test]
async fn a_copy_that_was_whole_but_not_yet_proven_is_proven_and_not_copied_again() {
    let data = tempfile::tempdir().expect("a folder");
    let services = opened(data.path()).await;
    let ((aip, bytes), to) = (deposited(&services).await, second_location(&services).await);
    services.move_aip(aip, to).await.expect("begun");
    let [uuid] = work::runnable(services.db().read()).await.expect("read")[..] else { panic!("one piece of work") };
    engine::step(&services, uuid).await.expect("it looked");
    // What a stop leaves that comes after the copy has its name, damaged on its way.
    let copy = data.path().join("locations/second").join(services.aip(aip).await.expect("there").object_key.to_string());
    let mut damaged = bytes.clone();
    damaged[700] ^= 1;
    fs::write(&copy, &damaged).expect("written");
    while engine::step(&services, uuid).await.expect("a step") {}
    let after = services.aip(aip).await.expect("there");
    assert_ne!(after.location_uuid, Some(to), "a copy that is not the package proves nothing");
    assert_eq!(after.status, AipStatus::Stored);
    assert!(!copy.exists(), "the copy was ours, and is cleared away");
    assert_eq!(fs::read(data.path().join("locations/main-store").join(after.object_key.to_string())).expect("there"), bytes);
}

#[tokio::test]
async fn a_source_that_cannot_be_removed_leaves_the_package_in_the_target() {
    let data = tempfile::tempdir().expect("a folder");
    let services = opened(data.path()).await;
    let ((aip, bytes), to) = (deposited(&services).await, second_location(&services).await);
    services.move_aip(aip, to).await.expect("begun");
    let [uuid] = work::runnable(services.db().read()).await.expect("read")[..] else { panic!("one piece of work") };
    engine::step(&services, uuid).await.expect("it looked");
    engine::step(&services, uuid).await.expect("it copied");
    let key = services.aip(aip).await.expect("there").object_key.to_string();
    // Where the file was, a folder that is not empty: nobody can remove that as a file.
    let source = data.path().join("locations/main-store").join(&key);
    fs::remove_file(&source).expect("removed");
    fs::create_dir_all(source.join("in the way")).expect("made");
    while engine::step(&services, uuid).await.expect("a step") {}
    let after = services.aip(aip).await.expect("there");
    assert_eq!((after.status, after.location_uuid), (AipStatus::Stored, Some(to)));
    assert_eq!(fs::read(data.path().join("locations/second").join(&key)).expect("there"), bytes);
    let workflow = services.workflows(aip, Default::default()).await.expect("read").workflows.pop().expect("the move");
    assert_eq!(workflow.status, WorkflowStatus::Error);
    let note = workflow.tasks[1].note.clone().expect("a note");
    assert!(
        note.starts_with("Failed to delete AIP from source location\n") && note.contains("The AIP is in the target location"),
        "{note}"
    );
}

#[tokio::test]
async fn a_deletion_ends_well_wherever_it_was_stopped() {
    for steps in 0..=2 {
        let data = tempfile::tempdir().expect("a folder");
        let services = opened(data.path()).await;
        let (aip, _) = deposited(&services).await;
        let person = |name: &str| Person { issuer: "i".into(), subject: name.into(), name: name.into() };
        services.request_deletion(aip, "A duplicate of another AIP.", &person("ada")).await.expect("requested");
        assert!(work::runnable(services.db().read()).await.expect("read").is_empty(), "it waits for a person");
        services.review_deletion(aip, true, &person("bob")).await.expect("approved");
        let services = stopped_after(services, data.path(), steps).await;
        let aip = services.aip(aip).await.expect("there");
        assert_eq!(aip.status, AipStatus::Deleted, "after {steps} steps");
        assert!(!data.path().join("locations/main-store").join(aip.object_key.to_string()).exists());
        assert!(data.path().join(aip.deletion_report_key.expect("a report")).is_file());
        let workflows = services.workflows(aip.uuid, Default::default()).await.expect("read").workflows;
        assert_eq!(workflows.last().expect("the deletion").status, WorkflowStatus::Done);
    }
}

#[tokio::test]
async fn a_fixity_check_ends_well_wherever_it_was_stopped() {
    for steps in 0..=1 {
        let data = tempfile::tempdir().expect("a folder");
        let services = opened(data.path()).await;
        let (aip, _) = deposited(&services).await;
        services.check_fixity(aip).await.expect("begun");
        let services = stopped_after(services, data.path(), steps).await;
        let checks = services.fixity_checks(aip).await.expect("read").checks;
        assert_eq!(checks.len(), 1, "after {steps} steps");
    }
}
