//! An event as the hub hands it round.

use crate::{
    api::EventFrame,
    domain::{Permissions, StorageEvent},
    realtime::{resource_change::ResourceChange, topic::Topic},
    server::db::Concerns,
};
use axum::extract::ws::Utf8Bytes;
use std::sync::OnceLock;

/// One event of the log, serialised once for everybody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HubEvent {
    /// Place in the log.
    pub seq: u64,
    /// First 64 bits of the entry's id.
    pub tag: u64,
    /// Whether clients that did not opt in may be sent it.
    pub known_to_enduro: bool,
    /// The attributes of which one is needed to be sent it; none: everybody is.
    pub seen_with: &'static [&'static str],
    /// What it is told under: whoever listens to one of these is told.
    pub topics: Vec<Topic>,
    /// What it says to those who keep copies; made when the first of them is told.
    pub change: OnceLock<Option<Utf8Bytes>>,
    /// The whole frame as JSON with the newline after it that Enduro's frames end with. A clone shares the bytes.
    pub line: Utf8Bytes,
}

impl HubEvent {
    /// Serialises a frame.
    ///
    /// # Errors
    /// When it cannot be written as JSON.
    pub fn new(frame: &EventFrame, seq: u64, tag: u64, concerns: Concerns) -> Result<Self, serde_json::Error> {
        let mut line = serde_json::to_string(frame)?;
        line.push('\n');
        Ok(Self {
            seq,
            tag,
            known_to_enduro: frame.value.known_to_enduro(),
            seen_with: frame.value.seen_with(),
            topics: topics(&frame.value, concerns),
            change: OnceLock::new(),
            line: line.into(),
        })
    }

    /// Whether somebody who may do this may see it (`storage-api.md` section 6.3).
    #[must_use]
    pub fn is_seen_with(&self, permissions: &Permissions) -> bool {
        self.seen_with.is_empty() || permissions.allow_any(self.seen_with)
    }

    /// What it says to those who keep copies of resources (`realtime.md` section 6): `resource_change`, or what was announced as it is.
    #[must_use]
    pub fn resource_change(&self) -> Option<&Utf8Bytes> {
        let made = self.change.get_or_init(|| {
            // It was written by us.
            let frame: EventFrame = serde_json::from_str(self.json()).ok()?;
            let text = match &frame.value {
                StorageEvent::Announced { item, .. } => item.to_text(),
                event => ResourceChange::of(event, frame.version.unwrap_or_default())?.to_text(),
            };
            Some(text.into())
        });
        made.as_ref()
    }

    /// The frame as JSON, without its newline.
    #[must_use]
    pub fn json(&self) -> &str {
        self.line.trim_end()
    }
}

/// What an event is told under (`realtime.md` section 2).
fn topics(event: &StorageEvent, Concerns { aip, location, left_location }: Concerns) -> Vec<Topic> {
    let announced = matches!(event, StorageEvent::Announced { .. });
    let mut topics = vec![Topic::Activity];
    topics.extend((!announced).then_some(Topic::Storage));
    let work = matches!(
        event,
        StorageEvent::AipWorkflowCreated { .. }
            | StorageEvent::AipWorkflowUpdated { .. }
            | StorageEvent::AipTaskCreated { .. }
            | StorageEvent::AipTaskUpdated { .. }
    );
    let named =
        matches!(event, StorageEvent::LocationCreated { .. } | StorageEvent::LocationUpdated { .. } | StorageEvent::LocationDeleted { .. });
    topics.extend(work.then_some(Topic::Tasks));
    topics.extend(named.then_some(Topic::Locations));
    topics.extend(aip.map(Topic::Aip));
    topics.extend(location.map(Topic::Location));
    topics.extend(left_location.map(Topic::Location));
    topics
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn an_aip_that_moves_is_told_of_at_both_of_its_locations() {
        let (aip, from, to) = (Uuid::from_u128(1), Uuid::from_u128(2), Uuid::from_u128(3));
        let event = StorageEvent::AipLocationUpdated { uuid: aip, location_uuid: to };
        let concerns = Concerns { aip: Some(aip), location: Some(to), left_location: Some(from) };
        assert_eq!(
            topics(&event, concerns),
            [Topic::Activity, Topic::Storage, Topic::Aip(aip), Topic::Location(to), Topic::Location(from)]
        );
    }

    #[test]
    fn a_location_that_goes_is_told_of_to_whoever_names_locations() {
        let uuid = Uuid::from_u128(1);
        let concerns = Concerns { location: Some(uuid), ..Concerns::default() };
        assert_eq!(
            topics(&StorageEvent::LocationDeleted { uuid }, concerns),
            [Topic::Activity, Topic::Storage, Topic::Locations, Topic::Location(uuid)]
        );
    }
}
