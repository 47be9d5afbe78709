//! What the address of the list says. The address is the state of the page: reading it back gives the same screen.
//!
//! Enduro's names are accepted (`status`, `name` or `query`, `page`, `earliestCreatedTime`, `latestCreatedTime`), so that its
//! bookmarks work; `sort`, `location`, `limit` and `deposited` are ours. The query string is read here and not through the
//! router, because that decodes some values twice.

use crate::{
    api::{AipsQuery, SortKey, aips::MAX_LIMIT},
    domain::{AipStatus, Timestamp},
};
use uuid::Uuid;

/// Pages beyond this one are surely typing errors.
const MAX_PAGE: u64 = 1_000_000_000;

/// Spans that are offered for "deposited in the last …": their word in the address, in words, and in hours.
pub const PRESETS: [(&str, &str, i64); 6] =
    [("3h", "3 hours", 3), ("6h", "6 hours", 6), ("12h", "12 hours", 12), ("1d", "1 day", 24), ("3d", "3 days", 72), ("7d", "7 days", 168)];

/// When the AIPs were deposited.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Deposited {
    /// At any time.
    #[default]
    Any,
    /// In the last so many hours, one of [`PRESETS`].
    Last(i64),
    /// At or after the first, before the second.
    Between(Option<Timestamp>, Option<Timestamp>),
}

/// What the list shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListQuery {
    /// Part of the name, UUID or object key.
    pub text: Option<String>,
    /// Only this status.
    pub status: Option<AipStatus>,
    /// Only in this location.
    pub location: Option<Uuid>,
    /// Only deposited then.
    pub deposited: Deposited,
    /// In this order.
    pub sort: SortKey,
    /// Rows of a page.
    pub limit: u64,
    /// The page, from 1.
    pub page: u64,
}

impl Default for ListQuery {
    fn default() -> Self {
        Self {
            text: None,
            status: None,
            location: None,
            deposited: Deposited::Any,
            sort: SortKey::default(),
            limit: crate::api::aips::DEFAULT_LIMIT,
            page: 1,
        }
    }
}

/// A part of the address that cannot be understood, in a sentence.
pub type Wrong = String;

impl ListQuery {
    /// Reads a query string without its `?`. Names that are not known are left alone; empty values count as absent; of several
    /// values the last one counts.
    ///
    /// # Errors
    /// A sentence for each part that cannot be understood.
    pub fn parse(search: &str) -> Result<Self, Vec<Wrong>> {
        let pairs: Vec<(String, String)> = serde_urlencoded::from_str(search).unwrap_or_default();
        let mut read = Self::default();
        let (mut earliest, mut latest, mut wrong) = (None, None, Vec::new());
        for (name, value) in pairs {
            let value = value.trim();
            if value.is_empty() {
                continue;
            }
            let outcome = match name.as_str() {
                "query" | "name" => {
                    read.text = Some(value.to_owned());
                    Ok(())
                }
                "status" => value.parse().map(|status| read.status = Some(status)).map_err(|error| format!("The status {error}.")),
                "location" => value
                    .parse()
                    .map(|uuid| read.location = Some(uuid))
                    .map_err(|error| format!("The location {value:?} is not a UUID ({error}).")),
                "deposited" => preset(value).map(|hours| read.deposited = Deposited::Last(hours)),
                "earliestCreatedTime" | "earliest_created_time" => instant(value).map(|at| earliest = Some(at)),
                "latestCreatedTime" | "latest_created_time" => instant(value).map(|at| latest = Some(at)),
                "sort" => SortKey::parse(value).map(|sort| read.sort = sort).ok_or_else(|| {
                    format!("AIPs cannot be sorted by {value:?}, but by name, created_at, size, status and location, each with or without a leading -.")
                }),
                "limit" => number(value, MAX_LIMIT).map(|limit| read.limit = limit).map_err(|range| format!("The rows per page {value:?} are not {range}.")),
                "page" => number(value, MAX_PAGE).map(|page| read.page = page).map_err(|range| format!("The page {value:?} is not {range}.")),
                _ => Ok(()),
            };
            wrong.extend(outcome.err());
        }
        if earliest.is_some() || latest.is_some() {
            read.deposited = Deposited::Between(earliest, latest);
        }
        if let (Some(earliest), Some(latest)) = (earliest, latest)
            && latest < earliest
        {
            wrong.push("The end of the time range lies before its start.".into());
        }
        if wrong.is_empty() { Ok(read) } else { Err(wrong) }
    }

