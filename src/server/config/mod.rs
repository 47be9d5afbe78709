//! Settings: defaults, then `Leptos.toml`, then the environment (`STRONGROOM_*`), then flags; the later wins.
//!
//! An unknown key is an error wherever it stands: a misspelt setting that is silently ignored is found out too late.

mod environment;
mod file;
mod providers;
mod secret;

pub use file::{DEFAULT_FILE, leptos_options};
pub use providers::{AttributesConfig, ProviderConfig};
pub use secret::Secret;

use crate::server::http::origin::is_loopback_url;
use serde::Deserialize;
use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
};

/// The settings of the service.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Address and port to listen on.
    pub listen: SocketAddr,
    /// Address and port of a second listener that serves the API without the `/api` prefix; none by default.
    pub api_listen: Option<SocketAddr>,
    /// The data folder: the database, and locations unless `location_roots` says otherwise.
    pub data: PathBuf,
    /// The address that people use, when it is another than `listen`, e.g. behind a proxy.
    pub public_url: Option<String>,
    /// Origins besides our own whose pages may open the monitor and send changes.
    pub allowed_origins: Vec<String>,
    /// Folders under which filesystem locations may lie; empty means `locations` in the data folder.
    pub location_roots: Vec<PathBuf>,
    /// The largest package that is taken in, in bytes.
    pub upload_max_size: u64,
    /// What makes the packages: `a3m`, `Archivematica` or `Unknown`.
    pub preservation_system: String,
    /// Events kept in memory for connections that are a little behind.
    pub ring_size: usize,
    /// Entries of the event log that are older than so many days may be let go; 0: age lets none go.
    pub event_retention_days: u32,
    /// Entries of the event log beyond so many may be let go, the oldest first; 0: their number lets none go. Where both are set, an
    /// entry goes only when both let it.
    pub event_retention_count: u64,
    /// Monitor connections at a time.
    pub monitor_connections: usize,
    /// Monitor connections at a time from one address.
    pub monitor_connections_per_address: usize,
    /// Monitor connections at a time of one person, where people sign in.
    pub monitor_connections_per_person: usize,
    /// Milliseconds between two looks at how busy the machine is, while somebody watches.
    pub ws_metrics_interval: u64,
    /// Whether those who watch that are told over their connections; otherwise they have to ask.
    pub ws_enabled: bool,
    /// Seconds without a report after which a task counts as stalled.
    pub task_silence_seconds: u32,
    /// Seconds for which a task that has ended is still shown.
    pub task_kept_seconds: u32,
    /// Milliseconds before a step of a workflow that failed for a while is tried again; doubled each time after.
    pub workflow_retry_ms: u64,
    /// How the log is written.
    pub log_format: LogFormat,
    /// The OTLP collector that traces are sent to (its base address); none: no traces are made.
    pub otlp_endpoint: Option<String>,
    /// Who vouches for people; empty: nobody has to sign in.
    pub providers: Vec<ProviderConfig>,
    /// Answer to other machines although nobody has to sign in.
    pub allow_anonymous: bool,
    /// Seconds without a request after which a session ends.
    pub session_idle_seconds: u32,
    /// Seconds after which a session ends, whatever is done with it.
    pub session_max_seconds: u32,
}

/// How the log is written, on standard error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum LogFormat {
    /// Lines for people.
    Text,
    /// One JSON object a line, for programs.
    Json,
}

impl TryFrom<String> for LogFormat {
    type Error = String;

    fn try_from(word: String) -> Result<Self, Self::Error> {
        match word.as_str() {
            "text" => Ok(Self::Text),
            "json" => Ok(Self::Json),
            other => Err(format!("{other:?} is not one of text, json")),
        }
    }
}

/// Why the settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read, or a value or key in it, in the environment or on the command line is not one.
    #[error("{0}")]
    Unreadable(String),
    /// Readable, but not sensible.
    #[error("{key}: {problem}")]
    NotSensible {
        /// The setting.
        key: &'static str,
        /// What is wrong and what to do.
        problem: String,
    },
}

/// What may be set on the command line.
#[derive(Debug, Clone, Default)]
pub struct Flags {
    /// Another settings file.
    pub file: Option<PathBuf>,
    /// See [`Config::listen`].
    pub listen: Option<SocketAddr>,
    /// See [`Config::data`].
    pub data: Option<PathBuf>,
    /// See [`Config::allow_anonymous`].
    pub allow_anonymous: bool,
}

