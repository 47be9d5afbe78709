//! Every type of event, from a call of a service to a frame (`storage-api.md` sections 6 and 9).

use crate::support::{Socket, TestServer};
use serde_json::{Value, json};
use strongroom::{
    api::{CreateAip, UpdateLocation},
    domain::{AipStatus, TaskStatus, WorkflowStatus, WorkflowType},
    realtime::etag::Preconditions,
    server::service::{NewTask, NewWorkflow},
};
use tokio_tungstenite::tungstenite::Message;
use uuid::Uuid;

const AIP: Uuid = Uuid::from_u128(0x9a7c_2f6e_1c2d_4b3a_8f10_7d9f_2a6b_5e01);

async fn add_aip(server: &TestServer, number: u128) {
    let body = CreateAip {
        uuid: Uuid::from_u128(AIP.as_u128() + number),
        name: format!("fonds-{number}.zip"),
        object_key: Uuid::from_u128(number + 1),
        status: AipStatus::Unspecified,
        location_uuid: None,
    };
    server.services().create_aip(body).await.expect("recorded");
}

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().expect("an object").keys().map(String::as_str).collect()
}

/// The envelope is Enduro's, and what we add stands beside `value`, where its clients do not look.
fn inside<'a>(frame: &'a Value, kind: &str, fields: &[&str]) -> &'a Value {
    assert_eq!(keys(frame), ["at", "seq", "tag", "value", "version"], "{frame}");
    assert_eq!(keys(&frame["value"]), ["type", "value"]);
    assert_eq!(frame["value"]["type"], kind, "{frame}");
    let value = &frame["value"]["value"];
    assert_eq!(keys(value), fields, "{frame}");
    value
}

#[tokio::test]
async fn a_move_is_told_step_by_step_as_enduro_tells_it() {
    let server = TestServer::start().await;
    let mut socket = Socket::plain(&server).await;
    let services = server.services();

    let location = server.location("second-store").await;
    let event = socket.event().await;
    let value = inside(&event, "location_created_event", &["item", "uuid"]);
    assert_eq!(value["uuid"], json!(location));
    assert_eq!(value["item"], server.get(&format!("/api/storage/locations/{location}")).await.json(), "as REST tells it: without config");

    add_aip(&server, 0).await;
    let event = socket.event().await;
    let value = inside(&event, "aip_created_event", &["item", "uuid"]);
    assert_eq!((&value["uuid"], &value["item"]["status"]), (&json!(AIP), &json!("unspecified")));
    assert_eq!(value["item"], server.get(&format!("/api/storage/aips/{AIP}")).await.json());

    services.set_aip_status(AIP, AipStatus::Processing).await.expect("set");
    let event = socket.event().await;
    assert_eq!(inside(&event, "aip_status_updated_event", &["status", "uuid"])["status"], "processing");

    let workflow = services
        .start_workflow(NewWorkflow { aip_uuid: AIP, kind: WorkflowType::MoveAip, temporal_id: format!("storage-move-workflow-{AIP}") })
        .await
        .expect("started");
    let event = socket.event().await;
    let item = &inside(&event, "aip_workflow_created_event", &["item", "uuid"])["item"];
    assert_eq!((&item["aip_uuid"], &item["type"], &item["status"]), (&json!(AIP), &json!("move aip"), &json!("in progress")));
    assert!(item.get("tasks").is_none() && item.get("completed_at").is_none(), "{item}");

    let new = NewTask { workflow_uuid: workflow.uuid, name: "Copy AIP".into(), note: "Copying AIP to target location".into() };
    let task = services.start_task(new).await.expect("started");
    let event = socket.event().await;
    let item = &inside(&event, "aip_task_created_event", &["item", "uuid"])["item"];
    assert_eq!((&item["workflow_uuid"], &item["status"]), (&json!(workflow.uuid), &json!("in progress")));

    services.finish_task(task.uuid, TaskStatus::Done, "AIP copied to target location".into()).await.expect("finished");
    let event = socket.event().await;
    let item = &inside(&event, "aip_task_updated_event", &["item", "uuid"])["item"];
    assert_eq!((&item["status"], &item["note"]), (&json!("done"), &json!("AIP copied to target location")));

    services.set_aip_location(AIP, location).await.expect("set");
    let event = socket.event().await;
    assert_eq!(inside(&event, "aip_location_updated_event", &["location_uuid", "uuid"])["location_uuid"], json!(location));

    services.finish_workflow(workflow.uuid, WorkflowStatus::Done).await.expect("finished");
    let event = socket.event().await;
    let item = &inside(&event, "aip_workflow_updated_event", &["item", "uuid"])["item"];
    assert_eq!((&item["status"], &item["completed_at"]), (&json!("done"), &json!("2026-06-01T10:00:00Z")));

    services.set_deletion_report(AIP, format!("reports/aip_deletion_report_{AIP}.pdf")).await.expect("set");
    let event = socket.event().await;
    let item = &inside(&event, "aip_updated_event", &["item", "uuid"])["item"];
    assert_eq!(item, &server.get(&format!("/api/storage/aips/{AIP}")).await.json(), "the location is not lost");
    assert!(item["deletion_report_key"].is_string());
}

