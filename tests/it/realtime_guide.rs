//! The conversations in `docs/realtime.md`, held with a real server.

use crate::support::{Socket, TestServer};
use serde_json::{Value, json};
use std::collections::HashMap;

const GUIDE: &str = include_str!("../../docs/realtime.md");

/// Whether what came is what the guide shows; `…` stands for anything.
fn matches(shown: &Value, came: &Value) -> bool {
    match (shown, came) {
        (Value::String(shown), _) if shown == "…" => true,
        (Value::Object(shown), Value::Object(came)) => {
            shown.len() == came.len() && shown.iter().all(|(key, shown)| came.get(key).is_some_and(|came| matches(shown, came)))
        }
        (Value::Array(shown), Value::Array(came)) => {
            shown.len() == came.len() && shown.iter().zip(came).all(|(shown, came)| matches(shown, came))
        }
        _ => shown == came,
    }
}

#[tokio::test]
async fn the_guide_to_live_updates_says_what_happens() {
    let server = TestServer::start().await;
    let conversations: Vec<_> = GUIDE.split("```conversation\n").skip(1).map(|part| part.split("```").next().unwrap_or_default()).collect();
    assert!(conversations.len() >= 5, "the guide has conversations");
    let mut known = HashMap::from([("<position>", server.services().position().to_string())]);
    let mut locations = 0;
    for conversation in conversations {
        let mut socket = Socket::session(&server, &[]).await;
        for line in conversation.lines() {
            let (who, what) = line.split_at(2);
            match (who, what) {
                ("> ", frame) => {
                    let frame = known.iter().fold(frame.to_owned(), |frame, (name, value)| frame.replace(name, value));
                    socket.send(&serde_json::from_str(&frame).expect("the guide sends JSON")).await;
                }
                ("< ", shown) => {
                    let (shown, came): (Value, _) = (serde_json::from_str(shown).expect("the guide shows JSON"), socket.frame().await);
                    assert!(matches(&shown, &came), "the guide shows\n{shown}\nand this came\n{came}");
                    if let (Some("session.started"), Some(session)) = (came["type"].as_str(), came["session_id"].as_str()) {
                        known.entry("<session>").or_insert_with(|| session.to_owned());
                    }
                }
                ("! ", "a location is created") => {
                    // Where a client stands that missed the last of them.
                    known.insert("<position>", server.services().position().to_string());
                    locations += 1;
                    server.location(&format!("store-{locations}")).await;
                }
                ("! ", "a task is reported") => {
                    let report = json!({ "state": "PROGRESS", "progress": 40, "message": "Page 4 of 10" });
                    assert_eq!(server.post("/api/tasks/ocr-17/progress", &report).await.status, 200);
                }
                _ => panic!("the guide has a line that is neither said nor heard nor done: {line}"),
            }
        }
    }
}
