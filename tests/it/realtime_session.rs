//! `strongroom.v1` from outside: what is promised to whoever writes a client (`realtime.md` section 4).

use crate::support::{IdentityProvider, Socket, TestServer};
use serde_json::{Value, json};
use strongroom::{
    api::CreateAip,
    domain::{AipStatus, Ids as _, RandomIds},
};
use uuid::Uuid;

const STORAGE: &[&str] = &["storage"];

async fn add_aip(server: &TestServer, location: Option<Uuid>) -> Uuid {
    let uuid = RandomIds.next();
    let body = CreateAip { uuid, name: "fonds".into(), object_key: RandomIds.next(), status: AipStatus::Stored, location_uuid: location };
    server.services().create_aip(body).await.expect("recorded");
    uuid
}

fn position(value: &Value) -> &str {
    value["position"].as_str().expect("a position")
}

/// The position that a client stands at after this event.
fn after(greeting: &Value, event: &Value) -> String {
    let (epoch, _) = position(greeting).split_once('-').expect("three parts");
    format!("{epoch}-{}-{}", event["seq"], event["tag"].as_str().expect("a tag"))
}

#[tokio::test]
async fn a_session_begins_where_the_log_stands_and_tells_what_happens() {
    let server = TestServer::start().await;
    add_aip(&server, None).await;
    let (mut socket, greeting) = Socket::listening(&server, STORAGE, None).await;
    assert_eq!(
        (&greeting["type"], &greeting["replayed"], &greeting["heartbeat_ms"]),
        (&json!("session.started"), &json!(0), &json!(10000))
    );
    assert_eq!(position(&greeting), server.services().position().to_string());
    assert_eq!(greeting["instance_id"], server.get("/api/about").await.json()["instance_id"]);
    let aip = add_aip(&server, None).await;
    let event = socket.frame().await;
    assert_eq!((&event["value"]["type"], &event["value"]["value"]["uuid"]), (&json!("aip_created_event"), &json!(aip)));
    assert_eq!(after(&greeting, &event), server.services().position().to_string());
}

#[tokio::test]
async fn enduros_clients_see_the_same_bytes_in_the_same_order() {
    let server = TestServer::start().await;
    let (mut ours, _) = Socket::listening(&server, STORAGE, None).await;
    let mut enduros = Socket::plain(&server).await;
    for _ in 0..20 {
        add_aip(&server, None).await;
    }
    for _ in 0..20 {
        assert_eq!(ours.text().await, enduros.text().await);
    }
}

#[tokio::test]
async fn what_was_missed_is_handed_over_once_and_in_order_from_the_ring_and_from_the_table() {
    for ring in [8_192, 4] {
        let server = TestServer::start_with(|config| config.ring_size = ring).await;
        let (mut socket, greeting) = Socket::listening(&server, STORAGE, None).await;
        add_aip(&server, None).await;
        let seen = socket.frame().await;
        drop(socket);
        for _ in 0..200 {
            add_aip(&server, None).await;
        }
        let (mut socket, again) = Socket::listening(&server, STORAGE, Some(&after(&greeting, &seen))).await;
        assert_eq!((&again["type"], &again["replayed"]), (&json!("session.restored"), &json!(200)), "ring of {ring}");
        let first = seen["seq"].as_u64().expect("a number") + 1;
        add_aip(&server, None).await;
        assert_eq!(socket.seqs().await, (first..first + 201).collect::<Vec<_>>(), "ring of {ring}");
    }
}

#[tokio::test]
async fn a_restart_is_survived_and_can_be_told() {
    let server = TestServer::start().await;
    let (mut socket, greeting) = Socket::listening(&server, STORAGE, None).await;
    add_aip(&server, None).await;
    let seen = socket.frame().await;
    let stopping = tokio::spawn(server.restart());
    let bye = socket.frame().await;
    assert_eq!((&bye["type"], &bye["code"]), (&json!("bye"), &json!("restart")));
    assert!((500..4_000).contains(&bye["retry_ms"].as_u64().expect("a number")), "{bye}");
    assert_eq!(socket.closed().await.map(|close| u16::from(close.code)), Some(1012));
    let server = stopping.await.expect("restarted");
    add_aip(&server, None).await;
    let (mut socket, again) = Socket::listening(&server, STORAGE, Some(&after(&greeting, &seen))).await;
    assert_eq!((&again["type"], &again["replayed"]), (&json!("session.restored"), &json!(1)));
    assert_ne!(again["instance_id"], greeting["instance_id"]);
    assert_eq!(socket.seqs().await.len(), 1);
}

