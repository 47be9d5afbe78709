//! What a browser remembers of a session: the record `strongroom.session` in `localStorage` (`realtime.md` section 5).
//!
//! Session id, topics, time; never a ticket, a token or a position: whoever reads it learns and may do nothing with it, and a page
//! begins with its snapshot, not with the memory of an earlier one. Broken or foreign content is discarded. Times are
//! milliseconds since the Unix epoch by the reader's clock.

use crate::realtime::{protocol::MAX_FRAME, topic::Topics};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The record's key.
pub const KEY: &str = "strongroom.session";

/// It is good for so long.
pub const VALID: u64 = 24 * 60 * 60 * 1_000;

/// The record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Memory {
    /// The session that is gone on with.
    pub session_id: Uuid,
    /// What was listened to.
    pub topics: Topics,
    /// When it was written.
    pub at: u64,
}

impl Memory {
    /// Reads the record; none if there is nothing in it to go on with: it is broken, somebody else's, too old, or of the future.
    #[must_use]
    pub fn read(text: &str, now: u64) -> Option<Self> {
        if text.len() > MAX_FRAME {
            return None;
        }
        serde_json::from_str::<Self>(text).ok().filter(|memory| now.checked_sub(memory.at).is_some_and(|age| age < VALID))
    }

    /// The record's text.
    #[must_use]
    pub fn to_text(&self) -> String {
        // A map of texts and numbers cannot fail to be written.
        serde_json::to_string(self).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::realtime::topic::{Topic, tests::topic};
    use proptest::prelude::*;

    #[test]
    fn it_is_good_for_a_day_and_holds_nothing_secret() {
        let memory = Memory { session_id: Uuid::from_u128(1), topics: Topic::Storage.into(), at: 1_000 };
        let text = memory.to_text();
        assert_eq!(text, r#"{"session_id":"00000000-0000-0000-0000-000000000001","topics":["storage"],"at":1000}"#);
        assert_eq!(Memory::read(&text, 1_000 + VALID - 1), Some(memory));
        assert_eq!(Memory::read(&text, 1_000 + VALID), None);
        assert_eq!(Memory::read(&text, 999), None);
        for foreign in
            ["", "null", "{}", "[]", &text[1..], &text.replace("storage", "everything"), &text.replace("\"at\"", "\"token\":1,\"at\"")]
        {
            assert_eq!(Memory::read(foreign, 1_000), None, "{foreign}");
        }
    }

    proptest! {
        #[test]
        fn foreign_text_never_panics(text in ".{0,200}", now: u64) {
            let _ = Memory::read(&text, now);
        }

        #[test]
        fn broken_text_never_panics(
            id: u128, topics in prop::collection::vec(topic(), 0..5), at: u64, now: u64, cut in any::<prop::sample::Index>(), put in any::<char>(),
        ) {
            let memory = Memory { session_id: Uuid::from_u128(id), topics: Topics::of(topics).expect("few"), at };
            let mut text = memory.to_text();
            let read = Memory::read(&text, now);
            prop_assert_eq!(read.is_some(), now >= at && now - at < VALID);
            prop_assert!(read.is_none_or(|read| read == memory));
            text.insert(cut.index(text.len()), put);
            let _ = Memory::read(&text, now);
        }
    }
}
