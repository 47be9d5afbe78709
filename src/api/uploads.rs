//! Taking packages in: in one stream, or in parts that go on where the connection broke.

use crate::{bag::Verdict, domain::Aip};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A package that was taken in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Deposited {
    /// It, as recorded.
    pub aip: Aip,
    /// What its verification found: valid, or not a bag; warnings are in it too.
    #[schema(value_type = Object)]
    pub verdict: Verdict,
}

/// Parameters of `POST /api/storage/deposits`, whose body is the package.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct DepositQuery {
    /// Name of the AIP.
    pub name: String,
    /// Where to keep it: the location's UUID or name; the first AIP store when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
}

/// The body of `POST /api/storage/uploads`: announces a package that will come in parts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct CreateUpload {
    /// Name of the AIP.
    pub name: String,
    /// Bytes that will come.
    pub size: u64,
    /// Where to keep it; the first AIP store when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location_uuid: Option<Uuid>,
}

/// How far an upload is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum UploadState {
    /// Parts are awaited, from `offset` on.
    Receiving,
    /// All bytes are here and are being verified.
    Checking,
    /// It is kept: `aip_uuid` says as which AIP.
    Stored,
    /// It was refused, and nothing of it was kept: `message` and `verdict` say why.
    Refused,
    /// The server failed, and nothing of it was kept: `message` says what to do.
    Failed,
}

/// A package that comes in parts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Upload {
    /// Identity of the upload.
    pub uuid: Uuid,
    /// Name of the AIP.
    pub name: String,
    /// Where it will be kept.
    pub location_uuid: Uuid,
    /// Bytes that will come.
    pub size: u64,
    /// Bytes that are safely here. The next part begins at this byte.
    pub offset: u64,
    /// Bytes verified so far.
    pub checked: u64,
    /// How far it is.
    pub state: UploadState,
    /// The AIP it became.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aip_uuid: Option<Uuid>,
    /// What happened, for a person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// What its verification found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub verdict: Option<Box<Verdict>>,
}

/// The header in which a part says at which byte it begins.
pub const OFFSET_HEADER: &str = "upload-offset";