impl Config {
    /// Reads the settings from all their places and checks them.
    ///
    /// # Errors
    /// When a key is unknown, a value is not one, or the settings do not fit together; names the key.
    pub fn load(flags: &Flags, environment: impl IntoIterator<Item = (String, String)>) -> Result<Self, ConfigError> {
        let unreadable = |error: config::ConfigError| ConfigError::Unreadable(error.to_string());
        let mut builder = config::Config::builder()
            .add_source(config::File::from_str(DEFAULTS, config::FileFormat::Toml))
            .add_source(config::File::from_str(&file::service_section(flags.file.as_deref())?, config::FileFormat::Toml));
        for (key, value) in environment::settings(environment)? {
            builder = builder.set_override(key, value).map_err(unreadable)?;
        }
        if let Some(listen) = flags.listen {
            builder = builder.set_override("listen", listen.to_string()).map_err(unreadable)?;
        }
        if let Some(data) = &flags.data {
            builder = builder.set_override("data", data.display().to_string()).map_err(unreadable)?;
        }
        if flags.allow_anonymous {
            builder = builder.set_override("allow_anonymous", true).map_err(unreadable)?;
        }
        let mut config: Self = builder.build().and_then(config::Config::try_deserialize).map_err(unreadable)?;
        if config.location_roots.is_empty() {
            config.location_roots.push(config.data.join("locations"));
        }
        // As OpenTelemetry's specification has it: an empty variable is none.
        config.otlp_endpoint = config.otlp_endpoint.filter(|endpoint| !endpoint.is_empty());
        config.check()?;
        Ok(config)
    }

    fn check(&self) -> Result<(), ConfigError> {
        let wrong = |key, problem: String| Err(ConfigError::NotSensible { key, problem });
        for (key, address) in [("listen", Some(self.listen)), ("api_listen", self.api_listen)] {
            if let Some(ip) = address.map(|address| address.ip()).filter(|ip| !ip.is_loopback())
                && !self.authentication()
                && !self.allow_anonymous
            {
                return wrong(
                    key,
                    format!(
                        "{ip} can be reached from other machines, and there is no sign-in: use 127.0.0.1 or [::1], set up a provider, or give \
                         --allow-anonymous if everybody who reaches it may do everything"
                    ),
                );
            }
        }
        if self.authentication() && !self.listen.ip().is_loopback() && self.public_url.is_none() {
            return wrong("public_url", "must be set where people sign in from other machines: the provider sends them back there".into());
        }
        if let Some(url) = &self.public_url
            && self.authentication()
            && !self.is_https()
            && !is_loopback_url(url)
        {
            return wrong("public_url", format!("{url:?} must begin with https://: over plain http, sessions could be read on the way"));
        }
        if self.session_idle_seconds == 0 || self.session_max_seconds == 0 {
            return wrong("session_idle_seconds", "must be at least 1, as must session_max_seconds".into());
        }
        providers::check(&self.providers)?;
        if self.upload_max_size == 0 {
            return wrong("upload_max_size", "must be more than 0 bytes".into());
        }
        if self.ring_size == 0 {
            return wrong("ring_size", "must be at least 1".into());
        }
        if [self.monitor_connections, self.monitor_connections_per_address, self.monitor_connections_per_person].contains(&0) {
            return wrong("monitor_connections", "must be at least 1, as must those per address and per person".into());
        }
        if !(100..=600_000).contains(&self.ws_metrics_interval) {
            return wrong("ws_metrics_interval", "must be from 100 to 600000 milliseconds".into());
        }
        if self.task_silence_seconds == 0 {
            return wrong("task_silence_seconds", "must be at least 1".into());
        }
        if !["a3m", "Archivematica", "Unknown"].contains(&self.preservation_system.as_str()) {
            return wrong("preservation_system", format!("{:?} is not one of a3m, Archivematica, Unknown", self.preservation_system));
        }
        if let Some(endpoint) = &self.otlp_endpoint {
            // Whoever reads the settings or the log would read a password in it.
            let plain = ["http://", "https://"].iter().any(|scheme| endpoint.starts_with(scheme)) && !endpoint.contains(['@', '?']);
            if !plain {
                let form = "must be the address of a collector without credentials, e.g. http://127.0.0.1:4318; those belong into OTEL_EXPORTER_OTLP_HEADERS";
                return wrong("otlp_endpoint", form.into());
            }
        }
        for origin in self.allowed_origins.iter().chain(&self.public_url) {
            if !origin.starts_with("http://") && !origin.starts_with("https://") {
                return wrong("allowed_origins", format!("{origin:?} does not begin with http:// or https://; public_url has to as well"));
            }
        }
        Ok(())
    }

