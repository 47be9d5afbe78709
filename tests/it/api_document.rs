//! The API's description of itself.

use crate::support::TestServer;
use serde_json::Value;

#[tokio::test]
async fn the_document_is_the_one_that_was_agreed() {
    let server = TestServer::start().await;
    let reply = server.get("/api/openapi.json").await;
    assert_eq!((reply.status.as_u16(), reply.header("content-type")), (200, "application/json"));
    let document = reply.json();
    assert!(document["openapi"].as_str().is_some_and(|version| version.starts_with("3.1")));
    insta::with_settings!({ snapshot_path => "snapshots", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_json_snapshot!("openapi", document);
    });
}

/// Every operation of the document is served: none of them is an unknown address or method.
#[tokio::test]
async fn what_the_document_lists_is_there() {
    let server = TestServer::start().await;
    let document = server.get("/api/openapi.json").await.json();
    let mut operations = 0;
    for (path, item) in document["paths"].as_object().expect("paths") {
        for method in item.as_object().expect("operations").keys() {
            if path.ends_with("/monitor") && method == "get" {
                continue;
            }
            operations += 1;
            let path = path.replace("{uuid}", "d1845cb6-a5ea-474a-9ab8-26f9bcd919f5");
            let method = method.to_uppercase().parse().expect("a method");
            let reply = server.send(method, &path, &Value::Null).await;
            assert_ne!(reply.status, 405, "{path}");
            assert!(!reply.body.contains("\"fault\":true"), "{path}: {reply:?}");
        }
    }
    assert!(operations >= 20, "{operations}");
}

#[tokio::test]
async fn every_schema_that_is_referred_to_is_there() {
    let server = TestServer::start().await;
    let document = server.get("/api/openapi.json").await.json();
    let text = document.to_string();
    let schemas = document["components"]["schemas"].as_object().expect("schemas");
    for reference in text.split("\"#/components/schemas/").skip(1) {
        let name = reference.split('"').next().expect("a name");
        assert!(schemas.contains_key(name), "{name}");
    }
}
