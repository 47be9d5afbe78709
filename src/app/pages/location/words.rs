//! What the kinds and purposes of locations are called.

use crate::domain::{LocationPurpose, LocationSource};

/// What kind of store a location is.
#[must_use]
pub const fn source(source: LocationSource) -> &'static str {
    match source {
        LocationSource::Filesystem => "Folder of the server",
        LocationSource::Minio => "S3-compatible store",
        LocationSource::Sftp => "SFTP server",
        LocationSource::Amss => "Archivematica Storage Service",
        LocationSource::Unspecified => "Not said",
    }
}

/// What a location is for.
#[must_use]
pub const fn purpose(purpose: LocationPurpose) -> &'static str {
    match purpose {
        LocationPurpose::AipStore => "AIP store",
        LocationPurpose::Unspecified => "Not said",
    }
}