#[tokio::test]
async fn where_nothing_is_proven_a_resync_says_so() {
    let server = TestServer::start().await;
    add_aip(&server, None).await;
    let now = server.services().position().to_string();
    let parts: Vec<&str> = now.split('-').collect();
    for (resume, reason) in [
        (format!("{:016x}-{}-{}", 1, parts[1], parts[2]), "epoch"),
        (format!("{}-99-{}", parts[0], parts[2]), "epoch"),
        (format!("{}-{}-{:016x}", parts[0], parts[1], 1), "diverged"),
    ] {
        let (mut socket, greeting) = Socket::listening(&server, STORAGE, Some(&resume)).await;
        assert_eq!(greeting["type"], "session.started", "{resume}");
        assert_eq!(socket.frame().await, json!({ "type": "resync", "position": now, "reason": reason }), "{resume}");
    }
}

#[tokio::test]
async fn who_comes_back_for_resources_begins_anew_because_not_all_of_it_is_in_the_log() {
    let server = TestServer::start().await;
    add_aip(&server, None).await;
    let before = server.services().position().to_string();
    let aip = add_aip(&server, None).await;
    let now = server.services().position().to_string();
    let (_, restored) = Socket::listening(&server, STORAGE, Some(&before)).await;
    assert_eq!((&restored["type"], &restored["replayed"]), (&json!("session.restored"), &json!(1)));
    // A request for a deletion is told beside the log: that the log stands where it stood proves nothing.
    for resume in [&now, &before] {
        let (mut socket, greeting) = Socket::listening(&server, &["resources", "storage"], Some(resume)).await;
        assert_eq!((&greeting["type"], &greeting["replayed"]), (&json!("session.started"), &json!(0)), "{resume}");
        let resync = json!({ "type": "resync", "position": greeting["position"], "reason": "lag" });
        assert_eq!(socket.frame().await, resync, "{resume}");
        server.services().set_aip_status(aip, AipStatus::Processing).await.expect("set");
        assert_eq!(socket.frame().await["value"]["value"]["uuid"], json!(aip), "it goes on from there");
        assert_eq!(socket.frame().await["type"], "resource_change");
        server.services().set_aip_status(aip, AipStatus::Stored).await.expect("set");
    }
}

#[tokio::test]
async fn only_the_topics_that_are_listened_to_are_told_live_and_replayed() {
    let server = TestServer::start().await;
    let (first, other) = (server.first_location().await, server.location("second-store").await);
    let (aip, elsewhere) = (add_aip(&server, Some(first)).await, add_aip(&server, Some(other)).await);
    let start = server.services().position().to_string();
    let topic = |kind: &str, uuid: Uuid| format!("{kind}:{uuid}");
    let (of_aip, of_first, of_other) = (topic("aip", aip), topic("location", first), topic("location", other));
    let (mut at_aip, _) = Socket::listening(&server, &[&of_aip], None).await;
    let (mut at_first, _) = Socket::listening(&server, &[&of_first], None).await;
    let (mut at_both, _) = Socket::listening(&server, &[&of_first, &of_other, &of_aip], None).await;
    let (mut at_tasks, _) = Socket::listening(&server, &["tasks"], None).await;
    let services = server.services();
    let seq = services.position().seq;
    services.set_aip_status(aip, AipStatus::Processing).await.expect("set");
    services.set_aip_status(elsewhere, AipStatus::Processing).await.expect("set");
    services.set_aip_location(aip, other).await.expect("set");
    assert_eq!(at_aip.seqs().await, [seq + 1, seq + 3]);
    assert_eq!(at_first.seqs().await, [seq + 1, seq + 3], "it left");
    assert_eq!(at_both.seqs().await, [seq + 1, seq + 2, seq + 3], "each once");
    assert!(at_tasks.seqs().await.is_empty());
    for (topic, expected) in [(&of_aip, vec![seq + 1, seq + 3]), (&of_other, vec![seq + 2, seq + 3])] {
        let (mut socket, again) = Socket::listening(&server, &[topic], Some(&start)).await;
        assert_eq!((&again["replayed"], socket.seqs().await), (&json!(expected.len()), expected));
    }
    at_aip.send(&json!({ "type": "unsubscribe", "topics": [of_aip] })).await;
    assert_eq!(at_aip.frame().await["topics"], json!([]));
    services.set_aip_status(aip, AipStatus::Stored).await.expect("set");
    assert!(at_aip.seqs().await.is_empty());
    assert_eq!(at_first.seqs().await, Vec::<u64>::new(), "it is elsewhere now");
}