    /// The query string, without `?`; what is as it is by default is left out, so that the same screen has one address.
    #[must_use]
    pub fn to_query_string(&self) -> String {
        let default = Self::default();
        let mut pairs: Vec<(&str, String)> = Vec::new();
        pairs.extend(self.text.clone().map(|text| ("query", text)));
        pairs.extend(self.status.map(|status| ("status", status.to_string())));
        pairs.extend(self.location.map(|uuid| ("location", uuid.to_string())));
        match self.deposited {
            Deposited::Any => {}
            Deposited::Last(hours) => pairs.extend(preset_word(hours).map(|word| ("deposited", word.to_owned()))),
            Deposited::Between(earliest, latest) => {
                pairs.extend(earliest.map(|at| ("earliestCreatedTime", at.to_rfc3339())));
                pairs.extend(latest.map(|at| ("latestCreatedTime", at.to_rfc3339())));
            }
        }
        if self.sort != default.sort {
            pairs.push(("sort", self.sort.to_string()));
        }
        if self.limit != default.limit {
            pairs.push(("limit", self.limit.to_string()));
        }
        if self.page != default.page {
            pairs.push(("page", self.page.to_string()));
        }
        serde_urlencoded::to_string(pairs).unwrap_or_default()
    }

    /// The address of this list under `path`.
    #[must_use]
    pub fn href(&self, path: &str) -> String {
        let query = self.to_query_string();
        if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
    }

    /// The same list from its first page, changed by `change`: what filters and sort links lead to.
    #[must_use]
    pub fn with(&self, change: impl FnOnce(&mut Self)) -> Self {
        let mut changed = Self { page: 1, ..self.clone() };
        change(&mut changed);
        changed
    }

    /// Whether anything but the order and the page is asked for.
    #[must_use]
    pub fn filters(&self) -> bool {
        self.text.is_some() || self.status.is_some() || self.location.is_some() || self.deposited != Deposited::Any
    }

    /// What the API is asked. `now` is taken to the minute, so that the server and the browser ask the same.
    #[must_use]
    pub fn to_api(&self, now: Timestamp) -> AipsQuery {
        const MINUTE: i64 = 60_000_000;
        let (earliest, latest) = match self.deposited {
            Deposited::Any => (None, None),
            Deposited::Last(hours) => {
                let minute = now.micros() - now.micros().rem_euclid(MINUTE);
                (Some(Timestamp::from_micros(minute - hours * 60 * MINUTE)), None)
            }
            Deposited::Between(earliest, latest) => (earliest, latest),
        };
        AipsQuery {
            query: self.text.clone(),
            status: self.status,
            location_uuid: self.location,
            earliest_created_time: earliest,
            latest_created_time: latest,
            sort: self.sort,
            limit: self.limit,
            offset: (self.page - 1).saturating_mul(self.limit),
        }
    }
}

/// The word of a preset in the address.
#[must_use]
pub fn preset_word(hours: i64) -> Option<&'static str> {
    PRESETS.iter().find(|(_, _, length)| *length == hours).map(|(word, _, _)| *word)
}

fn preset(value: &str) -> Result<i64, Wrong> {
    let found = PRESETS.iter().find(|(word, _, _)| *word == value).map(|(_, _, hours)| *hours);
    found.ok_or_else(|| format!("The time span {value:?} is not one of 3h, 6h, 12h, 1d, 3d, 7d."))
}

/// RFC 3339, or what a browser's date field sends: without an offset it is UTC.
fn instant(value: &str) -> Result<Timestamp, Wrong> {
    let candidates = [value.to_owned(), format!("{value}Z"), format!("{value}:00Z"), format!("{value}T00:00:00Z")];
    let read = candidates.iter().find_map(|text| Timestamp::parse(text).ok());
    read.ok_or_else(|| format!("{value:?} is not a time such as 2026-06-01T10:05:00Z."))
}

fn number(value: &str, most: u64) -> Result<u64, String> {
    value.parse().ok().filter(|number| (1..=most).contains(number)).ok_or_else(|| format!("a number from 1 to {most}"))
}

