//! `STRONGROOM_*` variables.

use super::ConfigError;
use config::{Map, Value};

const PREFIX: &str = "STRONGROOM_";

/// Variables with our prefix that are not settings of the service: for the command line, the tests and the set-up.
const NOT_SETTINGS: [&str; 9] = ["SERVER", "TOKEN", "TOKEN_FILE", "TOOLS", "BIN", "SHARED_DATA", "CHROMIUM", "SITE", "CONFIG"];

/// Settings whose value is a list, comma-separated in the environment.
const LISTS: [&str; 2] = ["allowed_origins", "location_roots"];

/// Settings that are also known by names without the prefix, as other systems of this kind call them.
const BARE: [(&str, &str); 3] =
    [("WS_METRICS_INTERVAL", "ws_metrics_interval"), ("WS_ENABLED", "ws_enabled"), ("OTEL_EXPORTER_OTLP_ENDPOINT", "otlp_endpoint")];

/// What the variables of the one provider that can be named here begin with.
const PROVIDER: &str = "oidc_";

/// Those of them that belong to its attributes, and what they are called there.
const ATTRIBUTES: [(&str, &str); 6] = [
    ("attributes_enabled", "enabled"),
    ("claim_path", "claim_path"),
    ("claim_path_separator", "claim_path_separator"),
    ("claim_value_prefix", "claim_value_prefix"),
    ("use_roles", "use_roles"),
    ("roles_mapping", "roles_mapping"),
];

/// The settings among some variables. Keys that are none are passed on, to be refused by name.
///
/// # Errors
/// When a value is not of the form that its setting has.
pub(super) fn settings(environment: impl IntoIterator<Item = (String, String)>) -> Result<Vec<(String, Value)>, ConfigError> {
    let mut settings = Vec::new();
    let (mut provider, mut attributes) = (Map::new(), Map::new());
    for (name, value) in environment {
        if let Some((_, key)) = BARE.iter().find(|(bare, _)| *bare == name) {
            settings.push(((*key).to_owned(), Value::from(value)));
            continue;
        }
        let Some(key) = name.strip_prefix(PREFIX).filter(|key| !NOT_SETTINGS.contains(key)) else { continue };
        let key = key.to_lowercase();
        let Some(of_provider) = key.strip_prefix(PROVIDER) else {
            let value = if LISTS.contains(&key.as_str()) { list(&value) } else { Value::from(value) };
            settings.push((key, value));
            continue;
        };
        match ATTRIBUTES.iter().find(|(variable, _)| *variable == of_provider) {
            Some((_, "roles_mapping")) => attributes.insert("roles_mapping".into(), roles(&name, &value)?),
            Some((_, setting)) => attributes.insert((*setting).to_owned(), Value::from(value)),
            None if of_provider == "scopes" => provider.insert("scopes".into(), list(&value)),
            None => provider.insert(of_provider.to_owned(), Value::from(value)),
        };
    }
    if !attributes.is_empty() {
        provider.insert("attributes".into(), Value::from(attributes));
    }
    if !provider.is_empty() {
        settings.push(("providers".into(), Value::from(vec![Value::from(provider)])));
    }
    Ok(settings)
}

fn list(value: &str) -> Value {
    Value::from(value.split(',').map(str::trim).filter(|item| !item.is_empty()).map(Value::from).collect::<Vec<_>>())
}

/// `{"role": ["attribute", …], …}`, as JSON: environments hold no tables.
fn roles(name: &str, value: &str) -> Result<Value, ConfigError> {
    let mapping: std::collections::BTreeMap<String, Vec<String>> = serde_json::from_str(value)
        .map_err(|error| ConfigError::Unreadable(format!("{name} is not JSON of the form {{\"role\": [\"attribute\"]}}: {error}")))?;
    let table: Map<String, Value> = mapping
        .into_iter()
        .map(|(role, attributes)| (role, Value::from(attributes.into_iter().map(Value::from).collect::<Vec<_>>())))
        .collect();
    Ok(Value::from(table))
}
