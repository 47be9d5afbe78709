//! Locations in an S3-compatible store: what a folder does, a bucket does, also when the store is away.

use crate::support::{
    Reply, TestServer, bag,
    s3::{Away, Fault, S3Server},
    soon,
};
use reqwest::Method;
use serde_json::{Value, json};

const LOCATIONS: &str = "/api/storage/locations";

fn location(name: &str, config: Value) -> Value {
    json!({ "name": name, "source": "minio", "purpose": "aip_store", "config": config })
}

/// A server with the location "bucket" in a store.
async fn with_a_bucket() -> (TestServer, S3Server) {
    let (server, store) = (TestServer::start().await, S3Server::start().await);
    let created = server.post(LOCATIONS, &location("bucket", store.config())).await;
    assert_eq!(created.status, 201, "{created:?}");
    (server, store)
}

async fn deposit(server: &TestServer, package: &[u8]) -> Reply {
    Reply::to(server.request(Method::POST, "/api/storage/deposits?name=letters&location=bucket").body(package.to_vec())).await
}

/// What is staged or noted beside the database.
fn staged(server: &TestServer) -> Vec<String> {
    let mut names = Vec::new();
    for location in std::fs::read_dir(server.services().config().data.join("staging")).into_iter().flatten() {
        let folder = location.expect("readable").path().join(".staging");
        names.extend(
            std::fs::read_dir(folder)
                .into_iter()
                .flatten()
                .map(|entry| entry.expect("readable").file_name().to_string_lossy().into_owned()),
        );
    }
    names
}

fn kept(store: &S3Server) -> Vec<String> {
    store.objects().into_iter().filter(|name| uuid::Uuid::try_parse(name).is_ok()).collect()
}

async fn health(server: &TestServer) -> (bool, String) {
    let overview = server.get("/api/storage/overview").await.json();
    let checks = overview["health"].as_array().expect("checks").clone();
    let check = checks.iter().find(|check| check["name"] == "Location bucket").expect("one for each location");
    (check["ok"].as_bool().expect("a boolean"), check["message"].as_str().expect("a message").to_owned())
}

#[tokio::test]
async fn a_package_goes_into_the_bucket_and_comes_out_again_whole_and_in_parts() {
    let (server, store) = with_a_bucket().await;
    assert_eq!(health(&server).await, (true, "reachable".into()));
    let package = bag(b"Dear Sir", b"Dear Sir");
    let reply = deposit(&server, &package).await;
    assert_eq!(reply.status, 201, "{reply:?}");
    let aip = reply.json()["aip"].clone();
    let key = aip["object_key"].as_str().expect("a key");
    assert_eq!(std::fs::read(store.object(key)).expect("in the bucket"), package);
    assert_eq!(staged(&server), Vec::<String>::new(), "nothing is kept twice");

    let path = format!("/api/storage/aips/{}/download", aip["uuid"].as_str().expect("a UUID"));
    let fetch = async |headers: &[(&str, &str)]| {
        let request = headers.iter().fold(server.request(Method::GET, &path), |request, (name, value)| request.header(*name, *value));
        request.send().await.expect("an answer")
    };
    let tag = format!("\"{}\"", aip["sha256"].as_str().expect("a digest"));
    let whole = fetch(&[]).await;
    assert_eq!((whole.status().as_u16(), whole.headers()["accept-ranges"].to_str().expect("text")), (200, "bytes"));
    assert_eq!(whole.headers()["etag"].to_str().expect("text"), tag);
    assert_eq!(whole.bytes().await.expect("bytes"), package);
    let len = package.len();
    for (range, first, last) in [("bytes=0-9", 0, 9), ("bytes=100-", 100, len - 1), ("bytes=-5", len - 5, len - 1)] {
        let part = fetch(&[("range", range), ("if-range", &tag)]).await;
        assert_eq!(part.status(), 206, "{range}");
        assert_eq!(part.headers()["content-range"].to_str().expect("text"), format!("bytes {first}-{last}/{len}"));
        assert_eq!(part.bytes().await.expect("bytes"), package[first..=last]);
    }
    assert_eq!(fetch(&[("range", "bytes=0-9"), ("if-range", "\"another\"")]).await.status(), 200);
    assert_eq!(fetch(&[("range", &format!("bytes={len}-"))]).await.status(), 416);
    assert_eq!(fetch(&[("range", "bytes=0-1, 5-6")]).await.bytes().await.expect("bytes"), package, "several parts are sent as the whole");

    std::fs::remove_file(store.object(key)).expect("it was there");
    assert_eq!(fetch(&[]).await.status(), 404);
}

