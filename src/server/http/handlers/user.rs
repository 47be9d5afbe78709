//! Who is signed in.

use crate::{
    api::{User, problem::ErrorObject, user},
    domain::Permissions,
    server::http::{
        Api,
        caller::{Access, Caller, Proof},
        problem::Failure,
    },
};
use axum::{Json, extract::State, http::header, response::IntoResponse};

/// Who is signed in, and what they may do; told to everybody about themselves.
#[utoipa::path(
    get,
    path = "/api/user",
    tag = "identity",
    operation_id = "show_user",
    responses(
        (status = 200, description = "Who asks, as the service sees them", body = User),
        (status = 503, description = "It cannot be found out at the moment", body = ErrorObject),
    )
)]
pub async fn show(State(api): State<Api>, caller: Caller) -> Result<impl IntoResponse, Failure> {
    // It holds the token of the session, which no cache is to keep.
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(describe(&api, caller.if_known()?))))
}

fn describe(api: &Api, access: Option<&Access>) -> User {
    let providers = api
        .auth
        .providers()
        .iter()
        .map(|provider| user::Provider { id: provider.config.id.clone(), name: provider.config.display_name().to_owned() });
    User {
        authentication: api.auth.is_required(),
        name: access.filter(|access| access.authenticated).map(|access| access.person.name.clone()),
        attributes: access.and_then(|access| match &access.permissions {
            Permissions::All => None,
            Permissions::Only(held) => Some(held.clone()),
        }),
        csrf: access.and_then(|access| match &access.proof {
            Proof::Session { csrf, .. } => Some(csrf.reveal().to_owned()),
            Proof::NotAsked | Proof::Token { .. } => None,
        }),
        providers: providers.collect(),
    }
}
