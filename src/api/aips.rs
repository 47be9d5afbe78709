//! Listing and creating AIPs (`storage-api.md` sections 4.2 and 4.3).

use crate::domain::{Aip, AipStatus, Timestamp};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Rows of a page when nothing else is asked for.
pub const DEFAULT_LIMIT: u64 = 20;
/// The most rows that one page holds (`storage-api.md` section 0).
pub const MAX_LIMIT: u64 = 1_000;

/// What to sort by: a column, highest first with a leading `-`. Rows that are equal in it stand in the order in which they were
/// recorded, that too reversed by `-`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct SortKey {
    /// The column.
    pub column: SortColumn,
    /// Highest first.
    pub descending: bool,
}

/// Columns that can be sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum SortColumn {
    /// The order in which AIPs were recorded, newest first: what Enduro's clients get.
    #[default]
    Recorded,
    /// Name, ignoring case.
    Name,
    /// Time of recording.
    CreatedAt,
    /// Bytes.
    Size,
    /// Status word.
    Status,
    /// Name of the location.
    Location,
}

impl SortColumn {
    /// Every column that a client may name.
    pub const NAMED: [(Self, &'static str); 5] = [
        (Self::Name, "name"),
        (Self::CreatedAt, "created_at"),
        (Self::Size, "size"),
        (Self::Status, "status"),
        (Self::Location, "location"),
    ];
}

impl SortKey {
    /// Reads `name`, `-created_at` and so on; the empty text is the default order. `None` for anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text.is_empty() {
            return Some(Self::default());
        }
        let (descending, name) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
        let column = SortColumn::NAMED.iter().find(|(_, word)| *word == name)?.0;
        Some(Self { column, descending })
    }
}

impl std::fmt::Display for SortKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Some((_, word)) = SortColumn::NAMED.iter().find(|(column, _)| *column == self.column) else { return Ok(()) };
        write!(f, "{}{word}", if self.descending { "-" } else { "" })
    }
}

impl Serialize for SortKey {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for SortKey {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| serde::de::Error::custom(format!("{text:?} is not a column that can be sorted by")))
    }
}

/// A filtered, sorted page of the AIPs, already validated. `limit` and `offset` are the effective values.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct AipsQuery {
    /// Case-insensitive part of the name, UUID or object key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub query: Option<String>,
    /// Only this status.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<AipStatus>,
    /// Only in this location. Ours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location_uuid: Option<Uuid>,
    /// Recorded at or after.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub earliest_created_time: Option<Timestamp>,
    /// Recorded before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latest_created_time: Option<Timestamp>,
    /// Order. Ours.
    #[serde(default, skip_serializing_if = "is_default_sort")]
    pub sort: SortKey,
    /// Rows of the page.
    #[serde(default = "default_limit")]
    pub limit: u64,
    /// Rows before the page.
    #[serde(default)]
    pub offset: u64,
}

fn is_default_sort(sort: &SortKey) -> bool {
    *sort == SortKey::default()
}

const fn default_limit() -> u64 {
    DEFAULT_LIMIT
}

impl Default for AipsQuery {
    fn default() -> Self {
        Self {
            query: None,
            status: None,
            location_uuid: None,
            earliest_created_time: None,
            latest_created_time: None,
            sort: SortKey::default(),
            limit: DEFAULT_LIMIT,
            offset: 0,
        }
    }
}

impl AipsQuery {
    /// The query string for it, without `?`.
    #[must_use]
    pub fn to_query_string(&self) -> String {
        serde_urlencoded::to_string(self).unwrap_or_default()
    }
}

/// A page of AIPs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Aips {
    /// The rows.
    pub items: Vec<Aip>,
    /// Where in the whole they stand.
    pub page: PageInfo,
    /// How many there are of each status under the same filters, the status filter aside. Ours.
    #[serde(default)]
    pub counts: StatusCounts,
}

/// Where a page stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct PageInfo {
    /// Rows asked for.
    pub limit: u64,
    /// Rows before the page.
    pub offset: u64,
    /// Rows that match the filters.
    pub total: u64,
}

/// Number of AIPs of each status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default)]
pub struct StatusCounts {
    /// Kept.
    pub stored: u64,
    /// Awaiting a decision.
    pub pending: u64,
    /// Being worked on.
    pub processing: u64,
    /// Waiting for their turn.
    pub queued: u64,
    /// Removed.
    pub deleted: u64,
    /// Announced.
    pub unspecified: u64,
}

impl StatusCounts {
    /// The count of one status.
    #[must_use]
    pub fn get(&self, status: AipStatus) -> u64 {
        match status {
            AipStatus::Stored => self.stored,
            AipStatus::Pending => self.pending,
            AipStatus::Processing => self.processing,
            AipStatus::Queued => self.queued,
            AipStatus::Deleted => self.deleted,
            AipStatus::Unspecified => self.unspecified,
        }
    }

    /// The count of one status, to change it.
    pub fn get_mut(&mut self, status: AipStatus) -> &mut u64 {
        match status {
            AipStatus::Stored => &mut self.stored,
            AipStatus::Pending => &mut self.pending,
            AipStatus::Processing => &mut self.processing,
            AipStatus::Queued => &mut self.queued,
            AipStatus::Deleted => &mut self.deleted,
            AipStatus::Unspecified => &mut self.unspecified,
        }
    }

    /// All of them.
    #[must_use]
    pub fn total(&self) -> u64 {
        AipStatus::ALL.iter().map(|status| self.get(*status)).sum()
    }
}

/// The body of `POST /api/storage/aips`: announces an AIP whose bytes another system keeps or will bring.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct CreateAip {
    /// Its identity.
    pub uuid: Uuid,
    /// Its name.
    pub name: String,
    /// The name of its object.
    pub object_key: Uuid,
    /// Where it stands; stored as given.
    #[serde(default = "unspecified", skip_serializing_if = "is_unspecified")]
    pub status: AipStatus,
    /// The location that keeps it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location_uuid: Option<Uuid>,
}

const fn unspecified() -> AipStatus {
    AipStatus::Unspecified
}

fn is_unspecified(status: &AipStatus) -> bool {
    *status == AipStatus::Unspecified
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sort_keys_round_trip() {
        for (_, word) in SortColumn::NAMED {
            for text in [word.to_owned(), format!("-{word}")] {
                assert_eq!(SortKey::parse(&text).expect("a known column").to_string(), text);
            }
        }
        assert_eq!(SortKey::parse("uuid"), None);
        assert_eq!(SortKey::parse("--name"), None);
    }

    #[test]
    fn a_query_is_its_query_string() {
        let query = AipsQuery { query: Some("a&b".into()), status: Some(AipStatus::Stored), offset: 40, ..AipsQuery::default() };
        assert_eq!(query.to_query_string(), "query=a%26b&status=stored&limit=20&offset=40");
    }
}
