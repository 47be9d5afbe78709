//! Who makes a request, and whether they may.
//!
//! A handler takes [`Caller`] before its path and body and asks it *after* they were read: a malformed request is told so before
//! anybody is asked who they are (`storage-api.md` section 1, "Order of checks").

pub use crate::server::auth::{Access, Proof};

use super::{Api, address::ClientAddress, cookies, problem::Failure};
use crate::{
    api::user::CSRF_HEADER,
    server::{
        auth::{AuthError, SessionKey},
        service::Services,
    },
};
use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, Method, Uri, header, request::Parts},
};
use std::{convert::Infallible, net::IpAddr};

/// Who makes a request; extracting it never fails, asking it may.
#[derive(Clone)]
pub struct Caller {
    access: Result<Access, Unknown>,
    /// Where refusals are written down, and from where the request came; none for what a page asks while it is rendered, which its
    /// reader did not ask for.
    told: Option<(Services, Option<IpAddr>)>,
}

/// Why somebody cannot be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unknown {
    /// They did not say, or what they said is not true.
    Nobody,
    /// It cannot be found out at the moment.
    NotNow,
    /// The browser is known, and whether its person wants this is not.
    Unasked,
}

impl Unknown {
    fn failure(self) -> Failure {
        match self {
            Self::Nobody => Failure::unauthorized(),
            Self::NotNow => Failure::busy("Who you are cannot be checked at the moment, so nothing was done. Try again in a few seconds."),
            Self::Unasked => Failure::forbidden(
                "The change does not carry the token of your sign-in, so nothing was done. Reload the page, since you may have signed in anew, and try again.",
            ),
        }
    }
}

impl Caller {
    /// Who it is, whatever they may do.
    ///
    /// # Errors
    /// 401 when nobody is signed in where somebody has to be; 403 when a change carries a session's cookie and not its token.
    pub fn known(&self) -> Result<&Access, Failure> {
        self.access.as_ref().map_err(|unknown| unknown.failure())
    }

    /// Who it is, if they hold this attribute.
    ///
    /// # Errors
    /// As [`Self::known`], and 403 when they do not hold it.
    pub fn may(&self, attribute: &'static str) -> Result<&Access, Failure> {
        self.may_any(&[attribute])
    }

    /// Who it is, if they hold one of these attributes.
    ///
    /// # Errors
    /// As [`Self::may`].
    pub fn may_any(&self, attributes: &[&'static str]) -> Result<&Access, Failure> {
        let access = self.known()?;
        if access.permissions.allow_any(attributes) {
            return Ok(access);
        }
        if let (Some((services, address)), Some(attribute)) = (&self.told, attributes.first()) {
            services.audit_refusal(&access.person, attribute, *address);
        }
        Err(Failure::not_permitted())
    }

    /// Who it is; none where nobody is signed in.
    ///
    /// # Errors
    /// As [`Self::known`], but for 401.
    pub fn if_known(&self) -> Result<Option<&Access>, Failure> {
        match &self.access {
            Ok(access) => Ok(Some(access)),
            Err(Unknown::Nobody) => Ok(None),
            Err(unknown) => Err(unknown.failure()),
        }
    }

    /// Who it is, if that is known.
    #[must_use]
    pub fn access(&self) -> Option<&Access> {
        self.access.as_ref().ok()
    }

    /// The same person, asking through a page that is rendered for them.
    #[must_use]
    pub fn of_page(self) -> Self {
        Self { told: None, ..self }
    }

    /// Finds out who makes a request: from its `Authorization` header (`storage-api.md` section 4), else from its session's cookie.
    pub async fn find(api: &Api, method: &Method, uri: &Uri, headers: &HeaderMap, address: ClientAddress) -> Self {
        let access = if !api.auth.is_required() {
            Ok(Access::local())
        } else if let Some(value) = headers.get(header::AUTHORIZATION) {
            by_token(api, value.to_str().unwrap_or_default()).await
        } else if let Some(secret) = cookies::find(headers, &api.cookie(cookies::SESSION)) {
            by_session(api, secret, method, uri, headers).await
        } else {
            Err(Unknown::Nobody)
        };
        Self { access, told: Some((api.services.clone(), address.0)) }
    }
}

async fn by_token(api: &Api, value: &str) -> Result<Access, Unknown> {
    let token = value.split_once(' ').map_or(value, |(_, token)| token).trim();
    api.auth.bearer(token).await.map_err(unknown)
}

async fn by_session(api: &Api, secret: &str, method: &Method, uri: &Uri, headers: &HeaderMap) -> Result<Access, Unknown> {
    let access = api.auth.session(secret).await.map_err(unknown)?.ok_or(Unknown::Nobody)?;
    if matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS) {
        return Ok(access);
    }
    // The browser sends the cookie for every page that it shows: only a page of ours knows the token and is of our origin.
    let Proof::Session { csrf, .. } = &access.proof else { return Err(Unknown::Nobody) };
    let carried = headers.get(CSRF_HEADER).and_then(|value| value.to_str().ok()).unwrap_or_default();
    // Of digests, so that the time which the comparison takes tells nothing.
    let same_token = SessionKey::of(carried) == SessionKey::of(csrf.reveal());
    if same_token && api.ours.is_own_page(headers, uri) { Ok(access) } else { Err(Unknown::Unasked) }
}

fn unknown(error: AuthError) -> Unknown {
    match error {
        AuthError::Refused(_) | AuthError::NotLetIn(_) => {
            tracing::info!(%error, "a token was not accepted");
            Unknown::Nobody
        }
        AuthError::Unreachable(_) | AuthError::Database(_) => {
            tracing::warn!(%error, "it cannot be found out who makes a request");
            Unknown::NotNow
        }
    }
}

impl FromRequestParts<Api> for Caller {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, Infallible> {
        // A page was asked for by somebody who is known already.
        if let Some(known) = parts.extensions.get::<Self>() {
            return Ok(known.clone());
        }
        let address = ClientAddress::of(api.services.config(), &parts.extensions, &parts.headers);
        Ok(Self::find(api, &parts.method, &parts.uri, &parts.headers, address).await)
    }
}
