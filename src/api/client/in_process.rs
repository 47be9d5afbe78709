//! While the server renders: the API's own router, called in process. The same bytes that a browser would get, without a socket.

use super::{ApiRequest, ApiResponse};
use crate::api::Problem;
use leptos::prelude::use_context;
use std::{future::Future, pin::Pin, sync::Arc};

type Call = dyn Fn(ApiRequest) -> Pin<Box<dyn Future<Output = ApiResponse> + Send>> + Send + Sync;

/// The API as the server hands it to the pages that it renders, through Leptos' context.
#[derive(Clone)]
pub struct InProcess(Arc<Call>);

impl InProcess {
    /// Wraps the function that answers requests.
    pub fn new<F, R>(answer: F) -> Self
    where
        F: Fn(ApiRequest) -> R + Send + Sync + 'static,
        R: Future<Output = ApiResponse> + Send + 'static,
    {
        Self(Arc::new(move |request| Box::pin(answer(request))))
    }
}

pub(super) async fn send(request: ApiRequest) -> Result<ApiResponse, Problem> {
    let InProcess(answer) =
        use_context::<InProcess>().ok_or_else(|| Problem::unreachable("the page is rendered outside of the service"))?;
    Ok(answer(request).await)
}
