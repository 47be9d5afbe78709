//! One suite for every kind of store: what is whole is there, what is not whole is not, and what is there stays.

use crate::support::s3::{BUCKET, Fault, KEY, Moto, S3Server, SECRET, open};
use bytes::Bytes;
use futures::{StreamExt as _, TryStreamExt as _};
use reqwest::Method;
use std::{io, sync::Arc};
use strongroom::server::objects::{
    ByteStream, Filesystem, ObjectStore, StoreError,
    s3::{S3, S3Credentials, S3Settings},
};
use tempfile::TempDir;
use uuid::Uuid;

type Store = Arc<dyn ObjectStore>;

/// Bytes of which no two neighbouring parts are alike.
fn content(len: usize, seed: u8) -> Vec<u8> {
    (0..len).map(|at| (at / 7 + at / 65_536) as u8 ^ seed).collect()
}

fn stream(content: &[u8]) -> ByteStream {
    let pieces: Vec<io::Result<Bytes>> = content.chunks(100_000).map(|piece| Ok(Bytes::copy_from_slice(piece))).collect();
    futures::stream::iter(pieces).boxed()
}

fn broken(content: &[u8]) -> ByteStream {
    stream(content).chain(futures::stream::once(async { Err(io::Error::other("the cable was pulled")) })).boxed()
}

async fn put(store: &Store, key: Uuid, content: &[u8]) -> Result<(), StoreError> {
    store.put(key, content.len() as u64, stream(content)).await
}

async fn read(store: &Store, key: Uuid, from: usize, to: usize) -> Vec<u8> {
    let pieces: Vec<Bytes> = store.read(key, from as u64..to as u64).await.expect("there").try_collect().await.expect("read");
    pieces.concat()
}

async fn is_whole(store: &Store, key: Uuid, content: &[u8]) {
    assert_eq!(store.size(key).await.expect("told"), Some(content.len() as u64));
    assert!(read(store, key, 0, content.len()).await == content, "the bytes are those that were put");
}

async fn is_absent(store: &Store, key: Uuid) {
    assert_eq!(store.size(key).await.expect("told"), None);
    assert!(matches!(store.read(key, 0..1).await.err(), Some(StoreError::Missing(missing)) if missing == key));
}

async fn conforms(store: Store) {
    store.probe().await.expect("usable");
    store.reachable().await.expect("reachable");
    whole_objects(&store).await;
    names_that_are_taken(&store).await;
    sources_that_break(&store).await;
    parts(&store).await;
}

async fn whole_objects(store: &Store) {
    for (number, len) in [0, 1, 1_000_000].into_iter().enumerate() {
        let (key, content) = (Uuid::from_u128(100 + number as u128), content(len, 3));
        is_absent(store, key).await;
        put(store, key, &content).await.expect("put");
        is_whole(store, key, &content).await;
        for (from, to) in [(0, len.min(1)), (len / 3, len / 2), (len.saturating_sub(5), len), (len, len)] {
            assert_eq!(read(store, key, from, to).await, content[from..to], "{from} to {to} of {len}");
        }
        store.remove(key).await.expect("removed");
        is_absent(store, key).await;
        store.remove(key).await.expect("nothing to remove is no error");
    }
}

async fn names_that_are_taken(store: &Store) {
    let (key, old) = (Uuid::from_u128(200), content(50_000, 1));
    put(store, key, &old).await.expect("put");
    for new in [content(50_000, 2), content(20_000_000, 2)] {
        assert!(matches!(put(store, key, &new).await, Err(StoreError::Exists(taken)) if taken == key));
        is_whole(store, key, &old).await;
    }
}

async fn sources_that_break(store: &Store) {
    let key = Uuid::from_u128(300);
    for len in [10_000, 20_000_000] {
        let (content, size) = (content(len, 4), len as u64);
        for (what, source, announced) in [
            ("it breaks off", broken(&content[..len / 2]), size),
            ("it breaks off after the last byte", broken(&content), size),
            ("it is shorter than was said", stream(&content), size + 1),
            ("it is longer than was said", stream(&content), size - 1),
        ] {
            let error = store.put(key, announced, source).await.expect_err(what);
            assert!(matches!(error, StoreError::Io { .. }), "{what}: {error}");
            is_absent(store, key).await;
        }
    }
    // And the key can be used when there is a better source.
    let content = content(10_000, 4);
    put(store, key, &content).await.expect("put");
    is_whole(store, key, &content).await;
}

async fn parts(store: &Store) {
    let (key, content) = (Uuid::from_u128(400), content(40_000_123, 5));
    put(store, key, &content).await.expect("put");
    is_whole(store, key, &content).await;
    assert_eq!(read(store, key, 7_999_990, 24_000_010).await, content[7_999_990..24_000_010], "across parts");
    store.remove(key).await.expect("removed");
    is_absent(store, key).await;
}

async fn one_wins(store: &Store) {
    for (number, len) in [10_000, 12_000_000].into_iter().enumerate() {
        let key = Uuid::from_u128(500 + number as u128);
        let contents: Vec<Vec<u8>> = (0..4).map(|seed| content(len, seed)).collect();
        let outcomes = futures::future::join_all(contents.iter().map(|content| put(store, key, content))).await;
        let winners: Vec<usize> = (0..4).filter(|number| outcomes[*number].is_ok()).collect();
        assert_eq!(winners.len(), 1, "{outcomes:?}");
        is_whole(store, key, &contents[winners[0]]).await;
    }
}