#[tokio::test]
async fn places_in_the_log_are_dense_and_frames_end_with_a_newline() {
    let server = TestServer::start().await;
    let mut socket = Socket::plain(&server).await;
    let before = server.services().position().seq;
    for number in 0..200 {
        add_aip(&server, number).await;
    }
    for number in 0..200 {
        let text = socket.text().await;
        assert!(text.ends_with("}\n") && text.lines().count() == 1, "{text}");
        let frame: Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!((frame["seq"].as_u64(), frame["version"].as_u64()), (Some(before + 1 + number), Some(1)));
    }
    assert_eq!(server.services().position().seq, before + 200);
}

#[tokio::test]
async fn what_enduro_does_not_know_goes_to_those_who_speak_ours() {
    let server = TestServer::start().await;
    let ((mut ours, _), mut theirs) = (Socket::listening(&server, &["storage"], None).await, Socket::plain(&server).await);
    assert_eq!(theirs.protocol, None);
    let location = server.location("b").await;
    let update = UpdateLocation { name: Some("c".into()), description: None };
    server.services().update_location(location, update, Preconditions::default()).await.expect("changed");
    server.services().delete_location(location, Preconditions::default()).await.expect("removed");
    add_aip(&server, 0).await;
    assert_eq!(ours.types(4).await, ["location_created_event", "location_updated_event", "location_deleted_event", "aip_created_event"]);
    assert_eq!(theirs.types(2).await, ["location_created_event", "aip_created_event"]);
}

#[tokio::test]
async fn a_deposit_is_told_to_everybody_who_watches() {
    let server = TestServer::start().await;
    let mut sockets = Vec::new();
    for _ in 0..20 {
        sockets.push(Socket::plain(&server).await);
    }
    let package = crate::support::bag(b"Dear Sir", b"Dear Sir");
    let reply = crate::support::Reply::to(server.request(reqwest::Method::POST, "/api/storage/deposits?name=letters").body(package)).await;
    assert_eq!(reply.status, 201);
    let logged = server.services().position().seq - 1;
    let mut told = Vec::new();
    for socket in &mut sockets {
        let mut frames = Vec::new();
        for _ in 0..logged {
            frames.push(socket.text().await);
        }
        told.push(frames);
    }
    assert!(told.windows(2).all(|pair| pair[0] == pair[1]), "the same bytes in the same order for all");
    assert!(told[0].iter().any(|frame| frame.contains("aip_created_event")), "{:?}", told[0]);
}

#[tokio::test]
async fn a_ping_is_answered_and_a_close_is_echoed() {
    let server = TestServer::start().await;
    let mut socket = Socket::plain(&server).await;
    socket.say(Message::Ping("are you there".into())).await;
    assert_eq!(socket.message().await, Some(Message::Pong("are you there".into())));
    socket.say(Message::Text("{\"type\":\"nonsense\"}".into())).await;
    add_aip(&server, 0).await;
    assert_eq!(socket.types(1).await, ["aip_created_event"], "what a client says is read and ignored");
    socket.say(Message::Close(None)).await;
    socket.closed().await;
    socket.ended().await;
}

#[tokio::test]
async fn the_end_of_the_service_is_told() {
    let server = TestServer::start().await;
    let mut socket = Socket::plain(&server).await;
    server.services().hub().shutdown().cancel();
    let frame = socket.closed().await.expect("a close frame");
    assert_eq!((u16::from(frame.code), frame.reason.as_str()), (1000, "server closing connection"));
    server.stop().await;
}
