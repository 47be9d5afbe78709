//! What one client may ask of the monitor.

use crate::support::{Reply, Socket, TestServer, soon};
use reqwest::Method;
use tokio_tungstenite::tungstenite::Message;

fn refused(result: Result<Socket, (u16, String)>) -> u16 {
    match result {
        Ok(_) => panic!("the upgrade went through"),
        Err((status, _)) => status,
    }
}

#[tokio::test]
async fn one_address_and_all_of_them_are_bounded() {
    for (total, per_address) in [(3, 100), (100, 3)] {
        let server = TestServer::start_with(|config| {
            config.monitor_connections = total;
            config.monitor_connections_per_address = per_address;
        })
        .await;
        let mut sockets = Vec::new();
        for _ in 0..3 {
            sockets.push(Socket::plain(&server).await);
        }
        assert_eq!(refused(Socket::open(&server, &[]).await), 503);
        let stream = Reply::to(server.request(Method::GET, "/api/storage/monitor")).await;
        stream.error(503, "unavailable");
        assert_eq!((&stream.json()["temporary"], stream.header("retry-after")), (&serde_json::json!(true), "2"));
        let mut leaving = sockets.pop().expect("three are open");
        leaving.say(Message::Close(None)).await;
        leaving.ended().await;
        soon("a free place", async { while Socket::open(&server, &[]).await.is_err() {} }).await;
    }
}

#[tokio::test]
async fn a_message_that_is_too_long_ends_the_connection() {
    let server = TestServer::start().await;
    let mut socket = Socket::plain(&server).await;
    socket.say(Message::Binary(vec![0; 64 * 1024 + 1].into())).await;
    if let Some(frame) = socket.closed().await {
        assert_eq!(u16::from(frame.code), 1002);
    }
}

#[tokio::test]
async fn a_client_that_talks_without_end_is_let_go() {
    let server = TestServer::start().await;
    let mut socket = Socket::plain(&server).await;
    for _ in 0..65 {
        socket.say(Message::Text("{}".into())).await;
    }
    let frame = socket.closed().await.expect("a close frame");
    assert_eq!((u16::from(frame.code), frame.reason.as_str()), (1008, "too many messages"));
}

#[tokio::test]
async fn an_upgrade_that_is_none_is_an_ordinary_answer() {
    let server = TestServer::start().await;
    let half = server.request(Method::GET, "/api/storage/monitor").header("upgrade", "websocket");
    assert!(Reply::to(half).await.status.is_client_error());
}
