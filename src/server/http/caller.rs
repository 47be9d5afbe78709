//! Who makes a request, and whether they may.
//!
//! A handler takes [`Caller`] before its path and body and asks it *after* they were read: a malformed request is told so before
//! anybody is asked who they are (`storage-api.md` section 1, "Order of checks").

use super::{Api, problem::Failure};
use crate::domain::{Permissions, Person};
use axum::{extract::FromRequestParts, http::request::Parts};
use std::convert::Infallible;

/// Somebody whose identity is proven, or the one person there is where nobody has to sign in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Access {
    /// Who it is.
    pub person: Person,
    /// What they may do.
    pub permissions: Permissions,
    /// Whether an identity provider vouches for them; false where nobody has to sign in.
    pub authenticated: bool,
}

impl Access {
    /// Whoever sits at this machine, where nobody has to sign in (`storage-api.md` section 5.4).
    #[must_use]
    pub fn local() -> Self {
        let person = Person { issuer: "strongroom".into(), subject: "local".into(), name: "local user".into() };
        Self { person, permissions: Permissions::All, authenticated: false }
    }
}

/// Who makes a request; extracting it never fails, asking it may.
#[derive(Debug, Clone)]
pub struct Caller(Option<Access>);

impl Caller {
    /// Who it is, whatever they may do.
    ///
    /// # Errors
    /// 401 when nobody is signed in where somebody has to be.
    pub fn known(&self) -> Result<&Access, Failure> {
        self.0.as_ref().ok_or_else(Failure::unauthorized)
    }

    /// Who it is, if they hold this attribute.
    ///
    /// # Errors
    /// 401 as in [`Self::known`], 403 when they do not hold it.
    pub fn may(&self, attribute: &str) -> Result<&Access, Failure> {
        let access = self.known()?;
        if access.permissions.allow(attribute) { Ok(access) } else { Err(Failure::not_permitted()) }
    }
}

impl FromRequestParts<Api> for Caller {
    type Rejection = Infallible;

    async fn from_request_parts(_parts: &mut Parts, _api: &Api) -> Result<Self, Infallible> {
        Ok(Self(Some(Access::local())))
    }
}
