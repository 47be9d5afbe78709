//! The filters of the list of AIPs (`storage-api.md` section 4.3).

use super::{RawParams, ReadParams};
use crate::{
    api::{
        AipsQuery, SortKey,
        aips::{DEFAULT_LIMIT, MAX_LIMIT, SortColumn},
    },
    server::http::problem::Failure,
};

impl ReadParams for AipsQuery {
    fn read(raw: &mut RawParams<'_>) -> Result<Option<Self>, Failure> {
        let mut query = Self {
            query: raw.text("query"),
            status: raw.word("status"),
            location_uuid: raw.uuid("location_uuid"),
            earliest_created_time: raw.timestamp("earliest_created_time"),
            latest_created_time: raw.timestamp("latest_created_time"),
            sort: read_sort(raw),
            limit: effective_limit(raw.integer("limit")),
            offset: raw.integer("offset").map_or(0, |offset| u64::try_from(offset).unwrap_or(0)),
        };
        let earliest = query.earliest_created_time;
        if earliest.is_some() && raw.text("latest_created_time").is_none() {
            query.latest_created_time = Some(raw.now());
        }
        if query.latest_created_time.is_some_and(|latest| earliest.is_some_and(|earliest| latest < earliest)) {
            return Err(Failure::not_valid("created at: time range: end cannot be before start"));
        }
        Ok(Some(query))
    }
}

/// Absent or 0 is the default; negative or too many is the most there is.
fn effective_limit(asked: Option<i64>) -> u64 {
    match asked {
        None | Some(0) => DEFAULT_LIMIT,
        Some(limit) => u64::try_from(limit).unwrap_or(MAX_LIMIT).min(MAX_LIMIT),
    }
}

fn read_sort(raw: &mut RawParams<'_>) -> SortKey {
    let text = raw.text("sort").unwrap_or_default();
    SortKey::parse(&text).unwrap_or_else(|| {
        let words = SortColumn::NAMED.map(|(_, word)| format!("{word}, -{word}"));
        raw.refuse_word("sort", text, words.join(", "));
        SortKey::default()
    })
}

#[cfg(test)]
mod tests {
    use super::{super::params::from_query, *};
    use crate::domain::{AipStatus, Timestamp};
    use axum::response::IntoResponse;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).expect("RFC 3339")
    }

    fn now() -> Timestamp {
        at("2026-06-01T12:00:00Z")
    }

    fn parse(query: &str) -> AipsQuery {
        from_query(query, now()).expect("a valid query")
    }

    #[test]
    fn limits_are_bounded_and_offsets_never_negative() {
        for (text, limit) in
            [("", 20), ("limit=", 20), ("limit=0", 20), ("limit=7", 7), ("limit=1000", 1000), ("limit=1001", 1000), ("limit=-1", 1000)]
        {
            assert_eq!(parse(text).limit, limit, "{text}");
        }
        for (text, offset) in [("", 0), ("offset=0", 0), ("offset=-5", 0), ("offset=40", 40)] {
            assert_eq!(parse(text).offset, offset, "{text}");
        }
    }

    #[test]
    fn empty_parameters_are_absent() {
        let query = "query=&status=&location_uuid=&earliest_created_time=&latest_created_time=&limit=&offset=&sort=";
        assert_eq!(parse(query), AipsQuery::default());
    }

    #[test]
    fn filters_are_read() {
        let query = parse("query=fonds+12%2Fa&status=stored&location_uuid=d1845cb6a5ea474a9ab826f9bcd919f5&sort=-name");
        assert_eq!(query.query.as_deref(), Some("fonds 12/a"));
        assert_eq!(query.status, Some(AipStatus::Stored));
        assert!(query.location_uuid.is_some());
        assert_eq!(query.sort.to_string(), "-name");
    }

    #[test]
    fn a_lower_bound_alone_ends_now_and_an_upper_one_begins_anywhere() {
        let query = parse("earliest_created_time=2026-05-01T00:00:00.000Z");
        assert_eq!(query.latest_created_time, Some(now()));
        let query = parse("latest_created_time=2026-05-01T00:00:00.000Z");
        assert_eq!((query.earliest_created_time, query.latest_created_time), (None, Some(at("2026-05-01T00:00:00Z"))));
    }

    #[test]
    fn equal_bounds_stay_and_reversed_ones_are_refused() {
        let query = parse("earliest_created_time=2026-05-01T00:00:00Z&latest_created_time=2026-05-01T02:00:00%2B02:00");
        assert_eq!(query.earliest_created_time, query.latest_created_time);
        for reversed in [
            "earliest_created_time=2026-05-02T00:00:00Z&latest_created_time=2026-05-01T00:00:00Z",
            "earliest_created_time=2026-07-01T00:00:00Z",
        ] {
            let failure = from_query::<AipsQuery>(reversed, now()).expect_err("the end is before the start");
            assert!(format!("{failure:?}").contains("created at: time range: end cannot be before start"), "{reversed}");
        }
    }

    #[test]
    fn all_violations_are_told_at_once() {
        let failure =
            from_query::<AipsQuery>("status=lost&limit=ten&latest_created_time=yesterday&sort=uuid", now()).expect_err("four violations");
        let text = format!("{failure:?}");
        for part in ["invalid_enum_value", "\\\"lost\\\"", "\\\"ten\\\"", "\\\"yesterday\\\"", "\\\"uuid\\\""] {
            assert!(text.contains(part), "{part} in {text}");
        }
        assert_eq!(failure.into_response().status(), 400);
    }
}
