//! From what a provider says of somebody to who they are and what they may do (`storage-api.md` sections 5.1 and 5.2). Pure.

use crate::{
    domain::{Permissions, Person},
    server::config::{AttributesConfig, ProviderConfig},
};
use serde_json::{Map, Value};

/// What a token says, whose signature was checked.
pub type Claims = Map<String, Value>;

/// Who somebody is and what they may do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// Who.
    pub person: Person,
    /// Whether the provider says what they are called; if not, they are called by their `sub`.
    pub named: bool,
    /// What.
    pub permissions: Permissions,
}

/// Why somebody is not let in although their provider knows them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// No `iss` or `sub`: nobody is meant.
    #[error("the token names nobody: iss or sub is missing")]
    Nobody,
    /// `email_verified` is not true, and has to be.
    #[error("the provider has not verified the email address")]
    EmailNotVerified,
    /// The claim that lists the attributes is missing, or is no list.
    #[error("the claim that lists the permissions is missing, or is not a list")]
    NoAttributes,
}

/// Reads who is meant.
///
/// # Errors
/// When they are not to be let in.
pub fn identify(provider: &ProviderConfig, claims: &Claims) -> Result<Identity, Refusal> {
    let issuer = text(claims, "iss").ok_or(Refusal::Nobody)?;
    let subject = text(claims, "sub").ok_or(Refusal::Nobody)?;
    if !provider.skip_email_verified && claims.get("email_verified") != Some(&Value::Bool(true)) {
        return Err(Refusal::EmailNotVerified);
    }
    let name = ["email", "preferred_username", "name"].into_iter().find_map(|claim| text(claims, claim));
    let permissions = if provider.attributes.enabled {
        Permissions::Only(attributes(&provider.attributes, claims).ok_or(Refusal::NoAttributes)?)
    } else {
        Permissions::All
    };
    let person = Person { issuer: issuer.into(), subject: subject.into(), name: name.unwrap_or(subject).into() };
    Ok(Identity { person, named: name.is_some(), permissions })
}

/// The claims that are read of everybody.
const READ: [&str; 6] = ["iss", "sub", "email", "email_verified", "preferred_username", "name"];

/// The claims that [`identify`] reads: all that is kept of a sign-in.
#[must_use]
pub fn kept(provider: &ProviderConfig, claims: &Claims) -> Claims {
    wanted(provider).filter_map(|claim| Some((claim.to_owned(), claims.get(claim)?.clone()))).collect()
}

/// Whether there are claims that [`identify`] would read and that are not there.
#[must_use]
pub fn lacks(provider: &ProviderConfig, claims: &Claims) -> bool {
    wanted(provider).any(|claim| !claims.contains_key(claim))
}

fn wanted(provider: &ProviderConfig) -> impl Iterator<Item = &str> {
    let attributes = provider.attributes.enabled.then(|| path(&provider.attributes).next()).flatten();
    READ.into_iter().chain(attributes)
}

fn text<'a>(claims: &'a Claims, name: &str) -> Option<&'a str> {
    claims.get(name)?.as_str().filter(|text| !text.is_empty())
}

/// The names that lead to the claim with the attributes.
fn path(config: &AttributesConfig) -> impl Iterator<Item = &str> {
    let separator = config.claim_path_separator.as_str();
    // Splitting by nothing would split between all letters.
    let parts = if separator.is_empty() { vec![config.claim_path.as_str()] } else { config.claim_path.split(separator).collect() };
    parts.into_iter()
}