    /// Whether people have to sign in.
    #[must_use]
    pub fn authentication(&self) -> bool {
        !self.providers.is_empty()
    }

    /// Whether people reach the service over TLS.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.public_url.as_deref().is_some_and(|url| url.starts_with("https://"))
    }

    /// The database's file.
    #[must_use]
    pub fn database(&self) -> PathBuf {
        self.data.join("strongroom.db")
    }

    /// Settings for a service of its own in this folder, on a port that the system picks: for tests.
    #[must_use]
    pub fn in_folder(data: &Path) -> Self {
        let flags =
            Flags { file: None, listen: Some(SocketAddr::from(([127, 0, 0, 1], 0))), data: Some(data.to_owned()), ..Flags::default() };
        Self::load(&flags, []).unwrap_or_else(|error| unreachable!("the defaults are sensible: {error}"))
    }
}

const DEFAULTS: &str = r#"
listen = "127.0.0.1:8480"
data = "data"
allowed_origins = []
location_roots = []
# 1 TiB
upload_max_size = 1099511627776
preservation_system = "Unknown"
ring_size = 8192
event_retention_days = 0
event_retention_count = 0
monitor_connections = 5000
monitor_connections_per_address = 100
monitor_connections_per_person = 20
ws_metrics_interval = 5000
ws_enabled = true
task_silence_seconds = 60
task_kept_seconds = 900
workflow_retry_ms = 1000
log_format = "text"
providers = []
allow_anonymous = false
session_idle_seconds = 7200
session_max_seconds = 43200
"#;

#[cfg(test)]
mod tests {
    use super::*;

