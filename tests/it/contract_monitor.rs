//! Who is told of which event, and how the WebSocket is made (`storage-api.md` sections 6.1 to 6.3).

use crate::support::{IdentityProvider, Socket, TestServer};
use reqwest::Method;
use serde_json::json;
use strongroom::{
    api::{CreateAip, CreateLocation},
    domain::{AipStatus, LocationConfig, LocationPurpose, LocationSource, TaskStatus, WorkflowStatus, WorkflowType},
    server::service::{NewTask, NewWorkflow},
};
use tokio_tungstenite::tungstenite::Message;
use uuid::Uuid;

const AIP: Uuid = Uuid::from_u128(0x9a7c_2f6e_1c2d_4b3a_8f10_7d9f_2a6b_5e01);

/// One event of each type but the ping, in this order.
const EVENTS: [&str; 9] = [
    "location_created_event",
    "aip_created_event",
    "aip_status_updated_event",
    "aip_workflow_created_event",
    "aip_task_created_event",
    "aip_task_updated_event",
    "aip_location_updated_event",
    "aip_workflow_updated_event",
    "aip_updated_event",
];

async fn one_of_each(server: &TestServer) {
    let services = server.services();
    let body = CreateLocation {
        name: "north".into(),
        description: String::new(),
        source: LocationSource::Filesystem,
        purpose: LocationPurpose::AipStore,
        config: Some(LocationConfig::Filesystem { path: "north".into() }),
    };
    let location = services.create_location(body).await.expect("recorded").uuid;
    let body = CreateAip { uuid: AIP, name: "box".into(), object_key: Uuid::from_u128(1), status: AipStatus::Stored, location_uuid: None };
    services.create_aip(body).await.expect("recorded");
    services.set_aip_status(AIP, AipStatus::Processing).await.expect("set");
    let new = NewWorkflow { aip_uuid: AIP, kind: WorkflowType::MoveAip, temporal_id: "a move".into() };
    let workflow = services.start_workflow(new).await.expect("started");
    let new = NewTask { workflow_uuid: workflow.uuid, name: "Copy AIP".into(), note: "Copying".into() };
    let task = services.start_task(new).await.expect("started");
    services.finish_task(task.uuid, TaskStatus::Done, "Copied".into()).await.expect("finished");
    services.set_aip_location(AIP, location).await.expect("set");
    services.finish_workflow(workflow.uuid, WorkflowStatus::Done).await.expect("finished");
    services.set_deletion_report(AIP, "reports/a.pdf".into()).await.expect("set");
}

#[tokio::test]
async fn each_event_goes_to_those_who_hold_its_attribute() {
    let Some(provider) = IdentityProvider::start("each_event_goes_to_those_who_hold_its_attribute").await else { return };
    let server = TestServer::start_trusting(&provider, |_| {}).await;
    let mut viewers = Vec::new();
    for (attribute, told) in [
        ("storage:*", &[0, 1, 2, 3, 4, 5, 6, 7, 8][..]),
        ("storage:locations:list", &[0]),
        ("storage:aips:list", &[1, 2, 6, 8]),
        ("storage:aips:read", &[2, 6, 8]),
        ("storage:aips:workflows:list", &[3, 4, 5, 7]),
        ("storage:aips:move", &[]),
    ] {
        let token = provider.mint(&json!({ "account": "nobody", "claims": { "attributes": [attribute] } })).await;
        let mut socket = Socket::open(&server, &[("authorization", &format!("Bearer {token}"))]).await.expect("an upgrade");
        socket.hello().await;
        viewers.push((attribute, told, socket));
    }
    one_of_each(&server).await;
    for (attribute, told, socket) in &mut viewers {
        let expected: Vec<&str> = told.iter().map(|number| EVENTS[*number]).collect();
        assert_eq!(socket.types(told.len()).await, expected, "{attribute}");
    }
    server.services().hub().shutdown().cancel();
    for (attribute, _, mut socket) in viewers {
        let next = socket.message().await;
        assert!(matches!(next, Some(Message::Close(_))), "{attribute} was told more: {next:?}");
    }
}

#[tokio::test]
async fn the_upgrade_takes_no_protocol_and_no_compression() {
    let server = TestServer::start().await;
    let handshake = [
        ("connection", "Upgrade"),
        ("upgrade", "websocket"),
        ("sec-websocket-version", "13"),
        ("sec-websocket-key", "c3Ryb25ncm9vbSB0ZXN0IQ=="),
        ("sec-websocket-extensions", "permessage-deflate"),
        ("sec-websocket-protocol", "something.else"),
    ];
    let request = server.request(Method::GET, "/api/storage/monitor");
    let request = handshake.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    let reply = request.send().await.expect("an answer");
    assert_eq!(reply.status(), 101);
    for name in ["sec-websocket-extensions", "sec-websocket-protocol"] {
        assert!(reply.headers().get(name).is_none(), "{name}");
    }
}
