//! A place in the event log.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::{fmt, str::FromStr};
use uuid::Uuid;

/// `(epoch, seq, tag)` (`realtime.md` section 1): which log, how far in it, and a check that the entry there is the one that
/// was seen. Written as `epoch-seq-tag`, the outer two as 16 hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Position {
    /// Random identity of the log, renewed when continuity cannot be proven.
    pub epoch: u64,
    /// Entries up to and including this one; 0 before the first.
    pub seq: u64,
    /// The first 64 bits of that entry's id; 0 before the first.
    pub tag: u64,
}

impl Position {
    /// The beginning of a log.
    #[must_use]
    pub const fn start(epoch: u64) -> Self {
        Self { epoch, seq: 0, tag: 0 }
    }

    /// The tag of an entry: the first 64 bits of its id.
    #[must_use]
    pub fn tag_of(id: Uuid) -> u64 {
        id.as_u64_pair().0
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}-{}-{:016x}", self.epoch, self.seq, self.tag)
    }
}

/// A text that is not a position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a log position")]
pub struct NotAPosition;

impl FromStr for Position {
    type Err = NotAPosition;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut parts = text.splitn(3, '-');
        let (Some(epoch), Some(seq), Some(tag)) = (parts.next(), parts.next(), parts.next()) else { return Err(NotAPosition) };
        Ok(Self {
            epoch: hex(epoch).ok_or(NotAPosition)?,
            seq: seq.bytes().all(|b| b.is_ascii_digit()).then(|| seq.parse().ok()).flatten().ok_or(NotAPosition)?,
            tag: hex(tag).ok_or(NotAPosition)?,
        })
    }
}

impl Serialize for Position {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Position {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// A tag as it travels beside an event's `seq`: 16 hexadecimal digits, because JSON's numbers do not hold 64 bits everywhere. For
/// `#[serde(with)]` on a field that may be absent.
pub mod tag_text {
    use super::{Deserialize, Deserializer, NotAPosition, Serializer, hex};

    /// Writes it.
    ///
    /// # Errors
    /// The serializer's.
    pub fn serialize<S: Serializer>(tag: &Option<u64>, serializer: S) -> Result<S::Ok, S::Error> {
        match tag {
            Some(tag) => serializer.collect_str(&format_args!("{tag:016x}")),
            None => serializer.serialize_none(),
        }
    }

    /// Reads it.
    ///
    /// # Errors
    /// When it is there and not such a text.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
        let text = Option::<String>::deserialize(deserializer)?;
        text.map(|text| hex(&text).ok_or(NotAPosition)).transpose().map_err(serde::de::Error::custom)
    }
}

/// 16 hexadecimal digits, and nothing else.
fn hex(text: &str) -> Option<u64> {
    (text.len() == 16 && text.bytes().all(|byte| byte.is_ascii_hexdigit())).then(|| u64::from_str_radix(text, 16).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn text_round_trips(epoch: u64, seq: u64, tag: u64) {
            let position = Position { epoch, seq, tag };
            prop_assert_eq!(position.to_string().parse(), Ok(position));
        }

        #[test]
        fn foreign_text_never_panics(text in ".{0,60}") {
            let _ = text.parse::<Position>();
        }
    }

    #[test]
    fn foreign_text_is_refused() {
        for text in [
            "",
            "1-2-3",
            "0000000000000001-+2-0000000000000003",
            "0000000000000001--0000000000000003",
            "+000000000000001-1-0000000000000000",
            "zzzzzzzzzzzzzzzz-1-0000000000000000",
        ] {
            assert_eq!(text.parse::<Position>(), Err(NotAPosition), "{text}");
        }
    }
}