fn attributes(config: &AttributesConfig, claims: &Claims) -> Option<Vec<String>> {
    let mut names = path(config);
    let first = claims.get(names.next()?)?;
    let values = names.try_fold(first, |value, name| value.as_object()?.get(name))?.as_array()?;
    let values = values.iter().filter_map(Value::as_str).filter_map(|value| value.strip_prefix(&config.claim_value_prefix));
    let mut attributes: Vec<String> = if config.use_roles {
        values.filter_map(|role| config.roles_mapping.get(role)).flatten().cloned().collect()
    } else {
        values.map(str::to_owned).collect()
    };
    attributes.sort_unstable();
    attributes.dedup();
    Some(attributes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn provider(attributes: &Value) -> ProviderConfig {
        let json = json!({ "issuer": "https://id.example.org", "client_id": "strongroom", "attributes": attributes });
        serde_json::from_value(json).expect("a provider")
    }

    fn claims(more: &Value) -> Claims {
        let mut claims = json!({ "iss": "https://id.example.org", "sub": "1", "email_verified": true });
        let more = more.as_object().expect("claims").clone();
        claims.as_object_mut().expect("claims").extend(more);
        claims.as_object().expect("claims").clone()
    }

    fn read(attributes: &Value, more: &Value) -> Result<Vec<String>, Refusal> {
        match identify(&provider(attributes), &claims(more))?.permissions {
            Permissions::All => Ok(vec!["everything".into()]),
            Permissions::Only(held) => Ok(held),
        }
    }

    #[test]
    fn people_are_called_by_email_then_user_name_then_name() {
        let none = json!({});
        for (more, name, named) in [
            (json!({ "email": "a@example.org", "preferred_username": "ada", "name": "Ada" }), "a@example.org", true),
            (json!({ "email": "", "preferred_username": "ada", "name": "Ada" }), "ada", true),
            (json!({ "name": "Ada" }), "Ada", true),
            (json!({}), "1", false),
        ] {
            let found = identify(&provider(&none), &claims(&more)).expect("somebody");
            assert_eq!((found.person.name.as_str(), found.named), (name, named));
        }
    }

    #[test]
    fn the_email_address_has_to_be_verified_unless_nobody_asks() {
        for verified in [json!(false), json!("true"), json!(1), Value::Null] {
            assert_eq!(read(&json!({}), &json!({ "email_verified": verified })), Err(Refusal::EmailNotVerified));
        }
        let lenient = ProviderConfig { skip_email_verified: true, ..provider(&json!({})) };
        assert!(identify(&lenient, &claims(&json!({ "email_verified": false }))).is_ok());
    }

    #[test]
    fn nobody_is_let_in() {
        for claim in ["iss", "sub"] {
            for value in [Value::Null, json!(""), json!(7)] {
                assert_eq!(read(&json!({}), &json!({ claim: value })), Err(Refusal::Nobody), "{claim}");
            }
        }
    }

    #[test]
    fn attributes_are_found_where_the_configuration_says() {
        let at = |path: &str, separator: &str| json!({ "enabled": true, "claim_path": path, "claim_path_separator": separator });
        assert_eq!(read(&at("a", ""), &json!({ "a": ["y", "x", "y", 7] })), Ok(vec!["x".into(), "y".into()]));
        assert_eq!(read(&at("a.b", "."), &json!({ "a": { "b": ["x"] } })), Ok(vec!["x".into()]));
        assert_eq!(read(&at("a.b", ""), &json!({ "a.b": ["x"] })), Ok(vec!["x".into()]), "without a separator it is one name");
        assert_eq!(read(&at("https://example.org/b::c", "::"), &json!({ "https://example.org/b": { "c": ["x"] } })), Ok(vec!["x".into()]));
        assert_eq!(read(&at("a", ""), &json!({ "a": [] })), Ok(vec![]), "an empty list is one: nothing is allowed");
    }

    #[test]
    fn a_claim_that_is_missing_or_no_list_lets_nobody_in() {
        let config = json!({ "enabled": true, "claim_path": "a.b", "claim_path_separator": "." });
        for more in [json!({}), json!({ "a": ["x"] }), json!({ "a": { "b": "x" } }), json!({ "a": { "b": null } }), json!({ "a.b": ["x"] })]
        {
            assert_eq!(read(&config, &more), Err(Refusal::NoAttributes), "{more}");
        }
        assert_eq!(read(&json!({ "enabled": false, "claim_path": "a" }), &json!({})), Ok(vec!["everything".into()]));
    }

    #[test]
    fn only_values_with_the_prefix_count_and_roles_become_attributes() {
        let prefixed = json!({ "enabled": true, "claim_path": "a", "claim_value_prefix": "strongroom:" });
        assert_eq!(read(&prefixed, &json!({ "a": ["strongroom:*", "other:*", "*"] })), Ok(vec!["*".into()]));
        let roles = json!({
            "enabled": true, "claim_path": "a", "claim_value_prefix": "sr-", "use_roles": true,
            "roles_mapping": { "reader": ["storage:aips:list", "storage:aips:read"], "Admin": ["*", "storage:aips:list"] }
        });
        assert_eq!(
            read(&roles, &json!({ "a": ["sr-reader", "sr-Admin", "Admin", "sr-unknown", "*", "sr-*"] })),
            Ok(vec!["*".into(), "storage:aips:list".into(), "storage:aips:read".into()])
        );
    }

    #[test]
    fn only_what_is_read_is_kept_and_says_the_same() {
        let provider = provider(&json!({ "enabled": true, "claim_path": "a.b", "claim_path_separator": "." }));
        let claims = claims(&json!({ "a": { "b": ["x"] }, "name": "Ada", "address": { "street": "1 High Street" }, "at_hash": "x" }));
        let kept = kept(&provider, &claims);
        assert!(!kept.contains_key("address") && !kept.contains_key("at_hash"));
        assert_eq!(identify(&provider, &kept), identify(&provider, &claims));
    }
}
