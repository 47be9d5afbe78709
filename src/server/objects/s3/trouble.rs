//! What went wrong with a store, in words that hold nothing of what was sent to it: no credentials, no signatures, no bodies.

use crate::server::objects::StoreError;
use opendal::{Error, ErrorKind};
use std::{error::Error as _, fmt, io};

/// Why a store did not do what was asked, for a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Trouble {
    cause: String,
    temporary: bool,
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.cause)
    }
}

impl Trouble {
    /// Reads an error. Of the store's own words only its code is taken, which is one word.
    pub(super) fn of(error: &Error) -> Self {
        // "Persistent" is what was temporary and still went wrong when it was tried again.
        let passing = error.is_temporary() || error.is_persistent();
        let code = code(error.message());
        let (cause, temporary) = match (error.kind(), code) {
            (_, Some("NoSuchBucket")) => ("there is no such bucket".into(), false),
            (_, Some("InvalidAccessKeyId")) => ("the store does not know the access key".into(), false),
            (_, Some("SignatureDoesNotMatch")) => ("the secret does not belong to the access key".into(), false),
            (_, Some("ExpiredToken" | "InvalidToken")) => ("the session token is not valid any more".into(), false),
            (_, Some("RequestTimeTooSkewed")) => ("the clocks of the store and of this machine differ too much".into(), true),
            (_, Some("NotImplemented")) => {
                ("it cannot refuse a name that is taken (If-None-Match), so packages would not be safe in it".into(), false)
            }
            (ErrorKind::PermissionDenied, _) => ("the store does not allow it with these credentials".into(), false),
            (ErrorKind::RateLimited, _) => ("the store asks to be left alone for a while".into(), true),
            (ErrorKind::Conflict, _) => ("another change of the same object is under way".into(), true),
            (ErrorKind::NotFound, _) => ("there is no such object".into(), false),
            (ErrorKind::ConditionNotMatch, _) => ("the name is taken".into(), false),
            (_, Some(code)) => (format!("the store answered {code}"), passing),
            (_, None) => without_code(error, passing),
        };
        Self { cause, temporary }
    }

    pub(super) fn into_store_error(self, action: &'static str) -> StoreError {
        StoreError::Remote { action, cause: self.cause, temporary: self.temporary }
    }
}

fn without_code(error: &Error, passing: bool) -> (String, bool) {
    let message = error.message();
    if message.contains("timeout") {
        return ("the store did not answer in time".into(), true);
    }
    if message.contains("credential") {
        return ("there are no credentials for it: give an access key and its secret".into(), false);
    }
    let mut cause = error.source();
    let mut unknown_name = false;
    while let Some(error) = cause {
        if let Some(error) = error.downcast_ref::<io::Error>()
            && error.kind() == io::ErrorKind::ConnectionRefused
        {
            return ("nothing listens at its address".into(), true);
        }
        unknown_name |= error.to_string().contains("dns error");
        cause = error.source();
    }
    match (unknown_name, error.source().is_some(), passing) {
        (true, ..) => ("the name of its host is not known".into(), true),
        (false, true, true) => ("the connection broke".into(), true),
        (false, false, true) => ("the store has a fault of its own for the moment".into(), true),
        (false, _, false) => ("it does not answer as an S3-compatible store does".into(), false),
    }
}

/// The code in what is left of the store's XML.
fn code(message: &str) -> Option<&str> {
    let (_, rest) = message.split_once("code: \"")?;
    let (code, _) = rest.split_once('"')?;
    (!code.is_empty() && code.len() <= 64 && code.bytes().all(|byte| byte.is_ascii_alphanumeric())).then_some(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_the_stores_words_only_the_code_is_taken() {
        let said = |kind, message: &str| Trouble::of(&Error::new(kind, message));
        let xml = "S3Error { code: \"AccessDenied\", message: \"hush AKIA\", resource: \"/b\", request_id: \"1\" }";
        let denied = said(ErrorKind::PermissionDenied, xml);
        assert!(!denied.to_string().contains("hush") && !denied.temporary, "{denied}");
        let strange = said(ErrorKind::Unexpected, "S3Error { code: \"EntityTooLarge\", message: \"hush\" }");
        assert_eq!(strange.to_string(), "the store answered EntityTooLarge");
        let html = said(ErrorKind::Unexpected, "<html>hush</html>");
        assert!(!html.to_string().contains("hush") && !html.temporary, "{html}");
        let twisted = said(ErrorKind::Unexpected, "S3Error { code: \"hush hush\" }");
        assert!(!twisted.to_string().contains("hush"), "{twisted}");
    }

    #[test]
    fn what_may_pass_is_temporary_also_after_it_was_tried_again() {
        let passing = Error::new(ErrorKind::Unexpected, "S3Error { code: \"InternalError\" }");
        assert!(Trouble::of(&passing.set_temporary()).temporary);
        assert!(Trouble::of(&Error::new(ErrorKind::Unexpected, "").set_persistent()).temporary);
        assert!(Trouble::of(&Error::new(ErrorKind::Unexpected, "operation timeout reached").set_persistent()).temporary);
    }
}
