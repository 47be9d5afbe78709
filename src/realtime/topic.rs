//! What a connection listens to (`realtime.md` section 2).
//!
//! Invariant: a [`Topics`] holds at most [`MAX_TOPICS`], each once. An addition that does not fit changes nothing.

use super::protocol::MAX_TOPICS;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::{fmt, str::FromStr};
use uuid::Uuid;

/// One topic. The variants stand in the order of their texts, so that sorting topics sorts what is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Topic {
    /// What people did.
    Activity,
    /// One AIP with its workflows and tasks.
    Aip(Uuid),
    /// One location and what it holds.
    Location(Uuid),
    /// Which locations there are and what they are called, without what they hold.
    Locations,
    /// The load of the machine (section 7).
    Metrics,
    /// `resource_change` messages (section 6).
    Resources,
    /// Every storage event: the default of the monitor.
    Storage,
    /// Progress of tasks.
    Tasks,
}

const AIP: &str = "aip:";
const LOCATION: &str = "location:";

impl Topic {
    /// The topics without a subject, each a bit of a mask; none for those with one.
    const fn bit(self) -> Option<u8> {
        match self {
            Self::Activity => Some(1),
            Self::Locations => Some(1 << 1),
            Self::Metrics => Some(1 << 2),
            Self::Resources => Some(1 << 3),
            Self::Storage => Some(1 << 4),
            Self::Tasks => Some(1 << 5),
            Self::Aip(_) | Self::Location(_) => None,
        }
    }
}

impl fmt::Display for Topic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Activity => f.write_str("activity"),
            Self::Aip(uuid) => write!(f, "{AIP}{uuid}"),
            Self::Location(uuid) => write!(f, "{LOCATION}{uuid}"),
            Self::Locations => f.write_str("locations"),
            Self::Metrics => f.write_str("metrics"),
            Self::Resources => f.write_str("resources"),
            Self::Storage => f.write_str("storage"),
            Self::Tasks => f.write_str("tasks"),
        }
    }
}

/// A text that is not a topic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a topic: use storage, aip:<uuid>, location:<uuid>, locations, tasks, resources, metrics or activity")]
pub struct NotATopic;

impl FromStr for Topic {
    type Err = NotATopic;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        // One text per topic: the other ways to write a UUID are of other lengths.
        let uuid = |text: &str| (text.len() == 36).then(|| Uuid::parse_str(text).ok()).flatten().ok_or(NotATopic);
        match text {
            "activity" => Ok(Self::Activity),
            "locations" => Ok(Self::Locations),
            "metrics" => Ok(Self::Metrics),
            "resources" => Ok(Self::Resources),
            "storage" => Ok(Self::Storage),
            "tasks" => Ok(Self::Tasks),
            _ => match (text.strip_prefix(AIP), text.strip_prefix(LOCATION)) {
                (Some(aip), _) => uuid(aip).map(Self::Aip),
                (_, Some(location)) => uuid(location).map(Self::Location),
                _ => Err(NotATopic),
            },
        }
    }
}

impl Serialize for Topic {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Topic {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

/// More topics than a connection may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a connection has at most {MAX_TOPICS} topics; nothing was changed")]
pub struct TooManyTopics;

/// The topics of one connection, written as a sorted array.
#[derive(Clone, PartialEq, Eq, Hash, Default)]
pub struct Topics {
    /// Sorted.
    all: Vec<Topic>,
    /// The bits of those without a subject.
    plain: u8,
}

impl Topics {
    /// None.
    #[must_use]
    pub const fn none() -> Self {
        Self { all: Vec::new(), plain: 0 }
    }

    /// A set of these.
    ///
    /// # Errors
    /// When there are more than [`MAX_TOPICS`] different ones.
    pub fn of(topics: impl IntoIterator<Item = Topic>) -> Result<Self, TooManyTopics> {
        let mut set = Self::none();
        for topic in topics {
            set.insert(topic)?;
        }
        Ok(set)
    }

    /// Adds all of these, or none of them.
    ///
    /// # Errors
    /// When there would be more than [`MAX_TOPICS`].
    pub fn add(&mut self, topics: &Self) -> Result<(), TooManyTopics> {
        *self = Self::of(self.iter().chain(topics.iter()))?;
        Ok(())
    }

    /// Takes these away; those that are not there are not missed.
    pub fn remove(&mut self, topics: &Self) {
        self.all.retain(|topic| !topics.contains(*topic));
        self.plain &= !topics.plain;
    }

    /// Whether something that is told under these topics is listened to: one of them suffices. Called for every event and
    /// connection, so topics without a subject cost one comparison of bits.
    #[must_use]
    pub fn covers(&self, told_under: &[Topic]) -> bool {
        told_under.iter().any(|topic| self.contains(*topic))
    }

    /// Whether this topic is listened to.
    #[must_use]
    pub fn contains(&self, topic: Topic) -> bool {
        topic.bit().map_or_else(|| self.all.binary_search(&topic).is_ok(), |bit| self.plain & bit != 0)
    }

    /// Whether all of these are listened to.
    #[must_use]
    pub fn contain_all(&self, topics: &Self) -> bool {
        topics.iter().all(|topic| self.contains(topic))
    }

    /// Those of them that `other` does not have.
    #[must_use]
    pub fn without(&self, other: &Self) -> Self {
        let mut rest = self.clone();
        rest.remove(other);
        rest
    }

    /// All, in the order of their texts.
    pub fn iter(&self) -> impl Iterator<Item = Topic> + '_ {
        self.all.iter().copied()
    }

    /// How many.
    #[must_use]
    pub fn len(&self) -> usize {
        self.all.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    fn insert(&mut self, topic: Topic) -> Result<(), TooManyTopics> {
        if let Err(place) = self.all.binary_search(&topic) {
            if self.all.len() == MAX_TOPICS {
                return Err(TooManyTopics);
            }
            self.all.insert(place, topic);
            self.plain |= topic.bit().unwrap_or(0);
        }
        Ok(())
    }
}

impl fmt::Debug for Topics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter().map(|topic| topic.to_string())).finish()
    }
}

impl From<Topic> for Topics {
    fn from(topic: Topic) -> Self {
        Self { all: vec![topic], plain: topic.bit().unwrap_or(0) }
    }
}

impl Serialize for Topics {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.all.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Topics {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Set;

        impl<'de> de::Visitor<'de> for Set {
            type Value = Topics;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an array of topics")
            }

            fn visit_seq<A: de::SeqAccess<'de>>(self, mut array: A) -> Result<Topics, A::Error> {
                let mut topics = Topics::none();
                while let Some(topic) = array.next_element()? {
                    topics.insert(topic).map_err(de::Error::custom)?;
                }
                Ok(topics)
            }
        }

        deserializer.deserialize_seq(Set)
    }
}

#[cfg(test)]
pub(crate) mod tests;
