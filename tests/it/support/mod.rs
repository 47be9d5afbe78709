//! A server to test, and ways to speak to it.

pub mod archive;
mod browser;
mod clock;
pub mod guide;
pub mod killed;
mod packages;
pub mod process;
mod provider;
pub mod proxy;
mod records;
mod reply;
pub mod s3;
mod socket;
mod sse;
pub mod tools;
pub mod viewer;

pub use browser::Browser;
pub use clock::TestClock;
pub use packages::{bag, tar};
pub use provider::IdentityProvider;
pub use reply::Reply;
pub use socket::Socket;
pub use sse::Sse;

use leptos::config::LeptosOptions;
use reqwest::{Client, Method, RequestBuilder};
use serde_json::Value;
use std::{future::Future, path::PathBuf, sync::Arc, time::Duration};
use strongroom::{
    api::CreateLocation,
    domain::{LocationConfig, LocationPurpose, LocationSource, RandomIds},
    server::{Running, config::Config, service::Services, start_with},
};
use tempfile::TempDir;
use uuid::Uuid;

/// No test waits as long as this; one that hangs says so instead of blocking the others.
const PATIENCE: Duration = Duration::from_secs(60);

/// Waits for something that is bound to happen.
pub async fn soon<T>(what: &str, future: impl Future<Output = T>) -> T {
    match tokio::time::timeout(PATIENCE, future).await {
        Ok(value) => value,
        Err(_) => panic!("{what} did not happen"),
    }
}

/// A running service with a folder and a clock of its own.
pub struct TestServer {
    running: Running,
    client: Client,
    /// Its time.
    pub clock: Arc<TestClock>,
    data: TempDir,
}

impl TestServer {
    /// Starts one.
    pub async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    /// Starts one with other settings.
    pub async fn start_with(change: impl FnOnce(&mut Config)) -> Self {
        let data = TempDir::new().expect("a folder");
        let mut config = Config::in_folder(data.path());
        change(&mut config);
        let clock = Arc::new(TestClock::default());
        Self::serve(config, clock, data).await
    }

    /// Starts one that people sign in to with this provider.
    pub async fn start_trusting(provider: &IdentityProvider, change: impl FnOnce(&mut Config)) -> Self {
        let data = TempDir::new().expect("a folder");
        let mut config = Config::in_folder(data.path());
        provider.trusted(&mut config);
        change(&mut config);
        Self::serve(config, Arc::new(TestClock::at_present()), data).await
    }

    async fn serve(config: Config, clock: Arc<TestClock>, data: TempDir) -> Self {
        let options = LeptosOptions::builder().output_name("strongroom").build();
        let running = start_with(config, options, Arc::clone(&clock) as _, Arc::new(RandomIds)).await.expect("the service starts");
        let client = Client::builder().timeout(PATIENCE).no_proxy().build().expect("a client");
        Self { running, client, clock, data }
    }

    /// Stops it and starts another on the same folder.
    pub async fn restart(self) -> Self {
        self.restart_with(|_| {}).await
    }

    /// Stops it and starts another on the same folder with other settings; `change` is called while none runs.
    pub async fn restart_with(self, change: impl FnOnce(&mut Config)) -> Self {
        let (clock, data) = (Arc::clone(&self.clock), self.data);
        let mut config = self.running.services.config().clone();
        self.running.stop().await.expect("a clean end");
        change(&mut config);
        Self::serve(config, clock, data).await
    }

    /// Stops it, as an operator would.
    pub async fn stop(self) {
        self.running.stop().await.expect("a clean end");
    }

    /// What it does, without HTTP.
    pub fn services(&self) -> &Services {
        &self.running.services
    }

    /// `127.0.0.1:` and its port.
    pub fn host(&self) -> String {
        self.running.addr.to_string()
    }

    /// `http://127.0.0.1:` and the port of its second listener.
    pub fn direct(&self) -> String {
        format!("http://{}", self.running.direct_addr().expect("a second listener"))
    }

    /// The origin of its own pages.
    pub fn origin(&self) -> String {
        format!("http://{}", self.running.addr)
    }

    /// A request to any address.
    pub fn request_to(&self, method: Method, url: &str) -> RequestBuilder {
        self.client.request(method, url)
    }

    /// A request to it.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.origin()))
    }

    /// Reads.
    pub async fn get(&self, path: &str) -> Reply {
        Reply::to(self.request(Method::GET, path)).await
    }

    /// Reads, as whoever this `Authorization` header names.
    pub async fn get_as(&self, authorization: &str, path: &str) -> Reply {
        Reply::to(self.request(Method::GET, path).header("authorization", authorization)).await
    }

    /// Sends JSON.
    pub async fn send(&self, method: Method, path: &str, body: &Value) -> Reply {
        Reply::to(self.request(method, path).header("content-type", "application/json").body(body.to_string())).await
    }

    /// Posts JSON.
    pub async fn post(&self, path: &str, body: &Value) -> Reply {
        self.send(Method::POST, path, body).await
    }

    /// The location that a new service has.
    pub async fn first_location(&self) -> Uuid {
        let locations = self.services().locations().await.expect("locations");
        locations.first().expect("a new service has one").uuid
    }

    /// Another location, in a folder of this name.
    pub async fn location(&self, name: &str) -> Uuid {
        let body = CreateLocation {
            name: name.into(),
            description: String::new(),
            source: LocationSource::Filesystem,
            purpose: LocationPurpose::AipStore,
            config: Some(LocationConfig::Filesystem { path: name.into() }),
        };
        self.services().create_location(body).await.expect("recorded").uuid
    }

    /// A ticket for the monitor, to be carried in the subprotocol, for whoever this `Authorization` header names.
    pub async fn ticket(&self, authorization: &str) -> String {
        let request = self.request(Method::POST, "/api/storage/monitor").header("authorization", authorization);
        let reply = Reply::to(request.json(&serde_json::json!({ "carry": "subprotocol" }))).await;
        reply.json()["ticket"].as_str().expect("a ticket").to_owned()
    }

    /// How busy the machine is.
    pub fn system(&self) -> &strongroom::server::system::System {
        &self.running.system
    }

    /// The data folder.
    pub fn data(&self) -> &std::path::Path {
        self.data.path()
    }

    /// Where the bytes of an AIP in the first location lie.
    pub fn object(&self, aip: &Value) -> PathBuf {
        self.data.path().join("locations/main-store").join(aip["object_key"].as_str().expect("a key"))
    }
}
