//! What the address of the log says. As with the list of AIPs, the address is the state of the page.

use crate::{
    api::EventsQuery,
    domain::{EventKind, Timestamp},
};
use uuid::Uuid;

/// What the page shows.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ActivityQuery {
    /// Only this kind.
    pub kind: Option<EventKind>,
    /// Only this AIP.
    pub aip: Option<Uuid>,
    /// Only whoever is called so.
    pub person: Option<String>,
    /// Only what happened then or later.
    pub from: Option<Timestamp>,
    /// Only what happened before.
    pub to: Option<Timestamp>,
    /// Only what is older than this place in the log: the pages after the first.
    pub before: Option<u64>,
}

impl ActivityQuery {
    /// Reads a query string; what is not understood of it, as sentences.
    pub fn parse(search: &str) -> Result<Self, Vec<String>> {
        let pairs: Vec<(String, String)> = serde_urlencoded::from_str(search).unwrap_or_default();
        let (mut read, mut wrong) = (Self::default(), Vec::new());
        for (name, value) in pairs {
            let value = value.trim();
            if value.is_empty() {
                continue;
            }
            let outcome = match name.as_str() {
                "kind" => value.parse().map(|kind| read.kind = Some(kind)).map_err(|error| format!("The kind {error}.")),
                "aip" => value.parse().map(|aip| read.aip = Some(aip)).map_err(|_not_one| format!("The AIP “{value}” is no UUID.")),
                "from" => moment(value).map(|at| read.from = Some(at)).ok_or_else(|| no_time("From", value)),
                "to" => moment(value).map(|at| read.to = Some(at)).ok_or_else(|| no_time("To", value)),
                "before" => value
                    .parse()
                    .map(|seq| read.before = Some(seq))
                    .map_err(|_not_one| format!("The place in the log “{value}” is no number.")),
                "person" => {
                    read.person = Some(value.to_owned());
                    Ok(())
                }
                _ => Ok(()),
            };
            wrong.extend(outcome.err());
        }
        if let (Some(from), Some(to)) = (read.from, read.to)
            && to < from
        {
            wrong.push("The end of the time is before its beginning.".to_owned());
        }
        if wrong.is_empty() { Ok(read) } else { Err(wrong) }
    }

    /// The address of this page.
    #[must_use]
    pub fn href(&self) -> String {
        let pairs = [
            ("kind", self.kind.map(|kind| kind.to_string())),
            ("aip", self.aip.map(|aip| aip.to_string())),
            ("person", self.person.clone()),
            ("from", self.from.map(Timestamp::to_rfc3339)),
            ("to", self.to.map(Timestamp::to_rfc3339)),
            ("before", self.before.map(|seq| seq.to_string())),
        ];
        let pairs: Vec<_> = pairs.into_iter().filter_map(|(name, value)| value.map(|value| (name, value))).collect();
        let query = serde_urlencoded::to_string(pairs).unwrap_or_default();
        if query.is_empty() { "/activity".to_owned() } else { format!("/activity?{query}") }
    }

    /// What the service is asked.
    #[must_use]
    pub fn to_api(&self) -> EventsQuery {
        EventsQuery {
            kind: self.kind,
            aip_uuid: self.aip,
            person: self.person.clone(),
            earliest_time: self.from,
            latest_time: self.to,
            before: self.before,
            ..EventsQuery::default()
        }
    }

    /// Whether anything is left out but for the place.
    #[must_use]
    pub fn filters(&self) -> bool {
        *self != Self { before: self.before, ..Self::default() }
    }
}

fn no_time(field: &str, value: &str) -> String {
    format!("{field} “{value}” is no date and time such as 2026-06-01T10:05.")
}

/// A moment as it is written in addresses, or as a form's field says it: to the minute or second, in UTC.
fn moment(text: &str) -> Option<Timestamp> {
    [text.to_owned(), format!("{text}Z"), format!("{text}:00Z")].iter().find_map(|text| Timestamp::parse(text).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_is_the_state() {
        let query = ActivityQuery {
            kind: Some(EventKind::Workflow),
            aip: Some(Uuid::from_u128(7)),
            person: Some("A. & B.".into()),
            from: moment("2026-06-01T10:05"),
            to: moment("2026-06-01T10:05:30"),
            before: Some(41),
        };
        let href = query.href();
        assert_eq!(ActivityQuery::parse(href.strip_prefix("/activity?").expect("a query")), Ok(query));
        assert_eq!(ActivityQuery::parse(""), Ok(ActivityQuery::default()));
        assert_eq!(ActivityQuery::default().href(), "/activity");
    }

    #[test]
    fn what_is_not_understood_is_said() {
        for search in ["kind=x", "aip=x", "from=x", "to=2026", "before=-1", "from=2026-06-02T00:00&to=2026-06-01T00:00"] {
            assert_eq!(ActivityQuery::parse(search).expect_err(search).len(), 1, "{search}");
        }
        assert_eq!(ActivityQuery::parse("kind=&unknown=1"), Ok(ActivityQuery::default()));
    }
}
