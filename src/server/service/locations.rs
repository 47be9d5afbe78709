//! Locations: list, show, create, change, remove.

use super::{ServiceError, Services, checked_name};
use crate::{
    api::{CreateLocation, Created, UpdateLocation},
    domain::{Aip, Location, LocationConfig},
    realtime::etag::{EntityTag, Preconditions, Verdict},
    server::{
        db::{Change, locations, locations::LocationRow, search},
        objects::{
            Filesystem, ObjectStore, StagedStore,
            s3::{S3, S3Credentials, S3Settings},
        },
    },
};
use sea_orm::ConnectionTrait;
use std::{fs, path::PathBuf, sync::Arc};
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
        let (place, store) = (self.place(&config)?, self.object_store(&config)?);
        let db = self.db().read();
        name_is_free(db, &name, None).await?;
        self.place_is_free(db, &place).await?;
        store.probe().await.map_err(|error| ServiceError::NotValid(format!("invalid configuration: {error}")))?;
        let services = self.clone();
        self.db()
            .write(Box::new(move |change| {
                Box::pin(async move {
                    // Again: somebody may have been quicker since.
                    name_is_free(change.tx(), &name, None).await?;
                    services.place_is_free(change.tx(), &place).await?;
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

    /// Changes a location's name or description if it is as whoever asks saw it. How much it holds does not matter for that.
    ///
    /// # Errors
    /// When there is no such location, it was changed meanwhile, or the name is taken or not one.
    pub async fn update_location(&self, uuid: Uuid, body: UpdateLocation, seen: Preconditions) -> Result<Location, ServiceError> {
        let name = body.name.as_deref().map(checked_name).transpose()?;
        let description = body.description.as_deref().map(checked_description).transpose()?;
        self.db()
            .write(Box::new(move |change| {
                Box::pin(async move {
                    let mut row = found(change, uuid).await?;
                    // In the transaction of the change: of two who saw the same, one is told.
                    is_as_seen(&row.location, &seen)?;
                    let name = name.unwrap_or_else(|| row.location.name.clone());
                    let description = description.unwrap_or_else(|| row.location.description.clone());
                    name_is_free(change.tx(), &name, Some(uuid)).await?;
                    if name != row.location.name || description != row.location.description {
                        locations::update(change, &mut row, name, description).await?;
                    }
                    Ok(row.location)
                })
            }))
            .await
    }

    /// Removes a location that keeps nothing, if it is as whoever asks saw it. Its folder stays where it is.
    ///
    /// # Errors
    /// When there is no such location, it was changed meanwhile, or AIPs (deleted ones too: their record names it) or uploads refer to it.
    pub async fn delete_location(&self, uuid: Uuid, seen: Preconditions) -> Result<(), ServiceError> {
        self.db()
            .write(Box::new(move |change| {
                Box::pin(async move {
                    let row = found(change, uuid).await?;
                    is_as_seen(&row.location, &seen)?;
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

    /// The objects of a location, whatever kind of store it is.
    ///
    /// # Errors
    /// When this service cannot reach a store of that kind.
    pub(crate) fn object_store(&self, config: &LocationConfig) -> Result<Arc<dyn ObjectStore>, ServiceError> {
        Ok(match s3_settings(config)? {
            Some(settings) => Arc::new(S3::open(&settings, self.db().new_id()).map_err(invalid)?),
            None => Arc::new(Filesystem::new(self.folder(config)?)),
        })
    }

    /// The store of a location together with the folder where packages for it are received.
    ///
    /// # Errors
    /// When this service cannot reach a store of that kind.
    pub(super) fn staged_store(&self, row: &LocationRow) -> Result<StagedStore, ServiceError> {
        Ok(match row.config {
            LocationConfig::Filesystem { .. } | LocationConfig::Url { .. } => {
                StagedStore::folder(Filesystem::new(self.folder(&row.config)?))
            }
            _ => StagedStore::elsewhere(self.object_store(&row.config)?, Filesystem::new(self.staging(row.location.uuid))),
        })
    }

    /// Where packages for a location that is no folder are received.
    fn staging(&self, location: Uuid) -> PathBuf {
        self.config().data.join("staging").join(location.to_string())
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

    pub(super) fn folder(&self, config: &LocationConfig) -> Result<PathBuf, ServiceError> {
        let path = match config {
            LocationConfig::Filesystem { path } => path.clone(),
            LocationConfig::Url { url } => match url.strip_prefix("file://") {
                Some(path) if path.starts_with('/') => percent_encoding::percent_decode_str(path)
                    .decode_utf8()
                    .map_err(|_not_utf8| invalid("the URL's path is not UTF-8"))?
                    .into_owned(),
                _ => return Err(invalid("of URLs, only file:///… is supported")),
            },
            other => return Err(invalid(format!("locations of type {} are not supported yet", other.kind()))),
        };
        self.0.roots.resolve(&path).map_err(|error| invalid(format!("path: {error}")))
    }

    fn place(&self, config: &LocationConfig) -> Result<Place, ServiceError> {
        Ok(match s3_settings(config)? {
            Some(settings) => {
                let (endpoint, bucket) = settings.place().map_err(invalid)?;
                Place::Bucket { endpoint, bucket }
            }
            None => Place::Folder(self.folder(config)?),
        })
    }

    async fn place_is_free<C: ConnectionTrait>(&self, db: &C, place: &Place) -> Result<(), ServiceError> {
        // What the service writes there for itself would be taken for somebody else's doing, and its packages for those of the location.
        let data = fs::canonicalize(&self.config().data).map_err(|error| invalid(format!("the service's own data: {error}")))?;
        let around = matches!(place, Place::Folder(folder) if data.starts_with(folder));
        if around || ["staging", "submissions", "reports"].iter().any(|own| place.shared_with(&Place::Folder(data.join(own))).is_some()) {
            return Err(invalid("path: the service keeps its own data there"));
        }
        for row in locations::list(db).await? {
            let Ok(other) = self.place(&row.config) else { continue };
            if let Some(field) = place.shared_with(&other) {
                return Err(invalid(format!("{field}: the location \"{}\" lies there already", row.location.name)));
            }
        }
        Ok(())
    }
}

/// Where the objects of a location lie. No two locations share one: what one removes the other would miss.
enum Place {
    Folder(PathBuf),
    Bucket { endpoint: String, bucket: String },
}

impl Place {
    /// The field of the configuration that has to be another, if the two get in each other's way.
    fn shared_with(&self, other: &Self) -> Option<&'static str> {
        match (self, other) {
            (Self::Folder(this), Self::Folder(other)) => (this.starts_with(other) || other.starts_with(this)).then_some("path"),
            (Self::Bucket { endpoint, bucket }, Self::Bucket { endpoint: at, bucket: other }) => {
                (endpoint == at && bucket == other).then_some("bucket")
            }
            _ => None,
        }
    }
}

fn invalid(problem: impl std::fmt::Display) -> ServiceError {
    ServiceError::NotValid(format!("invalid configuration: {problem}"))
}

/// The settings of an S3-compatible store; `None` for a location of another kind.
fn s3_settings(config: &LocationConfig) -> Result<Option<S3Settings<'_>>, ServiceError> {
    let LocationConfig::S3 { bucket, region, endpoint, path_style, profile, key, secret, token } = config else { return Ok(None) };
    let given = |text: &Option<String>| text.as_deref().is_some_and(|text| !text.trim().is_empty());
    if given(profile) {
        // What finds credentials would take others where there is no such profile, and say nothing.
        return Err(invalid(
            "profile: named profiles are not supported yet; give key and secret, or neither for the service's own credentials",
        ));
    }
    let (key, secret, token) = (key.as_deref().unwrap_or_default(), secret.as_deref().unwrap_or_default(), token.as_deref());
    let credentials = (!key.is_empty() || !secret.is_empty()).then_some(S3Credentials { key, secret, token });
    Ok(Some(S3Settings { bucket, region, endpoint: endpoint.as_deref(), path_style: path_style.unwrap_or_default(), credentials }))
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

fn is_as_seen(location: &Location, seen: &Preconditions) -> Result<(), ServiceError> {
    if seen.conditions().evaluate_version(location.uuid, location.version) == Verdict::Perform {
        return Ok(());
    }
    let message = format!(
        "The location is at version {} now, which is not the one that the request was meant for. Nothing was changed. Read it again, and \
         send the request with its ETag in If-Match if it still holds.",
        location.version
    );
    Err(ServiceError::Changed { message, current: shown_as(location) })
}

/// The tag of a location as it is answered: with all that is shown of it, since its version does not count what it holds.
#[must_use]
pub fn shown_as(location: &Location) -> EntityTag {
    EntityTag::with(location.uuid, location.version, serde_json::to_vec(location).unwrap_or_default())
}

async fn name_is_free<C: ConnectionTrait>(db: &C, name: &str, except: Option<Uuid>) -> Result<(), ServiceError> {
    match locations::find_named(db, name).await? {
        Some(row) if Some(row.location.uuid) != except => Err(ServiceError::NotValid("name: a location has this name already".into())),
        _ => Ok(()),
    }
}