fn bucket(name: &str, key: &str, secret: &str, endpoint: &str) -> S3 {
    let credentials = Some(S3Credentials { key, secret, token: None });
    let settings = S3Settings { bucket: name, region: "us-east-1", endpoint: Some(endpoint), path_style: true, credentials };
    S3::open(&settings, Uuid::from_u128(9)).expect("settings")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_conforms() {
    let folder = TempDir::new().expect("a folder");
    let store: Store = Arc::new(Filesystem::new(folder.path().join("store")));
    conforms(Arc::clone(&store)).await;
    one_wins(&store).await;
    assert_eq!(std::fs::read_dir(folder.path().join("store/.staging")).expect("there").count(), 0, "nothing half is left");
}

#[tokio::test(flavor = "multi_thread")]
async fn s3s_fs_conforms() {
    let server = S3Server::start().await;
    let store: Store = Arc::new(server.store());
    conforms(Arc::clone(&store)).await;
    one_wins(&store).await;
    assert_eq!(server.parts(), Vec::<String>::new(), "no part of what was never whole is left");
    assert!(server.objects().iter().all(|name| !name.contains("probe")), "{:?}", server.objects());
}

#[tokio::test(flavor = "multi_thread")]
async fn moto_conforms() {
    let moto = match Moto::start().await {
        Ok(moto) => moto,
        Err(reason) => {
            println!("SKIP moto_conforms: {reason}");
            return;
        }
    };
    // But for several at once: moto looks whether a name is taken and writes later.
    conforms(Arc::new(open(&moto.endpoint))).await;
    let error = bucket("no-such-bucket", KEY, SECRET, &moto.endpoint).probe().await.expect_err("there is none");
    assert!(error.to_string().contains("there is no such bucket") && !error.is_temporary(), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_fails_for_the_moment_is_tried_again() {
    let server = S3Server::start().await;
    let store: Store = Arc::new(server.store());
    let (small, large) = (content(10_000, 6), content(20_000_000, 7));
    for (number, method, query, content) in [
        (0, Method::HEAD, "", &small),
        (1, Method::PUT, "", &small),
        (2, Method::POST, "uploads", &large),
        (3, Method::PUT, "partNumber=2", &large),
        (4, Method::POST, "uploadId", &large),
        (5, Method::GET, "", &large),
        (6, Method::GET, "", &small),
    ] {
        for (kind, fault) in [Fault::Busy, Fault::AnswerLost].into_iter().enumerate() {
            // The answer to HEAD has no body that could break.
            if (&method, fault) == (&Method::HEAD, Fault::AnswerLost) {
                continue;
            }
            let key = Uuid::from_u128(600 + number * 2 + kind as u128);
            server.fail(2, method.clone(), query, fault);
            put(&store, key, content).await.unwrap_or_else(|error| panic!("{method} {query} {fault:?}: {error}"));
            is_whole(&store, key, content).await;
            assert_eq!(server.mend(), 2, "{method} {query} {fault:?} came to pass");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_goes_on_failing_leaves_no_object() {
    let server = S3Server::start().await;
    let store: Store = Arc::new(server.store());
    let key = Uuid::from_u128(700);
    for (method, query, len) in
        [(Method::PUT, "", 10_000), (Method::PUT, "partNumber=2", 20_000_000), (Method::POST, "uploadId", 20_000_000)]
    {
        server.fail(usize::MAX, method.clone(), query, Fault::Busy);
        let error = put(&store, key, &content(len, 8)).await.expect_err("it went on failing");
        assert!(error.is_temporary(), "{error}");
        is_absent(&store, key).await;
        assert!(server.mend() > 1, "it was tried more than once");
    }
    assert_eq!(server.parts(), Vec::<String>::new());
    put(&store, key, &content(10, 8)).await.expect("it is well again");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_object_of_somebody_else_is_not_taken_for_ones_own() {
    let server = S3Server::start().await;
    let store: Store = Arc::new(server.store());
    let (key, theirs) = (Uuid::from_u128(800), content(10_000, 1));
    // It comes while ours is on its way: the first look finds nothing.
    let (mine, other, copy) = (content(10_000, 2), Arc::clone(&store), theirs.clone());
    let late = futures::stream::once(async move {
        other.put(key, copy.len() as u64, stream(&copy)).await.expect("put");
        Ok(Bytes::from(mine))
    });
    assert!(matches!(store.put(key, 10_000, late.boxed()).await, Err(StoreError::Exists(_))));
    is_whole(&store, key, &theirs).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn troubles_are_told_in_words_without_credentials() {
    let server = S3Server::start().await;
    for (store, said, temporary) in [
        (bucket(BUCKET, "somebody", SECRET, &server.endpoint), "the store does not", false),
        (bucket(BUCKET, KEY, "wrong-secret", &server.endpoint), "the s", false),
        (bucket(BUCKET, KEY, SECRET, "http://127.0.0.1:1"), "nothing listens at its address", true),
        (bucket(BUCKET, KEY, SECRET, "http://nowhere.invalid"), "the name of its host is not known", true),
    ] {
        for error in [store.probe().await.expect_err(said), store.reachable().await.expect_err(said)] {
            let text = format!("{error} {error:?}");
            assert!(text.contains(said), "{said}: {text}");
            assert!([KEY, SECRET, "somebody", "wrong-secret"].iter().all(|secret| !text.contains(secret)), "{text}");
            assert_eq!(error.is_temporary(), temporary, "{text}");
        }
    }
}
