//! Locations: list, show, create, change, remove.

use super::{ServiceError, Services, checked_name};
use crate::{
    api::{CreateLocation, Created, UpdateLocation},
    domain::{Aip, Location, LocationConfig},
    server::{
        db::{Change, locations, locations::LocationRow, search},
        objects::{Filesystem, ObjectStore},
    },
};
use std::{path::PathBuf, sync::Arc};
use uuid::Uuid;

/// The most characters of a description.
const DESCRIPTION: usize = 2_000;

impl Services {
    /// All locations by name.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn locations(&self) -> Result<Vec<Location>, ServiceError> {
        Ok(locations::list(self.db().read()).await?.into_iter().map(|row| row.location).collect())
    }

    /// One location.
    ///
    /// # Errors
    /// When there is none with this UUID.
    pub async fn location(&self, uuid: Uuid) -> Result<Location, ServiceError> {
        Ok(locations::find(self.db().read(), uuid).await?.ok_or(ServiceError::LocationNotFound(uuid))?.location)
    }

    /// Every AIP of a location.
    ///
    /// # Errors
    /// When there is no such location.
    pub async fn location_aips(&self, uuid: Uuid) -> Result<Vec<Aip>, ServiceError> {
        let id = locations::id_of(self.db().read(), uuid).await?.ok_or(ServiceError::LocationNotFound(uuid))?;
        Ok(search::of_location(self.db().read(), id).await?)
    }

    /// Records a location after proving that its store can be written.
    ///
    /// # Errors
    /// When the name is taken or not one, or the configuration is not one that this service can use; says which.
    pub async fn create_location(&self, body: CreateLocation) -> Result<Created, ServiceError> {
        let name = checked_name(&body.name)?;
        let description = checked_description(&body.description)?;
        let config = body.config.ok_or_else(|| ServiceError::NotValid("invalid configuration: config is missing".into()))?;
        let folder = self.folder(&config)?;
        let services = self.clone();
        self.db()
            .write(Box::new(move |change| {
                Box::pin(async move {
                    name_is_free(change, &name, None).await?;
                    services.folder_is_free(change, &folder).await?;
                    let store = Filesystem::new(folder);
                    tokio::task::spawn_blocking(move || store.prepare())
                        .await
                        .map_err(|error| ServiceError::Internal(error.to_string()))?
                        .map_err(|error| ServiceError::NotValid(format!("invalid configuration: {error}")))?;
                    let location = Location {
                        name,
                        description,
                        source: body.source,
                        purpose: body.purpose,
                        uuid: change.new_id(),
                        created_at: change.at(),
                        updated_at: Some(change.at()),
                        aip_count: 0,
                        total_size: 0,
                        version: 1,
                    };
                    locations::insert(change, &location, &config).await?;
                    Ok(Created { uuid: location.uuid })
                })
            }))
            .await
    }

    /// Changes a location's name or description.
    ///
    /// # Errors
    /// When there is no such location, or the name is taken or not one.
    pub async fn update_location(&self, uuid: Uuid, body: UpdateLocation) -> Result<Location, ServiceError> {
        let name = body.name.as_deref().map(checked_name).transpose()?;
        let description = body.description.as_deref().map(checked_description).transpose()?;
        self.db()
            .write(Box::new(move |change| {
                Box::pin(async move {
                    let mut row = found(change, uuid).await?;
                    let name = name.unwrap_or_else(|| row.location.name.clone());
                    let description = description.unwrap_or_else(|| row.location.description.clone());
                    name_is_free(change, &name, Some(uuid)).await?;
                    if name != row.location.name || description != row.location.description {
                        locations::update(change, &mut row, name, description).await?;
                    }
                    Ok(row.location)
                })
            }))
            .await
    }

    /// Removes a location that keeps nothing. Its folder stays where it is.
    ///
    /// # Errors
    /// When there is no such location, or AIPs (deleted ones too: their record names it) or uploads refer to it.
    pub async fn delete_location(&self, uuid: Uuid) -> Result<(), ServiceError> {
        self.db()
            .write(Box::new(move |change| {
                Box::pin(async move {
                    let row = found(change, uuid).await?;
                    let references = locations::references(change.tx(), row.id).await?;
                    if references > 0 {
                        let what = if references == 1 { "1 package belongs".to_owned() } else { format!("{references} packages belong") };
                        return Err(ServiceError::NotValid(format!(
                            "the location is not empty: {what} to it, those on their way in counted"
                        )));
                    }
                    Ok(locations::delete(change, &row).await?)
                })
            }))
            .await
    }

    /// Creates the location that a new service begins with, unless there is one.
    ///
    /// # Errors
    /// When it cannot be written.
    pub async fn ensure_a_location(&self) -> Result<(), ServiceError> {
        use crate::domain::{LocationPurpose, LocationSource};
        if !locations::list(self.db().read()).await?.is_empty() {
            return Ok(());
        }
        let body = CreateLocation {
            name: "Main store".into(),
            description: "The store that this service began with.".into(),
            source: LocationSource::Filesystem,
            purpose: LocationPurpose::AipStore,
            config: Some(LocationConfig::Filesystem { path: "main-store".into() }),
        };
        self.create_location(body).await.map(|_created| ())
    }

    /// The store of a location.
    ///
    /// # Errors
    /// When this service cannot reach a store of that kind.
    pub(super) fn store(&self, config: &LocationConfig) -> Result<Filesystem, ServiceError> {
        self.folder(config).map(Filesystem::new)
    }

    /// The store of a location, of whatever kind.
    ///
    /// # Errors
    /// When this service cannot reach a store of that kind.
    pub(crate) fn object_store(&self, config: &LocationConfig) -> Result<Arc<dyn ObjectStore>, ServiceError> {
        Ok(Arc::new(self.store(config)?))
    }

    /// The store that keeps an AIP's bytes.
    ///
    /// # Errors
    /// When this service cannot reach it.
    pub(crate) async fn store_of(&self, aip: &Aip) -> Result<Arc<dyn ObjectStore>, ServiceError> {
        // An AIP without a location was submitted, or its bytes were never brought here; then they are not found there either.
        let Some(uuid) = aip.location_uuid else { return Ok(Arc::new(self.submissions())) };
        let row = locations::find(self.db().read(), uuid).await?.ok_or(ServiceError::LocationNotFound(uuid))?;
        self.object_store(&row.config)
    }

    fn folder(&self, config: &LocationConfig) -> Result<PathBuf, ServiceError> {
        let path = match config {
            LocationConfig::Filesystem { path } => path.clone(),
            LocationConfig::Url { url } => match url.strip_prefix("file://") {
                Some(path) if path.starts_with('/') => percent_encoding::percent_decode_str(path)
                    .decode_utf8()
                    .map_err(|_not_utf8| ServiceError::NotValid("invalid configuration: the URL's path is not UTF-8".into()))?
                    .into_owned(),
                _ => return Err(ServiceError::NotValid("invalid configuration: of URLs, only file:///… is supported".into())),
            },
            other => {
                return Err(ServiceError::NotValid(format!(
                    "invalid configuration: locations of type {} are not supported yet",
                    other.kind()
                )));
            }
        };
        self.0.roots.resolve(&path).map_err(|error| ServiceError::NotValid(format!("invalid configuration: path: {error}")))
    }

    async fn folder_is_free(&self, change: &Change, folder: &PathBuf) -> Result<(), ServiceError> {
        for row in locations::list(change.tx()).await? {
            let Ok(other) = self.folder(&row.config) else { continue };
            if folder.starts_with(&other) || other.starts_with(folder) {
                let name = row.location.name;
                return Err(ServiceError::NotValid(format!("invalid configuration: path: the location \"{name}\" lies there already")));
            }
        }
        Ok(())
    }
}

fn checked_description(text: &str) -> Result<String, ServiceError> {
    if text.chars().count() > DESCRIPTION {
        return Err(ServiceError::NotValid(format!("description: must not be longer than {DESCRIPTION} characters")));
    }
    Ok(text.trim().to_owned())
}

async fn found(change: &Change, uuid: Uuid) -> Result<LocationRow, ServiceError> {
    locations::find(change.tx(), uuid).await?.ok_or(ServiceError::LocationNotFound(uuid))
}

async fn name_is_free(change: &Change, name: &str, except: Option<Uuid>) -> Result<(), ServiceError> {
    match locations::find_named(change.tx(), name).await? {
        Some(row) if Some(row.location.uuid) != except => Err(ServiceError::NotValid("name: a location has this name already".into())),
        _ => Ok(()),
    }
}
