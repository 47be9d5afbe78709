//! `serve --demo`: an archive to look at.

use super::{
    packages::samples,
    service::{BodyError, ServiceError, Services},
};
use crate::api::{AipsQuery, CreateLocation, uploads::DepositQuery};
use crate::domain::{LocationConfig, LocationPurpose, LocationSource};
use bytes::Bytes;

/// Deposits the sample packages, unless the archive holds something already.
///
/// # Errors
/// When a sample cannot be made or is refused.
pub async fn fill(services: &Services) -> Result<(), ServiceError> {
    if services.list_aips(&AipsQuery::default()).await?.page.total > 0 {
        return Ok(());
    }
    const SECOND: &str = "Second store";
    if !services.locations().await?.iter().any(|location| location.name == SECOND) {
        let body = CreateLocation {
            name: SECOND.into(),
            description: "A second place, as an archive should have.".into(),
            source: LocationSource::Filesystem,
            purpose: LocationPurpose::AipStore,
            config: Some(LocationConfig::Filesystem { path: "second-store".into() }),
        };
        services.create_location(body).await?;
    }
    for (number, sample) in samples::samples().into_iter().enumerate() {
        let name = sample.name().to_owned();
        let made = tokio::task::spawn_blocking(move || sample.bytes())
            .await
            .map_err(|error| ServiceError::Internal(error.to_string()))?
            .map_err(|error| ServiceError::Internal(format!("a sample package could not be made: {error}")))?;
        let location = (number % 2 == 1).then(|| SECOND.to_owned());
        let body = futures::stream::once(async move { Ok::<_, BodyError>(Bytes::from(made)) });
        services.deposit(DepositQuery { name, location }, body).await?;
    }
    Ok(())
}
