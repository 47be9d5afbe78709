//! `GET /api/user`: who is signed in, and what they may do. Ours.

use crate::domain::Permissions;
use serde::{Deserialize, Serialize};

/// Who asks, as the service sees them. Answered with 200 to everybody, also to who is not signed in.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
pub struct User {
    /// Whether people have to sign in here.
    pub authentication: bool,
    /// What they are called; absent while nobody is signed in, and where nobody has to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Their attributes; absent where none are asked for: then everything is allowed to whoever is signed in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attributes: Option<Vec<String>>,
    /// What changes have to carry in the header [`CSRF_HEADER`]; absent where there is no session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub csrf: Option<String>,
    /// The providers that one can sign in with.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub providers: Vec<Provider>,
}

/// An identity provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Provider {
    /// Its name in addresses, e.g. `/api/auth/signin?provider=archive`.
    pub id: String,
    /// What people call it.
    pub name: String,
}

/// The header in which a change made with a session carries its token.
pub const CSRF_HEADER: &str = "strongroom-csrf";

impl User {
    /// Whether nobody is signed in where somebody has to be.
    #[must_use]
    pub fn is_absent(&self) -> bool {
        self.authentication && self.name.is_none()
    }

    /// Whether this attribute is held (`storage-api.md` section 5.2).
    #[must_use]
    pub fn may(&self, attribute: &str) -> bool {
        !self.is_absent() && self.permissions().allow(attribute)
    }

    fn permissions(&self) -> Permissions {
        self.attributes.clone().map_or(Permissions::All, Permissions::Only)
    }
}
