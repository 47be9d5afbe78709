//! Stopped (SIGTERM), as for an update: what is under way ends or is handed back, and nobody has to kill the service.

use crate::support::{
    bag,
    killed::Killed,
    process::{Process, client},
    soon,
};
use futures::{SinkExt, StreamExt, channel::mpsc, stream::BoxStream};
use reqwest::{Body, StatusCode};
use serde_json::{Value, json};
use std::{convert::Infallible, time::Duration};
use tokio::task::JoinHandle;
use tokio_tungstenite::{connect_async, tungstenite::Message, tungstenite::client::IntoClientRequest};

/// Supervisors kill what takes longer: ten seconds are what containers are given.
const PATIENCE: Duration = Duration::from_secs(10);

/// A deposit that is under way: what is sent into it is its body.
async fn depositing(process: &Process) -> (mpsc::Sender<Result<Vec<u8>, Infallible>>, JoinHandle<reqwest::Result<reqwest::Response>>) {
    let (mut body, rest) = mpsc::channel(1);
    let request = client().post(format!("{}/api/storage/deposits?name=letters", process.origin)).body(Body::wrap_stream(rest));
    let answer = tokio::spawn(request.send());
    // The channel holds two: once the third is taken, the first are on their way.
    for byte in &bag(b"Dear Sir", b"Dear Sir")[..3] {
        body.send(Ok(vec![*byte])).await.expect("it is read");
    }
    (body, answer)
}

/// A live connection with its session begun.
async fn watching(process: &Process) -> BoxStream<'static, Value> {
    let url = format!("{}/api/storage/monitor", process.origin.replace("http", "ws"));
    let mut request = url.into_client_request().expect("a request");
    request.headers_mut().insert("sec-websocket-protocol", "strongroom.v1".parse().expect("a value"));
    let (mut socket, _) = connect_async(request).await.expect("an upgrade");
    socket.send(Message::Text(json!({ "type": "session.init", "topics": ["storage"] }).to_string().into())).await.expect("sent");
    let mut frames = socket
        .filter_map(|message| async {
            match message {
                Ok(Message::Text(text)) => serde_json::from_str::<Value>(&text).ok(),
                _ => None,
            }
        })
        .boxed();
    assert_eq!(soon("a greeting", frames.next()).await.expect("a frame")["type"], "session.started");
    frames
}

/// Whoever watches is told that the service stops, and when to come back.
async fn told(frames: &mut BoxStream<'static, Value>) -> u64 {
    loop {
        let frame = soon("goodbye", frames.next()).await.expect("a frame before the end");
        if frame["type"] == "bye" {
            assert_eq!(frame["code"], "restart");
            return frame["retry_ms"].as_u64().expect("a number");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_under_way_is_answered_before_the_service_ends() {
    let archive = Killed::new(1);
    let process = archive.start().await;
    let (mut body, answer) = depositing(&process).await;
    let mut frames = watching(&process).await;
    process.terminate().await;
    let retry = told(&mut frames).await;
    assert!((500..4_000).contains(&retry), "spread: {retry}");
    assert!(soon("a refusal", client().get(format!("{}/api/about", process.origin)).send()).await.is_err(), "nobody new is let in");
    body.send(Ok(bag(b"Dear Sir", b"Dear Sir")[3..].to_vec())).await.expect("it is read");
    body.close_channel();
    let reply = soon("an answer", answer).await.expect("not cancelled").expect("an answer");
    assert_eq!(reply.status(), StatusCode::CREATED);
    assert!(soon("the end", process.ended()).await.success());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_end_is_cut_and_work_is_gone_on_with_after_the_next_start() {
    let mut archive = Killed::new(2);
    let process = archive.start().await;
    let location = archive.first_location(&process).await;
    let mut aips = Vec::new();
    for _ in 0..8 {
        aips.push(archive.deposit(&process, &location, 20_000_000..30_000_000).await);
    }
    for aip in &aips {
        let (status, told) = archive.post(&process, &format!("aips/{aip}/fixity"), &Value::Null).await;
        assert_eq!(status, StatusCode::ACCEPTED, "{told}");
    }
    // Its body never ends.
    let (_body, _answer) = depositing(&process).await;
    process.terminate().await;
    let ended = tokio::time::timeout(PATIENCE, process.ended()).await.expect("nobody has to kill it");
    assert!(ended.success());

    let process = archive.start().await;
    let rested = archive.at_rest(&process).await;
    for aip in &aips {
        let statuses: Vec<_> = rested[aip].workflows.iter().map(|workflow| &workflow["status"]).collect();
        assert_eq!((&rested[aip].aip["status"], statuses), (&json!("stored"), vec![&json!("done")]));
    }
    let kept = archive.get(&process, "aips").await;
    assert_eq!(kept["page"]["total"], aips.len(), "nothing of the deposit that was cut");
}
