//! A real identity provider (`end2end/provider.mjs`), started and ended by the tests.

use super::soon;
use reqwest::Client;
use serde_json::{Value, json};
use std::{
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Child, ChildStdin, Command, Stdio},
};
use strongroom::server::config::{Config, ProviderConfig};

/// A running provider; it ends when this is dropped.
pub struct IdentityProvider {
    child: Child,
    _input: Option<ChildStdin>,
    client: Client,
    told: Value,
    /// Its address.
    pub issuer: String,
}

impl IdentityProvider {
    /// Starts one. `None`, with the reason printed, where it cannot be had.
    pub async fn start(test: &str) -> Option<Self> {
        Self::start_with(test, &[]).await
    }

    /// Starts one with these variables.
    pub async fn start_with(test: &str, variables: &[(&str, &str)]) -> Option<Self> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("end2end");
        if !folder.join("node_modules/oidc-provider").is_dir() {
            println!("SKIP {test}: npm's oidc-provider is not installed; run scripts/setup.sh");
            return None;
        }
        let mut command = Command::new("node");
        command.arg("provider.mjs").current_dir(folder).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let Ok(mut child) = command.envs(variables.iter().copied()).spawn() else {
            println!("SKIP {test}: node cannot be run");
            return None;
        };
        let input = child.stdin.take();
        let output = BufReader::new(child.stdout.take().expect("piped"));
        let told = tokio::task::spawn_blocking(move || output.lines().find_map(|line| serde_json::from_str::<Value>(&line.ok()?).ok()));
        let told =
            soon("the provider's address", told).await.expect("not cancelled").expect("the provider ended before it told its address");
        let client = Client::builder().no_proxy().build().expect("a client");
        let issuer = told["issuer"].as_str().expect("an address").to_owned();
        Some(Self { child, _input: input, client, told, issuer })
    }

    /// Its section in the settings: attributes are asked for.
    pub fn config(&self) -> ProviderConfig {
        let json = json!({
            "id": "test", "name": "Test accounts", "issuer": self.issuer, "client_id": self.told["client_id"],
            "client_secret": self.told["client_secret"], "attributes": { "enabled": true, "claim_path": "attributes" },
        });
        serde_json::from_value(json).expect("a section")
    }

    /// Makes a service ask it.
    pub fn trusted(&self, config: &mut Config) {
        config.providers.push(self.config());
    }

    async fn control(&self, path: &str, body: &Value) -> Value {
        let request = self.client.post(format!("{}/control/{path}", self.issuer)).body(body.to_string());
        let answer = request.send().await.expect("an answer").error_for_status().expect("a good one");
        serde_json::from_str(&answer.text().await.expect("a body")).expect("JSON")
    }

    /// Changes what it says of an account.
    pub async fn change(&self, account: &str, claims: &Value) {
        self.control(&format!("accounts/{account}"), claims).await;
    }

    /// Changes which keys it publishes.
    pub async fn keys(&self, change: &Value) {
        self.control("keys", change).await;
    }

    /// A token as asked for; see the script.
    pub async fn mint(&self, asked: &Value) -> String {
        self.control("token", asked).await["token"].as_str().expect("a token").to_owned()
    }

    /// A good token of an account, as an `Authorization` header has it.
    pub async fn bearer(&self, account: &str) -> String {
        format!("Bearer {}", self.mint(&json!({ "account": account })).await)
    }

    /// The token of a program that proves itself with a secret of its own (RFC 6749 section 4.4).
    pub async fn program_token(&self) -> String {
        let program = &self.told["program"];
        let secret = |name: &str| program[name].as_str().expect("told").to_owned();
        let request = self.client.post(format!("{}/token", self.issuer)).basic_auth(secret("id"), Some(secret("secret")));
        let request = request.header("content-type", "application/x-www-form-urlencoded").body("grant_type=client_credentials");
        let answer = request.send().await.expect("an answer").text().await.expect("a body");
        let answer: Value = serde_json::from_str(&answer).expect("JSON");
        answer["access_token"].as_str().unwrap_or_else(|| panic!("no token in {answer}")).to_owned()
    }
}

impl Drop for IdentityProvider {
    fn drop(&mut self) {
        // Fails when it has ended already, which is what is wanted.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
