//! The monitor as server-sent events, with replay (`storage-api.md` section 10).

use crate::support::{Socket, Sse, TestServer};
use serde_json::json;
use strongroom::{
    api::{CreateAip, UpdateLocation},
    domain::AipStatus,
    realtime::{Position, etag::Preconditions},
};
use uuid::Uuid;

async fn add_aip(server: &TestServer, number: u128) {
    let body = CreateAip {
        uuid: Uuid::from_u128(number),
        name: format!("fonds-{number}"),
        object_key: Uuid::from_u128(number + 1_000),
        status: AipStatus::Stored,
        location_uuid: None,
    };
    server.services().create_aip(body).await.expect("recorded");
}

async fn names(stream: &mut Sse, count: usize) -> Vec<String> {
    let mut names = Vec::new();
    for _ in 0..count {
        names.push(stream.next().await.json()["value"]["value"]["item"]["name"].as_str().expect("a name").to_owned());
    }
    names
}

#[tokio::test]
async fn the_stream_is_as_enduros_with_places_added() {
    let server = TestServer::start().await;
    let mut stream = Sse::open(&server, None).await;
    let header = |name: &str| stream.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
    assert_eq!(
        (header("content-type"), header("cache-control"), header("content-encoding")),
        ("text/event-stream".into(), "no-cache".into(), String::new())
    );
    let position = server.services().position();
    let hello = stream.raw().await.expect("Hello at once");
    assert_eq!(
        hello,
        format!("id: {position}\ndata: {{\"value\":{{\"type\":\"storage_ping_event\",\"value\":{{\"message\":\"Hello\"}}}}}}")
    );
    add_aip(&server, 1).await;
    let piece = stream.next().await;
    assert_eq!((piece.name.as_str(), piece.kind().as_str()), ("", "aip_created_event"));
    assert_eq!(piece.id, server.services().position().to_string());
}

#[tokio::test]
async fn both_doors_tell_the_same_bytes() {
    let server = TestServer::start().await;
    let (mut stream, mut socket) = (Sse::open(&server, None).await, Socket::plain(&server).await);
    stream.next().await;
    for number in 1..=5 {
        add_aip(&server, number).await;
        assert_eq!(format!("{}\n", stream.next().await.data), socket.text().await);
    }
}

#[tokio::test]
async fn a_client_that_lost_its_connection_goes_on_where_it_was() {
    let server = TestServer::start().await;
    let mut stream = Sse::open(&server, None).await;
    let hello = stream.next().await;
    add_aip(&server, 1).await;
    let seen = stream.next().await;
    drop(stream);
    add_aip(&server, 2).await;
    add_aip(&server, 3).await;
    let mut again = Sse::open(&server, Some(&seen.id)).await;
    assert_eq!(again.next().await.id, seen.id, "Hello stands where the client stood");
    assert_eq!(names(&mut again, 2).await, ["fonds-2", "fonds-3"], "what was missed, once, in order");
    add_aip(&server, 4).await;
    assert_eq!(names(&mut again, 1).await, ["fonds-4"], "then what happens");

    let mut from_hello = Sse::open(&server, Some(&hello.id)).await;
    from_hello.next().await;
    assert_eq!(names(&mut from_hello, 4).await, ["fonds-1", "fonds-2", "fonds-3", "fonds-4"], "even before the first event");
}

#[tokio::test]
async fn the_ring_may_be_shorter_than_what_was_missed() {
    let server = TestServer::start_with(|config| config.ring_size = 2).await;
    let start = server.services().position();
    for number in 1..=150 {
        add_aip(&server, number).await;
    }
    let mut stream = Sse::open(&server, Some(&start.to_string())).await;
    stream.next().await;
    let expected: Vec<_> = (1..=150).map(|number| format!("fonds-{number}")).collect();
    assert_eq!(names(&mut stream, 150).await, expected);
}

#[tokio::test]
async fn a_restart_of_the_service_loses_nothing() {
    let server = TestServer::start().await;
    let mut stream = Sse::open(&server, None).await;
    let hello = stream.next().await;
    add_aip(&server, 1).await;
    assert_eq!(names(&mut stream, 1).await, ["fonds-1"]);
    server.services().hub().shutdown().cancel();
    assert_eq!(stream.raw().await, None, "the stream ends with the service");
    let server = server.restart().await;
    add_aip(&server, 2).await;
    let mut again = Sse::open(&server, Some(&hello.id)).await;
    again.next().await;
    assert_eq!(names(&mut again, 2).await, ["fonds-1", "fonds-2"]);
}

#[tokio::test]
async fn where_continuity_cannot_be_proven_the_client_is_told() {
    let server = TestServer::start().await;
    add_aip(&server, 1).await;
    let now = server.services().position();
    for (last, reason) in [
        (Position { epoch: now.epoch ^ 1, ..now }.to_string(), "epoch"),
        (Position { tag: now.tag ^ 1, ..now }.to_string(), "diverged"),
        (Position { seq: now.seq + 1, ..now }.to_string(), "epoch"),
        ("nonsense".to_owned(), "unknown"),
    ] {
        let mut stream = Sse::open(&server, Some(&last)).await;
        assert_eq!(stream.next().await.kind(), "storage_ping_event");
        let resync = stream.next().await;
        assert_eq!((resync.name.as_str(), resync.id.clone()), ("resync", server.services().position().to_string()), "{last}");
        assert_eq!(resync.json(), json!({ "reason": reason, "position": server.services().position() }));
    }
    let mut stream = Sse::open(&server, Some("nonsense")).await;
    stream.next().await;
    stream.next().await;
    add_aip(&server, 2).await;
    assert_eq!(names(&mut stream, 1).await, ["fonds-2"], "and then what happens goes on");
}

#[tokio::test]
async fn only_what_enduro_knows_is_in_the_stream() {
    let server = TestServer::start().await;
    let mut stream = Sse::open(&server, None).await;
    stream.next().await;
    let location = server.first_location().await;
    let update = UpdateLocation { name: Some("renamed".into()), description: None };
    server.services().update_location(location, update, Preconditions::default()).await.expect("changed");
    add_aip(&server, 1).await;
    assert_eq!(stream.next().await.kind(), "aip_created_event");
}