#[tokio::test]
async fn a_store_that_is_away_is_told_as_that() {
    let (server, store) = with_a_bucket().await;
    let package = bag(b"Dear Sir", b"Dear Sir");
    let aip = deposit(&server, &package).await.json()["aip"].clone();
    let path = format!("/api/storage/aips/{}/download", aip["uuid"].as_str().expect("a UUID"));
    let away: Away = store.go_away().await;
    for method in [Method::GET, Method::POST] {
        let reply = Reply::to(server.request(method, &path)).await;
        let message = reply.error(503, "unavailable");
        assert!(message.contains("nothing listens at its address"), "{message}");
        assert_eq!(reply.json()["temporary"], true);
    }
    assert_eq!(health(&server).await, (false, "cannot be reached".into()));
    let message = deposit(&server, &package).await.error(503, "unavailable");
    assert!(message.contains("nothing of it was kept"), "{message}");
    assert!(staged(&server).iter().all(|name| name.ends_with(".sent")), "no bytes are kept: {:?}", staged(&server));

    let store = away.come_back().await;
    assert_eq!(deposit(&server, &package).await.status, 201);
    assert_eq!(Reply::to(server.request(Method::POST, &path)).await.status, 200);
    server.services().tidy_uploads().await.expect("tidied");
    assert_eq!(staged(&server), Vec::<String>::new(), "the note is gone once it is certain that nothing was left in the bucket");
    assert_eq!(kept(&store).len(), 2);
}

#[tokio::test]
async fn an_answer_that_is_lost_does_not_lose_the_package() {
    let (server, store) = with_a_bucket().await;
    store.fail(1, Method::PUT, "", Fault::AnswerLost);
    assert_eq!(deposit(&server, &bag(b"Dear Sir", b"Dear Sir")).await.status, 201);
    assert_eq!(store.mend(), 1);
    assert_eq!(kept(&store).len(), 1);
}

#[tokio::test]
async fn what_a_stop_left_half_done_is_put_right() {
    let (server, store) = with_a_bucket().await;
    let package = bag(b"Dear Sir", b"Dear Sir");
    let uuid =
        server.services().locations().await.expect("locations").iter().find(|location| location.name == "bucket").expect("there").uuid;
    let upload =
        server.post("/api/storage/uploads", &json!({ "name": "in parts", "size": package.len(), "location_uuid": uuid })).await.json();
    let path = format!("/api/storage/uploads/{}", upload["uuid"].as_str().expect("a UUID"));
    let part = async |server: &TestServer, from: usize, to: usize| {
        let request = server.request(Method::PATCH, &path).header("upload-offset", from.to_string()).body(package[from..to].to_vec());
        Reply::to(request).await
    };
    assert_eq!(part(&server, 0, 1_000).await.status, 200);
    // As if the service had been stopped after an object was sent, before it was recorded: the object, and the note of it.
    let orphan = "2f0c8b71-83c1-4f5f-9f8e-2b1f7f0f9d77";
    std::fs::write(store.object(orphan), "never recorded").expect("written");
    std::fs::write(server.services().config().data.join(format!("staging/{uuid}/.staging/{orphan}.sent")), "").expect("written");

    let server = server.restart().await;
    assert_eq!(kept(&store), Vec::<String>::new(), "an object without a record is removed");
    assert_eq!(part(&server, 1_000, package.len()).await.status, 200);
    soon("the end of the upload", async {
        while server.get(&path).await.json()["state"] != "stored" {
            tokio::task::yield_now().await;
        }
    })
    .await;
    assert_eq!(kept(&store).len(), 1);
    soon("the end of the staged file, which goes after the record was made", async {
        while !staged(&server).is_empty() {
            tokio::task::yield_now().await;
        }
    })
    .await;
}

#[tokio::test]
async fn a_location_that_cannot_be_used_is_refused_with_the_reason() {
    let (server, store) = with_a_bucket().await;
    let with = |field: &str, value: Value| {
        let mut config = store.config();
        config["value"]["bucket"] = json!("another");
        config["value"][field] = value;
        config
    };
    for (config, said) in [
        (store.config(), "bucket: the location \"bucket\" lies there already"),
        (with("bucket", json!("a/b")), "bucket: "),
        (with("key", json!("somebody")), "the store does not"),
        (with("secret", json!("wrong")), "cannot look into the bucket"),
        (with("secret", Value::Null), "key: an access key and its secret go together"),
        (with("endpoint", json!("http://127.0.0.1:1")), "nothing listens at its address"),
        (with("endpoint", json!("http://key:wrong@127.0.0.1:1")), "endpoint: must hold no credentials"),
        (with("profile", json!("archive")), "profile: "),
    ] {
        let message = server.post(LOCATIONS, &location("another", config)).await.error(400, "not_valid");
        assert!(message.starts_with("invalid configuration: ") && message.contains(said), "{said}: {message}");
        assert!(!message.contains("somebody") && !message.contains("wrong"), "{message}");
    }
    for (kind, value) in [
        ("sftp", json!({ "address": "a", "username": "u", "password": "p", "directory": "d" })),
        ("amss", json!({ "api_key": "k", "url": "https://amss.example", "username": "u" })),
    ] {
        let message = server.post(LOCATIONS, &location("another", json!({ "type": kind, "value": value }))).await.error(400, "not_valid");
        assert!(message.contains(&format!("type {kind} are not supported")), "{message}");
    }
    assert_eq!(server.get(LOCATIONS).await.json().as_array().expect("a bare array").len(), 2);
}
