//! S3-compatible stores on loopback: s3s-fs in this process, which can be made to fail, and moto's server.

use super::{soon, tools::tool};
use axum::{
    Router,
    body::Body,
    error_handling::HandleError,
    extract::{Request, State},
    http::{Method, StatusCode},
    middleware::{self, Next},
    response::{IntoResponse, Response},
};
use s3s::{auth::SimpleAuth, service::S3ServiceBuilder};
use s3s_fs::FileSystem;
use serde_json::{Value, json};
use std::{
    fs,
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex, PoisonError},
};
use strongroom::{
    domain::{Ids as _, RandomIds},
    server::objects::s3::{S3, S3Credentials, S3Settings},
};
use tempfile::TempDir;
use tokio::{net::TcpListener, task::JoinHandle};

/// The bucket that every store of the tests has.
pub const BUCKET: &str = "aips";
/// Its access key and secret, easy to find where they should not be.
pub const KEY: &str = "AKIDRECOGNISABLE5F2C";
pub const SECRET: &str = "hush-hush-recognisable-5f2c";

/// What a store does wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It does nothing and says 503.
    Busy,
    /// It does what is asked, and its answer is cut off.
    AnswerLost,
}

struct Trap {
    times: usize,
    method: Method,
    query: &'static str,
    fault: Fault,
    sprung: usize,
}

#[derive(Clone)]
struct Door {
    trap: Arc<Mutex<Option<Trap>>>,
    // s3s-fs looks whether a name is taken and renames later; a real store does both at once.
    conditional: Arc<tokio::sync::Mutex<()>>,
}

/// An S3-compatible store in a folder.
pub struct S3Server {
    /// Where it answers.
    pub endpoint: String,
    root: TempDir,
    door: Door,
    serving: JoinHandle<()>,
}

impl S3Server {
    /// Starts one with an empty bucket.
    pub async fn start() -> Self {
        Self::serve(TempDir::new().expect("a folder"), "127.0.0.1:0").await
    }

    async fn serve(root: TempDir, address: &str) -> Self {
        fs::create_dir_all(root.path().join(BUCKET)).expect("a bucket");
        let service = {
            let mut builder = S3ServiceBuilder::new(FileSystem::new(root.path()).expect("a store"));
            builder.set_auth(SimpleAuth::from_single(KEY, SECRET));
            builder.build()
        };
        let door = Door { trap: Arc::default(), conditional: Arc::default() };
        let service = HandleError::new(service, |error: s3s::HttpError| async move { store_failed(&error) });
        let router = Router::new().fallback_service(service).layer(middleware::from_fn_with_state(door.clone(), watch));
        let listener = TcpListener::bind(address).await.expect("a port");
        let endpoint = format!("http://{}", listener.local_addr().expect("bound"));
        let serving = tokio::spawn(async move { axum::serve(listener, router).await.expect("served") });
        Self { endpoint, root, door, serving }
    }

    /// Lets the next `times` requests with this method, and `query` in their query, fail.
    pub fn fail(&self, times: usize, method: Method, query: &'static str, fault: Fault) {
        *self.door.trap.lock().unwrap_or_else(PoisonError::into_inner) = Some(Trap { times, method, query, fault, sprung: 0 });
    }

    /// How many requests failed since [`Self::fail`]; from now on none does.
    pub fn mend(&self) -> usize {
        self.door.trap.lock().unwrap_or_else(PoisonError::into_inner).take().map_or(0, |trap| trap.sprung)
    }

    /// Cuts it off: it cannot be reached until [`Self::come_back`].
    pub async fn go_away(self) -> Away {
        self.serving.abort();
        drop(self.serving.await);
        Away { endpoint: self.endpoint, root: self.root }
    }

    /// The store as the service uses it.
    pub fn store(&self) -> S3 {
        open(&self.endpoint)
    }

    /// The file that an object is.
    pub fn object(&self, key: &str) -> PathBuf {
        self.root.path().join(BUCKET).join(key)
    }

    /// Names of all objects, and of everything else that is kept of them but its own notes.
    pub fn objects(&self) -> Vec<String> {
        names(&self.root.path().join(BUCKET))
    }