    fn load(environment: &[(&str, &str)]) -> Result<Config, ConfigError> {
        Config::load(&Flags::default(), environment.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())))
    }

    #[test]
    fn the_defaults_are_sensible() {
        let config = load(&[]).expect("sensible");
        assert_eq!(config.listen.to_string(), "127.0.0.1:8480");
        assert_eq!(config.location_roots, [PathBuf::from("data/locations")]);
        assert_eq!(config.api_listen, None);
    }

    #[test]
    fn the_environment_wins_over_the_file_and_flags_over_both() {
        let environment =
            [("STRONGROOM_LISTEN".to_owned(), "127.0.0.1:1".to_owned()), ("STRONGROOM_LOCATION_ROOTS".to_owned(), "a,b".to_owned())];
        let flags = Flags { listen: Some(SocketAddr::from(([127, 0, 0, 1], 2))), ..Flags::default() };
        let config = Config::load(&flags, environment).expect("sensible");
        assert_eq!((config.listen.port(), config.location_roots.len()), (2, 2));
    }

    #[test]
    fn an_unknown_key_is_an_error_that_names_it() {
        let error = load(&[("STRONGROOM_LISTNE", "127.0.0.1:1")]).expect_err("misspelt").to_string();
        assert!(error.contains("listne"), "{error}");
    }

    #[test]
    fn without_sign_in_other_machines_are_refused() {
        for address in ["0.0.0.0:8480", "[::]:8480", "192.0.2.1:80"] {
            let error = load(&[("STRONGROOM_LISTEN", address)]).expect_err("not loopback").to_string();
            assert!(error.contains("no sign-in"), "{error}");
        }
    }

    const PROVIDER: [(&str, &str); 2] = [("STRONGROOM_OIDC_ISSUER", "https://id.example.org"), ("STRONGROOM_OIDC_CLIENT_ID", "strongroom")];

    #[test]
    fn the_environment_can_name_one_provider() {
        let mut environment = PROVIDER.to_vec();
        environment.extend([
            ("STRONGROOM_OIDC_CLIENT_SECRET", "hush-hush"),
            ("STRONGROOM_OIDC_SCOPES", "email,groups"),
            ("STRONGROOM_OIDC_SKIP_EMAIL_VERIFIED", "true"),
            ("STRONGROOM_OIDC_ATTRIBUTES_ENABLED", "true"),
            ("STRONGROOM_OIDC_CLAIM_PATH", "realm_access.roles"),
            ("STRONGROOM_OIDC_CLAIM_PATH_SEPARATOR", "."),
            ("STRONGROOM_OIDC_USE_ROLES", "true"),
            ("STRONGROOM_OIDC_ROLES_MAPPING", r#"{"Admin":["*"],"reader":["storage:aips:list"]}"#),
        ]);
        let config = load(&environment).expect("sensible");
        let provider = &config.providers[0];
        assert_eq!((provider.id.as_str(), provider.audience(), provider.scopes.len()), ("default", "strongroom", 2));
        assert!(provider.skip_email_verified && provider.attributes.use_roles);
        assert_eq!(provider.attributes.roles_mapping["Admin"], ["*"]);
        assert_eq!(provider.client_secret.reveal(), "hush-hush");
        assert!(!format!("{config:?}").contains("hush-hush"), "it is not shown");
        for (name, value) in [("STRONGROOM_OIDC_ISSUR", "x"), ("STRONGROOM_OIDC_ROLES_MAPPING", "{")] {
            let error = load(&[PROVIDER.as_slice(), &[(name, value)]].concat()).expect_err("wrong").to_string();
            assert!(error.to_lowercase().contains(&name["STRONGROOM_OIDC_".len()..].to_lowercase()), "{error}");
        }
    }

    #[test]
    fn the_file_can_name_several() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("strongroom.toml");
        let text = r#"
            public_url = "https://archive.example.org"
            [[providers]]
            id = "staff"
            issuer = "https://id.example.org"
            client_id = "strongroom"
            [providers.attributes]
            enabled = true
            claim_path = "attributes"
            [providers.attributes.roles_mapping]
            Archivist = ["storage:*"]
            [[providers]]
            id = "guests"
            issuer = "https://guests.example.org"
            client_id = "strongroom"
        "#;
        std::fs::write(&file, text).expect("written");
        let flags = Flags { file: Some(file), listen: Some(SocketAddr::from(([0, 0, 0, 0], 80))), ..Flags::default() };
        let config = Config::load(&flags, []).expect("with sign-in, other machines may come");
        assert_eq!(config.providers.len(), 2);
        assert_eq!(config.providers[0].attributes.roles_mapping["Archivist"], ["storage:*"], "letters stay as they are written");
    }

    #[test]
    fn sign_in_is_not_set_up_by_halves() {
        let with = |more: &[(&str, &str)]| load(&[PROVIDER.as_slice(), more].concat()).map_err(|error| error.to_string());
        assert!(with(&[]).is_ok());
        for (name, value, told) in [
            ("STRONGROOM_OIDC_ISSUER", "http://id.example.org", "https"),
            ("STRONGROOM_OIDC_CLIENT_ID", "", "client_id"),
            ("STRONGROOM_OIDC_ID", "a b", "letters"),
            ("STRONGROOM_OIDC_ATTRIBUTES_ENABLED", "true", "claim_path"),
            ("STRONGROOM_OIDC_USE_ROLES", "true", "roles_mapping"),
            ("STRONGROOM_LISTEN", "0.0.0.0:80", "public_url"),
            ("STRONGROOM_PUBLIC_URL", "http://archive.example.org", "https"),
        ] {
            let error = with(&[(name, value)]).expect_err(name);
            assert!(error.contains(told), "{name}: {error}");
        }
    }

    #[test]
    fn traces_are_off_unless_a_collector_is_named() {
        assert_eq!(load(&[]).expect("sensible").otlp_endpoint, None);
        assert_eq!(load(&[("OTEL_EXPORTER_OTLP_ENDPOINT", "")]).expect("sensible").otlp_endpoint, None);
        for name in ["OTEL_EXPORTER_OTLP_ENDPOINT", "STRONGROOM_OTLP_ENDPOINT"] {
            let config = load(&[(name, "http://127.0.0.1:4318")]).expect("sensible");
            assert_eq!(config.otlp_endpoint.as_deref(), Some("http://127.0.0.1:4318"));
            for wrong in ["collector:4317", "https://name:hush-hush@collector"] {
                let error = load(&[(name, wrong)]).expect_err(wrong).to_string();
                assert!(error.contains("otlp_endpoint") && !error.contains("hush"), "{error}");
            }
        }
    }

    #[test]
    fn the_log_is_text_or_json() {
        assert_eq!(load(&[("STRONGROOM_LOG_FORMAT", "json")]).expect("sensible").log_format, LogFormat::Json);
        let error = load(&[("STRONGROOM_LOG_FORMAT", "xml")]).expect_err("neither").to_string();
        assert!(error.contains("xml") && error.contains("json"), "{error}");
    }

    #[test]
    fn whoever_wants_no_sign_in_on_a_network_has_to_say_so() {
        let flags = Flags { listen: Some(SocketAddr::from(([0, 0, 0, 0], 80))), allow_anonymous: true, ..Flags::default() };
        assert!(Config::load(&flags, []).is_ok());
    }

    #[test]
    fn the_file_beside_the_sources_holds_only_known_keys() {
        assert!(Config::load(&Flags { file: Some(PathBuf::from("Leptos.toml")), ..Flags::default() }, []).is_ok());
    }
}
