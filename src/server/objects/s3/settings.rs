//! From what somebody typed to a way to a bucket.

use opendal::{Operator, services};
use reqwest::Url;

/// Where the packages of a location lie when no endpoint is given.
const AMAZON: &str = "https://s3.amazonaws.com";

/// How a bucket is reached. Holds credentials, so it has no `Debug`.
pub struct S3Settings<'a> {
    /// The bucket.
    pub bucket: &'a str,
    /// Its region; many stores take any.
    pub region: &'a str,
    /// Address of the store; Amazon's when absent.
    pub endpoint: Option<&'a str>,
    /// Whether the bucket stands in the path rather than in the host's name.
    pub path_style: bool,
    /// Who asks. Without any: whom the service's own environment says (variables, instance role).
    pub credentials: Option<S3Credentials<'a>>,
}

/// Who asks a store.
pub struct S3Credentials<'a> {
    /// Access key.
    pub key: &'a str,
    /// Secret key.
    pub secret: &'a str,
    /// Session token, for temporary keys.
    pub token: Option<&'a str>,
}

/// What is wrong with settings. Repeats nothing that was typed: it might be a secret in the wrong field.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {problem}")]
pub struct SettingsError {
    field: &'static str,
    problem: &'static str,
}

fn wrong<T>(field: &'static str, problem: &'static str) -> Result<T, SettingsError> {
    Err(SettingsError { field, problem })
}

impl S3Settings<'_> {
    /// Where this leads, so that two locations do not share one bucket: host (with port and path) and bucket.
    ///
    /// # Errors
    /// When it leads nowhere.
    pub fn place(&self) -> Result<(String, String), SettingsError> {
        let endpoint = self.endpoint()?;
        let host = endpoint.host_str().unwrap_or_default().trim_end_matches('.');
        // One name space, whichever of its many addresses is used.
        if host == "amazonaws.com" || host.ends_with(".amazonaws.com") {
            return Ok(("amazonaws.com".into(), self.bucket.into()));
        }
        let host = host.strip_prefix(&format!("{}.", self.bucket)).unwrap_or(host);
        let port = endpoint.port_or_known_default().unwrap_or_default();
        Ok((format!("{host}:{port}{}", endpoint.path().trim_end_matches('/')), self.bucket.into()))
    }

    fn endpoint(&self) -> Result<Url, SettingsError> {
        let text = self.endpoint.map(str::trim).filter(|text| !text.is_empty()).unwrap_or(AMAZON);
        let text = if text.contains("://") { text.to_owned() } else { format!("https://{text}") };
        let Ok(url) = Url::parse(&text) else { return wrong("endpoint", "must be an address such as https://s3.example.org") };
        if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
            return wrong("endpoint", "must begin with https:// or http://");
        }
        if !url.username().is_empty() || url.password().is_some() {
            return wrong("endpoint", "must hold no credentials: they have fields of their own");
        }
        if url.query().is_some() || url.fragment().is_some() {
            return wrong("endpoint", "must end with the host, or a path");
        }
        Ok(url)
    }

    pub(super) fn operator(&self) -> Result<Operator, SettingsError> {
        let plain = |text: &str, more: &[char]| text.chars().all(|c| c.is_ascii_alphanumeric() || more.contains(&c));
        if self.bucket.is_empty() || self.bucket.len() > 255 || !plain(self.bucket, &['.', '-', '_']) {
            return wrong("bucket", "must be a bucket's name: letters, digits, \".\", \"-\" and \"_\"");
        }
        // It becomes part of a host's name.
        if self.region.is_empty() || self.region.len() > 64 || !plain(self.region, &['-', '_']) {
            return wrong("region", "must be a region's name, such as eu-central-1; stores of your own often take any");
        }
        let endpoint = self.endpoint()?;
        // A bucket cannot stand before an address of numbers, nor, with a dot in it, under a certificate for one level.
        let by_path = self.path_style || endpoint.domain().is_none_or(|name| name == "localhost") || self.bucket.contains('.');
        let mut builder = services::S3::default().bucket(self.bucket).region(self.region).endpoint(endpoint.as_str().trim_end_matches('/'));
        if !by_path {
            builder = builder.enable_virtual_host_style();
        }
        if let Some(S3Credentials { key, secret, token }) = &self.credentials {
            if key.is_empty() || secret.is_empty() {
                return wrong("key", "an access key and its secret go together");
            }
            if [Some(*key), Some(*secret), *token].into_iter().flatten().any(|text| text.chars().any(char::is_control)) {
                return wrong("key", "access key, secret and token must hold no line breaks or other control characters");
            }
            builder = builder.access_key_id(key).secret_access_key(secret).disable_config_load().disable_ec2_metadata();
            if let Some(token) = token {
                builder = builder.session_token(token);
            }
        }
        // The client that all operators share; the first call makes it.
        opendal::install_default();
        // Its own words could repeat what was typed.
        Operator::new(builder).or_else(|_not_shown| wrong("endpoint", "cannot be used together with this bucket and region"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings<'a>(bucket: &'a str, region: &'a str, endpoint: &'a str) -> S3Settings<'a> {
        let credentials = Some(S3Credentials { key: "key", secret: "secret", token: None });
        S3Settings { bucket, region, endpoint: Some(endpoint), path_style: false, credentials }
    }

    #[test]
    fn what_leads_nowhere_is_told_by_its_field() {
        for (bucket, region, endpoint, field) in [
            ("", "r", "https://s3.example.org", "bucket: "),
            ("a/b", "r", "https://s3.example.org", "bucket: "),
            ("b", "", "https://s3.example.org", "region: "),
            ("b", "evil.example/", "", "region: "),
            ("b", "r", "ftp://s3.example.org", "endpoint: "),
            ("b", "r", "https://key:hush@s3.example.org", "endpoint: "),
            ("b", "r", "https://s3.example.org/?x=hush", "endpoint: "),
            ("b", "r", "https://", "endpoint: "),
        ] {
            let error = settings(bucket, region, endpoint).operator().expect_err(field).to_string();
            assert!(error.starts_with(field) && !error.contains("hush"), "{error}");
        }
        let mut half = settings("b", "r", "https://s3.example.org");
        half.credentials = Some(S3Credentials { key: "key", secret: "", token: None });
        assert!(half.operator().is_err());
        assert!(settings("b", "r", "s3.example.org").operator().is_ok());
    }

    #[test]
    fn one_place_has_one_name() {
        let place = |bucket, endpoint| settings(bucket, "r", endpoint).place().expect("somewhere");
        for same in ["https://s3.example.org/", "s3.example.org", "https://S3.example.org:443", "https://b.s3.example.org"] {
            assert_eq!(place("b", same), place("b", "https://s3.example.org"), "{same}");
        }
        assert_eq!(place("b", ""), place("b", "https://s3.eu-central-1.amazonaws.com"));
        for other in ["https://s3.example.com", "http://s3.example.org:9000", "https://s3.example.org/tenant"] {
            assert_ne!(place("b", other), place("b", "https://s3.example.org"), "{other}");
        }
        assert_ne!(place("a", ""), place("b", ""));
    }
}
