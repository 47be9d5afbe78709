//! Taking packages in: in one stream, and in parts.

use crate::support::{Reply, TestServer, bag, soon, tar};
use futures::stream;
use reqwest::{Body, Method};
use serde_json::{Value, json};

const DEPOSITS: &str = "/api/storage/deposits";

async fn deposit(server: &TestServer, query: &str, body: impl Into<Body>) -> Reply {
    Reply::to(server.request(Method::POST, &format!("{DEPOSITS}?{query}")).body(body)).await
}

async fn part(server: &TestServer, upload: &Value, offset: &str, body: impl Into<Body>) -> Reply {
    let path = format!("/api/storage/uploads/{}", upload["uuid"].as_str().expect("a UUID"));
    Reply::to(server.request(Method::PATCH, &path).header("upload-offset", offset).body(body)).await
}

/// Asks until the upload has come to an end.
async fn outcome(server: &TestServer, upload: &Value) -> Value {
    let path = format!("/api/storage/uploads/{}", upload["uuid"].as_str().expect("a UUID"));
    soon("the end of the upload", async {
        loop {
            let told = server.get(&path).await.json();
            if !["receiving", "checking"].contains(&told["state"].as_str().expect("a state")) {
                return told;
            }
            tokio::task::yield_now().await;
        }
    })
    .await
}

#[tokio::test]
async fn a_valid_bag_is_kept_with_its_verdict() {
    let server = TestServer::start().await;
    let package = bag(b"Dear Sir", b"Dear Sir");
    let reply = deposit(&server, "name=letters", package.clone()).await;
    assert_eq!(reply.status, 201, "{reply:?}");
    let deposited = reply.json();
    assert_eq!(deposited["verdict"]["outcome"], "valid");
    let aip = &deposited["aip"];
    assert_eq!(
        (&aip["name"], &aip["status"], &aip["format"], &aip["size"]),
        (&json!("letters"), &json!("stored"), &json!("tar"), &json!(package.len()))
    );
    let path = format!("/api/storage/aips/{}", aip["uuid"].as_str().expect("a UUID"));
    assert_eq!(&server.get(&path).await.json(), aip);
    assert_eq!(server.get(&format!("{path}/verification")).await.json(), deposited["verdict"]);
}

#[tokio::test]
async fn a_package_that_is_no_bag_is_kept_and_told() {
    let server = TestServer::start().await;
    let reply = deposit(&server, "name=loose", tar(&[("a.txt", b"a")])).await;
    assert_eq!((reply.status.as_u16(), &reply.json()["verdict"]["outcome"]), (201, &json!("not_a_bag")), "{reply:?}");
}

#[tokio::test]
async fn a_bag_that_is_not_valid_is_refused_with_its_verdict() {
    let server = TestServer::start().await;
    let reply = deposit(&server, "name=damaged", bag(b"Dear Sir", b"Dear Madam")).await;
    reply.error(400, "not_valid");
    assert_eq!(reply.json()["verdict"]["outcome"], "invalid");
    assert!(reply.json()["verdict"]["problems"].as_array().is_some_and(|problems| !problems.is_empty()));
    assert_eq!(server.get("/api/storage/aips").await.json()["items"], json!([]), "nothing of it is kept");
}

#[tokio::test]
async fn what_is_no_package_is_refused() {
    let server = TestServer::start().await;
    deposit(&server, "name=text", "just some text").await.error(400, "not_valid");
    deposit(&server, "name=nothing", "").await.error(400, "not_valid");
    deposit(&server, "", tar(&[("a.txt", b"a")])).await.error(400, "missing_field");
    deposit(&server, "name=a&location=nowhere", tar(&[("a.txt", b"a")])).await.error(400, "not_valid");
}