/// What a browser's date field takes for an instant, in UTC.
#[must_use]
pub fn field_value(at: Timestamp) -> String {
    // RFC 3339 to the second, `2026-06-01T10:05:07Z`: without the zone, and without seconds where there are none.
    let whole = at.to_rfc3339();
    let length = if at.micros() % 60_000_000 == 0 { "2026-06-01T10:05".len() } else { whole.len() - 1 };
    whole[..length].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parsed(search: &str) -> ListQuery {
        ListQuery::parse(search).expect("an address that is understood")
    }

    #[test]
    fn nothing_asked_is_the_default() {
        assert_eq!(parsed(""), ListQuery::default());
        assert_eq!(parsed("query=&status=&page=&unknown=1&&=&x"), ListQuery::default());
        assert_eq!(ListQuery::default().href("/storage/aips"), "/storage/aips");
    }

    #[test]
    fn the_bookmarks_of_enduro_are_understood() {
        let query = parsed(
            "name=fonds+12%25&status=stored&page=3&earliestCreatedTime=2026-06-01T10:05:00.250Z&latestCreatedTime=2026-06-02T00:00:00%2B02:00",
        );
        assert_eq!(query.text.as_deref(), Some("fonds 12%"));
        assert_eq!((query.status, query.page), (Some(AipStatus::Stored), 3));
        let api = query.to_api(Timestamp::from_micros(0));
        assert_eq!(api.offset, 40);
        assert_eq!(api.latest_created_time.map(Timestamp::to_rfc3339).as_deref(), Some("2026-06-01T22:00:00Z"));
    }

    #[test]
    fn date_fields_are_understood_as_utc() {
        for text in ["2026-06-01T10:05", "2026-06-01T10:05:00", "2026-06-01T10:05:00Z"] {
            let query = parsed(&format!("earliestCreatedTime={text}"));
            let at = Timestamp::parse("2026-06-01T10:05:00Z").expect("RFC 3339");
            assert_eq!(query.deposited, Deposited::Between(Some(at), None), "{text}");
            assert_eq!(field_value(at), "2026-06-01T10:05");
        }
    }

    #[test]
    fn each_part_that_makes_no_sense_is_named() {
        let search = "status=gone&location=here&deposited=2h&earliestCreatedTime=soon&sort=uuid&limit=0&page=-1";
        let wrong = ListQuery::parse(search).expect_err("nonsense");
        assert_eq!(wrong.len(), 7, "{wrong:?}");
        for (sentence, value) in wrong.iter().zip(["gone", "here", "2h", "soon", "uuid", "0", "-1"]) {
            assert!(sentence.contains(&format!("\"{value}\"")) && sentence.ends_with('.'), "{sentence}");
        }
        let wrong = ListQuery::parse("earliestCreatedTime=2026-06-02&latestCreatedTime=2026-06-01").expect_err("turned around");
        assert_eq!(wrong, ["The end of the time range lies before its start."]);
        assert!(ListQuery::parse("page=1000000001").is_err() && ListQuery::parse("limit=1001").is_err());
    }

    #[test]
    fn a_preset_reaches_back_from_the_minute() {
        let now = Timestamp::parse("2026-06-01T10:05:59Z").expect("RFC 3339");
        let api = parsed("deposited=3h").to_api(now);
        assert_eq!(api.earliest_created_time.map(Timestamp::to_rfc3339).as_deref(), Some("2026-06-01T07:05:00Z"));
    }

    #[test]
    fn changing_a_filter_goes_back_to_the_first_page() {
        let query = parsed("page=4&limit=50&sort=-size").with(|query| query.status = Some(AipStatus::Pending));
        assert_eq!(query.to_query_string(), "status=pending&sort=-size&limit=50");
    }

    proptest! {
        #[test]
        fn no_address_breaks_it(search in ".{0,200}") {
            let _ = ListQuery::parse(&search);
        }

        #[test]
        fn an_address_is_read_back(text in "\\PC{1,20}", page in 1..MAX_PAGE, limit in 1..=MAX_LIMIT, hours in 0_usize..6) {
            let query = ListQuery {
                text: Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
                status: Some(AipStatus::Queued),
                location: Some(Uuid::from_u128(7)),
                deposited: Deposited::Last(PRESETS[hours].2),
                sort: SortKey::parse("-location").unwrap_or_default(),
                limit,
                page,
            };
            prop_assert_eq!(ListQuery::parse(&query.to_query_string()), Ok(query));
        }
    }
}