    /// Parts of objects that were not put together.
    pub fn parts(&self) -> Vec<String> {
        names(self.root.path()).into_iter().filter(|name| name.contains("upload") && name.contains("part")).collect()
    }

    /// The configuration of a location in it.
    pub fn config(&self) -> Value {
        json!({ "type": "s3", "value": { "bucket": BUCKET, "region": "eu-central-1", "endpoint": self.endpoint, "path_style": true, "key": KEY, "secret": SECRET } })
    }
}

/// A store that cannot be reached.
pub struct Away {
    endpoint: String,
    root: TempDir,
}

impl Away {
    /// The store at its old address, with all that it had.
    pub async fn come_back(self) -> S3Server {
        let address = self.endpoint.trim_start_matches("http://").to_owned();
        soon("the old port", S3Server::serve(self.root, &address)).await
    }
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> =
        fs::read_dir(folder).expect("there").map(|entry| entry.expect("readable").file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

async fn watch(State(door): State<Door>, request: Request, next: Next) -> Response {
    let query = request.uri().query().unwrap_or_default().to_owned();
    let fault = {
        let mut trap = door.trap.lock().unwrap_or_else(PoisonError::into_inner);
        let concerned = |trap: &&mut Trap| trap.sprung < trap.times && trap.method == request.method() && query.contains(trap.query);
        trap.as_mut().filter(concerned).map(|trap| {
            trap.sprung += 1;
            trap.fault
        })
    };
    if fault == Some(Fault::Busy) {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    let alone = if request.headers().contains_key("if-none-match") { Some(door.conditional.lock().await) } else { None };
    let answer = next.run(request).await;
    if fault == Some(Fault::AnswerLost) {
        // A body that breaks takes the connection with it.
        let (head, body) = answer.into_parts();
        drop(axum::body::to_bytes(body, usize::MAX).await);
        let broken = futures::stream::once(async { Err::<bytes::Bytes, _>(std::io::Error::other("cut off")) });
        return (head.status, [("content-length", "1000")], Body::from_stream(broken)).into_response();
    }
    drop(alone);
    answer
}

fn store_failed(error: &s3s::HttpError) -> StatusCode {
    panic!("the store failed: {error:?}")
}

/// The bucket of a store at this endpoint.
pub fn open(endpoint: &str) -> S3 {
    let credentials = Some(S3Credentials { key: KEY, secret: SECRET, token: None });
    let settings = S3Settings { bucket: BUCKET, region: "eu-central-1", endpoint: Some(endpoint), path_style: true, credentials };
    S3::open(&settings, RandomIds.next()).expect("settings")
}

/// moto's server, another opinion on what S3 is.
pub struct Moto {
    child: Child,
    /// Where it answers.
    pub endpoint: String,
}

impl Moto {
    /// Starts one with an empty bucket; `None`, and why, where it is not installed.
    pub async fn start() -> Result<Self, String> {
        let program = tool("moto/bin/moto_server")?;
        let mut command = Command::new(program);
        command.args(["-H", "127.0.0.1", "-p", "0"]).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("moto starts");
        let output = BufReader::new(child.stderr.take().expect("piped"));
        let told = tokio::task::spawn_blocking(move || {
            let mut lines = output.lines();
            let address = |line: String| line.split_once("Running on ").map(|(_, address)| address.trim().to_owned());
            let found = lines.find_map(|line| address(line.expect("readable")));
            // Read on, or it would wait for somebody to.
            std::thread::spawn(move || lines.for_each(drop));
            found
        });
        let endpoint = soon("moto's address", told).await.expect("not cancelled").expect("moto tells its address");
        let moto = Self { child, endpoint };
        let made = super::process::client()
            .put(format!("{}/{BUCKET}", moto.endpoint))
            .body("<CreateBucketConfiguration><LocationConstraint>eu-central-1</LocationConstraint></CreateBucketConfiguration>")
            .send()
            .await
            .expect("answered");
        assert!(made.status().is_success(), "{made:?}");
        Ok(moto)
    }
}

impl Drop for Moto {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
