//! Identity providers: who vouches for people, and how what they may do is read from what the provider says of them
//! (`storage-api.md` sections 5.1 and 5.2).

use super::{ConfigError, Secret};
use crate::server::http::origin::is_loopback_url;
use serde::Deserialize;
use std::collections::BTreeMap;

/// One OpenID Connect provider: `[[providers]]` in the settings file, or `STRONGROOM_OIDC_*` for a single one.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProviderConfig {
    /// Its name in addresses.
    #[serde(default = "default_id")]
    pub id: String,
    /// What people call it; its `id` when absent.
    #[serde(default)]
    pub name: String,
    /// Its address, exactly as in the `iss` of its tokens.
    pub issuer: String,
    /// What it knows this service by.
    pub client_id: String,
    /// What this service proves itself with; empty for a public client.
    #[serde(default)]
    pub client_secret: Secret,
    /// What the `aud` of a program's token has to contain; the `client_id` when absent.
    #[serde(default)]
    pub audience: String,
    /// What is asked for at sign-in, besides `openid`.
    #[serde(default = "default_scopes")]
    pub scopes: Vec<String>,
    /// Whether people are let in whose email address the provider has not verified.
    #[serde(default)]
    pub skip_email_verified: bool,
    /// How permissions are read.
    #[serde(default)]
    pub attributes: AttributesConfig,
}

/// How permissions are read from the claims.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AttributesConfig {
    /// Whether they are. If not, whoever is signed in may do everything.
    pub enabled: bool,
    /// The claim that lists them.
    pub claim_path: String,
    /// What divides `claim_path` into the names of nested objects; empty: it is one name.
    pub claim_path_separator: String,
    /// Only values that begin so count, and without it.
    pub claim_value_prefix: String,
    /// Whether the values are roles, which `roles_mapping` turns into attributes.
    pub use_roles: bool,
    /// Role → attributes.
    pub roles_mapping: BTreeMap<String, Vec<String>>,
}

fn default_id() -> String {
    "default".into()
}

fn default_scopes() -> Vec<String> {
    ["profile", "email"].map(str::to_owned).into()
}

impl ProviderConfig {
    /// What the `aud` of a program's token has to contain.
    #[must_use]
    pub fn audience(&self) -> &str {
        if self.audience.is_empty() { &self.client_id } else { &self.audience }
    }

    /// What people call it.
    #[must_use]
    pub fn display_name(&self) -> &str {
        if self.name.is_empty() { &self.id } else { &self.name }
    }
}

/// Whether these providers can be used together.
pub(super) fn check(providers: &[ProviderConfig]) -> Result<(), ConfigError> {
    let wrong = |problem: String| Err(ConfigError::NotSensible { key: "providers", problem });
    for (index, provider) in providers.iter().enumerate() {
        let ProviderConfig { id, issuer, client_id, attributes, .. } = provider;
        if id.is_empty() || !id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_') {
            return wrong(format!("the id {id:?} must be made of letters, digits, - and _"));
        }
        if providers[..index].iter().any(|other| other.id == *id) {
            return wrong(format!("two have the id {id}; give each another one"));
        }
        if client_id.is_empty() {
            return wrong(format!("{id}: client_id must not be empty"));
        }
        if !issuer.starts_with("https://") && !is_loopback_url(issuer) {
            return wrong(format!("{id}: the issuer {issuer:?} must begin with https://, since its keys decide who is let in"));
        }
        if attributes.enabled && attributes.claim_path.is_empty() {
            return wrong(format!("{id}: attributes are enabled, so claim_path must name the claim that lists them"));
        }
        if attributes.use_roles && attributes.roles_mapping.is_empty() {
            return wrong(format!("{id}: use_roles needs a roles_mapping, or nobody may do anything"));
        }
    }
    Ok(())
}
