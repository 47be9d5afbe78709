//! An instant as the archive records it.

use chrono::{DateTime, SecondsFormat, TimeZone, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

/// An instant in UTC, kept to the microsecond and written on the wire as RFC 3339 in whole seconds
/// (`storage-api.md` section 1, "Timestamps out"). Reads any RFC 3339 text, fractions included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, utoipa::ToSchema)]
#[schema(value_type = String, format = DateTime, example = "2026-06-01T10:05:00Z")]
pub struct Timestamp(DateTime<Utc>);

impl Timestamp {
    /// The instant that lies `micros` microseconds after the Unix epoch; out-of-range values become the epoch itself.
    #[must_use]
    pub fn from_micros(micros: i64) -> Self {
        Self(Utc.timestamp_micros(micros).single().unwrap_or_default())
    }

    /// Microseconds since the Unix epoch: the form in which the database keeps it.
    #[must_use]
    pub fn micros(self) -> i64 {
        self.0.timestamp_micros()
    }

    /// Reads RFC 3339.
    ///
    /// # Errors
    /// When the text is not a date and time with an offset.
    pub fn parse(text: &str) -> Result<Self, chrono::ParseError> {
        Ok(Self::from(DateTime::parse_from_rfc3339(text)?.with_timezone(&Utc)))
    }

    /// The underlying date and time.
    #[must_use]
    pub fn utc(self) -> DateTime<Utc> {
        self.0
    }

    /// RFC 3339 in whole seconds, with `Z`.
    #[must_use]
    pub fn to_rfc3339(self) -> String {
        self.0.to_rfc3339_opts(SecondsFormat::Secs, true)
    }
}

impl From<DateTime<Utc>> for Timestamp {
    fn from(value: DateTime<Utc>) -> Self {
        Self::from_micros(value.timestamp_micros())
    }
}

impl std::fmt::Display for Timestamp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.to_rfc3339())
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.to_rfc3339())
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Self::parse(&text).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_whole_seconds_and_reads_fractions() {
        let read: Timestamp = serde_json::from_str("\"2026-06-01T12:05:00.250+02:00\"").expect("RFC 3339");
        assert_eq!(serde_json::to_string(&read).expect("a string"), "\"2026-06-01T10:05:00Z\"");
        assert_eq!(read.micros() % 1_000_000, 250_000);
    }

    #[test]
    fn refuses_what_is_not_a_time() {
        for text in ["", "yesterday", "2026-06-01", "2026-06-01T10:05:00"] {
            assert!(Timestamp::parse(text).is_err(), "{text}");
        }
    }
}
