//! `STRONGROOM_*` variables.

use config::Value;

const PREFIX: &str = "STRONGROOM_";

/// Variables with our prefix that are not settings of the service: for the command line, the tests and the set-up.
const NOT_SETTINGS: [&str; 7] = ["SERVER", "TOOLS", "BIN", "SHARED_DATA", "CHROMIUM", "SITE", "CONFIG"];

/// Settings whose value is a list, comma-separated in the environment.
const LISTS: [&str; 2] = ["allowed_origins", "location_roots"];

/// The settings among some variables. Keys that are none are passed on, to be refused by name.
pub(super) fn settings(environment: impl IntoIterator<Item = (String, String)>) -> Vec<(String, Value)> {
    environment
        .into_iter()
        .filter_map(|(name, value)| {
            let key = name.strip_prefix(PREFIX)?;
            if NOT_SETTINGS.contains(&key) {
                return None;
            }
            let key = key.to_lowercase();
            let value = if LISTS.contains(&key.as_str()) {
                Value::from(value.split(',').map(str::trim).filter(|item| !item.is_empty()).map(Value::from).collect::<Vec<_>>())
            } else {
                Value::from(value)
            };
            Some((key, value))
        })
        .collect()
}