#[tokio::test]
async fn a_package_that_is_too_large_is_refused_whether_or_not_it_says_so() {
    let server = TestServer::start_with(|config| config.upload_max_size = 4_096).await;
    let package = tar(&[("a.bin", &[7; 10_000])]);
    let announced = deposit(&server, "name=large", package.clone()).await;
    announced.error(413, "request_too_large");
    let chunks: Vec<Result<Vec<u8>, std::io::Error>> = package.chunks(1_000).map(|chunk| Ok(chunk.to_vec())).collect();
    let message = deposit(&server, "name=large", Body::wrap_stream(stream::iter(chunks))).await.error(413, "request_too_large");
    assert!(message.contains("4096"), "{message}");
    assert_eq!(server.get("/api/storage/aips").await.json()["items"], json!([]));
}

#[tokio::test]
async fn a_package_comes_in_parts_and_goes_on_where_it_broke_off() {
    let server = TestServer::start().await;
    let package = bag(b"Dear Sir", b"Dear Sir");
    let (first, second) = package.split_at(1_000);
    let created = server.post("/api/storage/uploads", &json!({ "name": "letters", "size": package.len() })).await;
    assert_eq!((created.status.as_u16(), created.header("upload-offset")), (201, "0"));
    let upload = created.json();
    assert_eq!((&upload["state"], &upload["offset"]), (&json!("receiving"), &json!(0)));

    let after_first = part(&server, &upload, "0", first.to_vec()).await;
    assert_eq!((after_first.status.as_u16(), after_first.header("upload-offset")), (200, "1000"));
    let again = part(&server, &upload, "0", first.to_vec()).await;
    let message = again.error(409, "not_available");
    assert_eq!((again.header("upload-offset"), again.header("goa-error")), ("1000", "not_available"));
    assert!(message.contains("1000"), "{message}");

    let server = server.restart().await;
    assert_eq!(part(&server, &upload, "1000", second.to_vec()).await.status, 200);
    let told = outcome(&server, &upload).await;
    assert_eq!(told["state"], "stored", "{told}");
    let aip = server.get(&format!("/api/storage/aips/{}", told["aip_uuid"].as_str().expect("an AIP"))).await.json();
    assert_eq!((&aip["name"], &aip["size"]), (&json!("letters"), &json!(package.len())));
}

#[tokio::test]
async fn an_upload_that_is_refused_says_why() {
    let server = TestServer::start().await;
    let package = bag(b"Dear Sir", b"Dear Madam");
    let upload = server.post("/api/storage/uploads", &json!({ "name": "damaged", "size": package.len() })).await.json();
    part(&server, &upload, "0", package).await;
    let told = outcome(&server, &upload).await;
    assert_eq!((&told["state"], &told["verdict"]["outcome"]), (&json!("refused"), &json!("invalid")), "{told}");
    assert!(told["message"].as_str().is_some_and(|message| !message.is_empty()));
}

#[tokio::test]
async fn a_part_has_to_say_where_it_begins() {
    let server = TestServer::start().await;
    let upload = server.post("/api/storage/uploads", &json!({ "name": "a", "size": 10 })).await.json();
    let path = format!("/api/storage/uploads/{}", upload["uuid"].as_str().expect("a UUID"));
    Reply::to(server.request(Method::PATCH, &path).body("x")).await.error(400, "missing_field");
    for offset in ["-1", "+1", "one", "1.0"] {
        part(&server, &upload, offset, "x").await.error(400, "invalid_field_type");
    }
    server.post("/api/storage/uploads", &json!({ "name": "a", "size": -1 })).await.error(400, "decode_payload");
}

#[tokio::test]
async fn an_upload_can_be_called_off() {
    let server = TestServer::start().await;
    let upload = server.post("/api/storage/uploads", &json!({ "name": "a", "size": 10 })).await.json();
    let path = format!("/api/storage/uploads/{}", upload["uuid"].as_str().expect("a UUID"));
    assert_eq!(server.send(Method::DELETE, &path, &json!({})).await.told(), (204, ""));
    let gone = server.get(&path).await;
    assert_eq!(gone.told(), (404, format!(r#"{{"message":"upload not found","uuid":{}}}"#, upload["uuid"]).as_str()));
}