#[tokio::test]
async fn who_may_not_see_is_not_told_and_who_signs_out_is_let_go() {
    let name = "who_may_not_see_is_not_told_and_who_signs_out_is_let_go";
    let Some(provider) = IdentityProvider::start(name).await else { return };
    let server = TestServer::start_trusting(&provider, |_| {}).await;
    let (reader, nobody) = (provider.bearer("reader").await, provider.bearer("nobody").await);
    let mut sockets = Vec::new();
    for bearer in [&reader, &nobody] {
        let mut socket = Socket::session(&server, &[("authorization", bearer)]).await;
        socket.send(&json!({ "type": "session.init", "topics": STORAGE })).await;
        let greeting = socket.frame().await;
        assert!(greeting["expires_at"].is_string(), "{greeting}");
        sockets.push(socket);
    }
    let seq = server.services().position().seq;
    add_aip(&server, None).await;
    assert_eq!(sockets[0].seqs().await, [seq + 1]);
    assert!(sockets[1].seqs().await.is_empty());

    // A new ticket of the same person renews; another person's does not.
    for (bearer, answer) in [(&reader, "session.renewed"), (&nobody, "error")] {
        let ticket = server.ticket(bearer).await;
        sockets[0].send(&json!({ "type": "session.renew", "ticket": ticket })).await;
        assert_eq!(sockets[0].frame().await["type"], answer);
    }
    let refused = Socket::open(&server, &[("sec-websocket-protocol", "strongroom.v1, ticket.nonsense")]).await;
    assert_eq!(refused.err().map(|(status, _)| status), Some(401));
}

#[tokio::test]
async fn a_renewal_decides_anew_who_is_told_how_busy_the_machine_is() {
    let Some(provider) = IdentityProvider::start("a_renewal_decides_anew_who_is_told_how_busy_the_machine_is").await else { return };
    let server = TestServer::start_trusting(&provider, |config| config.ws_metrics_interval = 200).await;
    let bearer = async |attributes: &[&str]| {
        format!("Bearer {}", provider.mint(&json!({ "account": "reader", "claims": { "attributes": attributes } })).await)
    };
    let (may, may_not) = (bearer(&["storage:*", "system:metrics:read"]).await, bearer(&["storage:*"]).await);
    let mut socket = Socket::session(&server, &[("authorization", &may_not)]).await;
    socket.begin(&["metrics"], None).await;
    assert_eq!(socket.frame().await["type"], "error");
    for (renewed_with, follows) in [(&may, "metrics"), (&may_not, "error")] {
        let ticket = server.ticket(renewed_with).await;
        socket.send(&json!({ "type": "session.renew", "ticket": ticket })).await;
        let mut answer = socket.frame().await;
        while answer["type"] == "metrics" {
            answer = socket.frame().await;
        }
        assert_eq!(answer["type"], "session.renewed", "{answer}");
        let resync = socket.frame().await;
        assert_eq!((&resync["type"], &resync["reason"]), (&json!("resync"), &json!("permissions")));
        assert_eq!(socket.frame().await["type"], follows);
    }
    // Somebody else is told three times meanwhile.
    let mut other = Socket::session(&server, &[("authorization", &may)]).await;
    other.begin(&["metrics"], None).await;
    for _ in 0..3 {
        assert_eq!(other.frame().await["type"], "metrics");
    }
    socket.send(&json!({ "type": "ping", "n": 7 })).await;
    assert_eq!(socket.frame().await, json!({ "type": "pong", "n": 7 }), "no metrics");
}

#[tokio::test]
async fn a_client_that_counts_otherwise_is_believed_and_begins_anew() {
    let server = TestServer::start().await;
    let (mut socket, _) = Socket::listening(&server, STORAGE, None).await;
    socket.send(&json!({ "type": "resync", "delivered": 5, "reason": "diverged" })).await;
    let expected = json!({ "type": "resync", "position": server.services().position(), "reason": "diverged" });
    assert_eq!(socket.frame().await, expected);
    add_aip(&server, None).await;
    assert_eq!(socket.seqs().await.len(), 1);
}

#[tokio::test]
async fn garbage_is_answered_and_then_ends_it() {
    let server = TestServer::start().await;
    let (mut socket, _) = Socket::listening(&server, STORAGE, None).await;
    for _ in 0..9 {
        socket.send(&json!({ "type": "sing" })).await;
        assert_eq!(socket.frame().await, json!({ "type": "error", "message": "unknown frame type \"sing\"" }));
    }
    add_aip(&server, None).await;
    assert_eq!(socket.frame().await["value"]["type"], "aip_created_event", "it goes on meanwhile");
    socket.send(&json!([])).await;
    assert_eq!(socket.frame().await["type"], "error");
    let bye = socket.frame().await;
    assert_eq!((&bye["type"], &bye["code"]), (&json!("bye"), &json!("protocol")));
    assert_eq!(socket.closed().await.map(|close| u16::from(close.code)), Some(1002));
}
