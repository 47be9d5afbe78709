//! How the API tells that something went wrong: three shapes (`storage-api.md` section 1.1), told apart by their fields.

use crate::bag::Verdict;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Shape A, the error object. All of its first six fields are always present.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(example = json!({
    "name": "not_valid", "id": "q3Zk9wAb", "message": "AIP is not stored", "temporary": false, "timeout": false, "fault": false
}))]
pub struct ErrorObject {
    /// What kind of problem, e.g. `not_valid`.
    pub name: String,
    /// Random per occurrence: eight characters of base64url, also in the log.
    pub id: String,
    /// What happened, for a person.
    pub message: String,
    /// Trying again may help.
    pub temporary: bool,
    /// It took too long.
    pub timeout: bool,
    /// It is the server's fault.
    pub fault: bool,
    /// What was found in a package that was refused. Ours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub verdict: Option<Box<Verdict>>,
}

/// Shape B: an AIP or a location that does not exist.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(example = json!({ "message": "AIP not found", "uuid": "d1845cb6-a5ea-474a-9ab8-26f9bcd919f5" }))]
pub struct NotFound {
    /// `AIP not found`, `location not found`.
    pub message: String,
    /// Which one.
    pub uuid: Uuid,
}

/// A problem as a client meets it, whatever its shape.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, thiserror::Error)]
#[error("{message}")]
pub struct Problem {
    /// The HTTP status; 0 when no answer came at all.
    pub status: u16,
    /// What kind of problem; empty for the shapes that do not say.
    pub name: String,
    /// What happened, for a person.
    pub message: String,
    /// What was found in a package that was refused.
    pub verdict: Option<Box<Verdict>>,
}

impl Problem {
    /// Reads whichever of the shapes `body` is.
    #[must_use]
    pub fn read(status: u16, body: &str) -> Self {
        /// Shapes A and B in one.
        #[derive(Deserialize)]
        struct Object {
            #[serde(default = "not_found")]
            name: String,
            message: String,
            verdict: Option<Box<Verdict>>,
        }
        fn not_found() -> String {
            "not_found".into()
        }

        if let Ok(Object { name, message, verdict }) = serde_json::from_str(body) {
            return Self { status, name, message, verdict };
        }
        let message = serde_json::from_str(body).unwrap_or_else(|_| format!("The server answered with status {status}."));
        Self { status, name: String::new(), message, verdict: None }
    }

    /// No answer came: `cause` says why, as far as that is known.
    #[must_use]
    pub fn unreachable(cause: impl std::fmt::Display) -> Self {
        Self {
            status: 0,
            name: "unreachable".into(),
            message: format!("The server cannot be reached ({cause}). Nothing was changed; try again when the connection is back."),
            verdict: None,
        }
    }

    /// The thing asked for does not exist.
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        self.status == 404
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_shape_is_read() {
        let a = Problem::read(
            400,
            r#"{"name":"not_valid","id":"q3Zk9wAb","message":"AIP is not stored","temporary":false,"timeout":false,"fault":false}"#,
        );
        assert_eq!((a.name.as_str(), a.message.as_str()), ("not_valid", "AIP is not stored"));
        let b = Problem::read(404, r#"{"message":"AIP not found","uuid":"d1845cb6-a5ea-474a-9ab8-26f9bcd919f5"}"#);
        assert!(b.is_not_found() && b.message == "AIP not found");
        assert_eq!(Problem::read(401, "\"Unauthorized\"").message, "Unauthorized");
        assert_eq!(Problem::read(502, "<html>").message, "The server answered with status 502.");
    }
}
