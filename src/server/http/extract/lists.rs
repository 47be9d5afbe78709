//! The other addresses that carry parameters.

use super::{RawParams, ReadParams};
use crate::{
    api::{DepositQuery, EventsQuery, WorkflowsQuery, uploads::OFFSET_HEADER},
    server::http::problem::Failure,
};
use uuid::Uuid;

/// Entries of the log that one answer holds when nothing else is asked for, and at most.
const EVENTS: (u64, u64) = (50, 500);

/// The `{uuid}` of the path.
impl ReadParams for Uuid {
    fn read(raw: &mut RawParams<'_>) -> Result<Option<Self>, Failure> {
        Ok(raw.path_uuid("uuid"))
    }
}

/// The AIP of the path and which of its workflows.
impl ReadParams for (Uuid, WorkflowsQuery) {
    fn read(raw: &mut RawParams<'_>) -> Result<Option<Self>, Failure> {
        let uuid = raw.path_uuid("uuid");
        let query = WorkflowsQuery { status: raw.word("status"), kind: raw.word("type") };
        Ok(uuid.map(|uuid| (uuid, query)))
    }
}

/// The upload of the path and the byte at which the part begins, from the header.
impl ReadParams for (Uuid, u64) {
    fn read(raw: &mut RawParams<'_>) -> Result<Option<Self>, Failure> {
        let (uuid, offset) = (raw.path_uuid("uuid"), raw.header_bytes(OFFSET_HEADER));
        Ok(uuid.zip(offset))
    }
}

impl ReadParams for DepositQuery {
    fn read(raw: &mut RawParams<'_>) -> Result<Option<Self>, Failure> {
        let location = raw.text("location");
        Ok(raw.required_text("name").map(|name| Self { name, location }))
    }
}

impl ReadParams for EventsQuery {
    fn read(raw: &mut RawParams<'_>) -> Result<Option<Self>, Failure> {
        let (default, most) = EVENTS;
        let limit = match raw.integer("limit") {
            None | Some(0) => default,
            Some(limit) => u64::try_from(limit).unwrap_or(most).min(most),
        };
        Ok(Some(Self {
            kind: raw.word("kind"),
            before: raw.natural("before"),
            after: raw.natural("after"),
            aip_uuid: raw.uuid("aip_uuid"),
            person: raw.text("person"),
            earliest_time: raw.timestamp("earliest_time"),
            latest_time: raw.timestamp("latest_time"),
            limit: Some(limit),
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::{super::params::from_query, *};
    use crate::domain::{Timestamp, WorkflowStatus, WorkflowType};

    fn read<T: ReadParams>(query: &str) -> Result<T, Failure> {
        from_query(query, Timestamp::from_micros(0))
    }

    #[test]
    fn workflow_words_with_a_space_are_read() {
        let (_, query) = read::<(Uuid, WorkflowsQuery)>("status=in+progress&type=move%20aip").expect("valid");
        assert_eq!(query, WorkflowsQuery { status: Some(WorkflowStatus::InProgress), kind: Some(WorkflowType::MoveAip) });
    }

    #[test]
    fn a_deposit_needs_a_name() {
        let failure = read::<DepositQuery>("location=main").expect_err("no name");
        assert!(format!("{failure:?}").contains("missing_field"));
        let query = read::<DepositQuery>("name=fonds&location=main").expect("valid");
        assert_eq!(query, DepositQuery { name: "fonds".into(), location: Some("main".into()) });
    }

    #[test]
    fn the_log_is_read_in_bounded_pieces() {
        for (text, limit) in [("", 50), ("limit=0", 50), ("limit=3", 3), ("limit=501", 500), ("limit=-1", 500)] {
            assert_eq!(read::<EventsQuery>(text).expect("valid").limit, Some(limit), "{text}");
        }
    }
}
