//! Locations: all of them, since they are few and since every AIP names one.

use super::{
    UserStore,
    aips::{another_log, set_if_changed},
};
use crate::{
    api::client::Snapshot,
    app::sentences::Place,
    domain::{Location, attribute},
    realtime::Position,
};
use leptos::prelude::*;
use reactive_stores::{KeyMap, PatchField, Store, StorePath};
use std::collections::HashMap;
use uuid::Uuid;

/// The locations. Read its fields through the store, e.g. `stores.locations.list.rows()` (bring [`LocationListStoreFields`] into
/// scope).
#[derive(Debug, Clone, Default, Store)]
pub struct LocationList {
    /// By name, ignoring case.
    #[store(key: Uuid = |location| location.uuid)]
    rows: Vec<Location>,
    /// Whether `rows` is all of them (and not the one or two that a page happened to ask for).
    complete: bool,
    /// The log position of the newest complete answer.
    position: Option<Position>,
    /// Removed ones with the place in the log that told of it: an answer from before that place does not bring them back.
    tombstones: HashMap<Uuid, u64>,
}

impl PatchField for Location {
    fn patch_field(&mut self, new: Self, path: &StorePath, notify: &mut dyn FnMut(&StorePath), _keys: Option<&KeyMap>) {
        if *self != new {
            *self = new;
            notify(path);
        }
    }
}

/// The store of locations.
#[derive(Debug, Clone, Copy)]
pub struct LocationsStore {
    /// All of them.
    pub list: Store<LocationList>,
    user: UserStore,
}

impl LocationsStore {
    pub(super) fn new(user: UserStore) -> Self {
        Self { list: Store::new(LocationList::default()), user }
    }

    /// Takes the answer with all locations.
    pub fn show_all(&self, answer: Snapshot<Vec<Location>>) {
        let Snapshot { position, data } = answer;
        let held = self.list.get_untracked();
        if held.complete && matches!((position, held.position), (Some(new), Some(old)) if new.epoch == old.epoch && new.seq < old.seq) {
            return;
        }
        let restored = another_log(position, held.position);
        let seq = if restored { u64::MAX } else { position.map_or(0, |position| position.seq) };
        let known = if restored { &[] } else { held.rows.as_slice() };
        let buried = |location: &Location| held.tombstones.get(&location.uuid).is_some_and(|gone| *gone > seq);
        self.list.rows().patch(merge(known, data.into_iter().filter(|location| !buried(location)).collect()));
        set_if_changed(self.list.complete(), true);
        self.list.position().set(position);
        self.list.tombstones().update_untracked(|tombstones| tombstones.retain(|_, gone| *gone > seq));
    }

    /// Takes the answer with all locations, where they may be asked for. Without it their names are not known.
    pub fn show_known(&self, answer: Option<Snapshot<Vec<Location>>>) {
        if let Some(answer) = answer {
            self.show_all(answer);
        }
    }

    /// Takes one location, from an answer or from an event, if it is not older than what is held. Events do not count AIPs: what
    /// is known of that stays.
    pub fn put(&self, location: Location, counts_too: bool) {
        let held = self.list.get_untracked();
        if held.tombstones.contains_key(&location.uuid) {
            return;
        }
        let mut rows = held.rows;
        match rows.iter_mut().find(|known| known.uuid == location.uuid) {
            Some(known) if location.version < known.version => return,
            Some(known) if counts_too => *known = location,
            Some(known) => {
                *known = Location {
                    aip_count: known.aip_count,
                    total_size: known.total_size,
                    updated_at: location.updated_at.max(known.updated_at),
                    ..location
                }
            }
            None => rows.push(location),
        }
        sort(&mut rows);
        self.list.rows().patch(rows);
    }

    /// A location was removed; `seq` is the place in the log that says so.
    pub fn remove(&self, uuid: Uuid, seq: u64) {
        self.list.tombstones().update_untracked(|tombstones| {
            tombstones.insert(uuid, seq);
        });
        let rows = self.list.rows().get_untracked().into_iter().filter(|location| location.uuid != uuid).collect();
        self.list.rows().patch(rows);
    }

    /// The name of a location, reactive; none while it is not known.
    #[must_use]
    pub fn name(&self, uuid: Uuid) -> Option<String> {
        self.list.rows().track();
        self.list.rows().read_untracked().iter().find(|location| location.uuid == uuid).map(|location| location.name.clone())
    }

    /// What sentences say of a location, reactive. That there is none any more is known to those alone who are told of new ones.
    #[must_use]
    pub fn place(&self, uuid: Uuid) -> Place {
        let all = self.list.complete().get() && self.user.may(attribute::LOCATIONS_LIST);
        self.name(uuid).map_or(if all { Place::Removed } else { Place::NotKnown }, Place::Named)
    }

    /// A location, reactive; none while it is not known.
    #[must_use]
    pub fn get(&self, uuid: Uuid) -> Option<Location> {
        self.list.rows().read().iter().find(|location| location.uuid == uuid).cloned()
    }

    /// Whether the location is known, not reactive.
    #[must_use]
    pub fn holds(&self, uuid: Uuid) -> bool {
        self.list.rows().read_untracked().iter().any(|location| location.uuid == uuid)
    }
}

fn merge(held: &[Location], answer: Vec<Location>) -> Vec<Location> {
    let newer = |mut new: Location| match held.iter().find(|known| known.uuid == new.uuid && known.version > new.version) {
        // The counts are not part of the version: the answer's are the newer ones.
        Some(known) => {
            new.name.clone_from(&known.name);
            new.description.clone_from(&known.description);
            new.version = known.version;
            new
        }
        None => new,
    };
    let mut rows: Vec<Location> = answer.into_iter().map(newer).collect();
    sort(&mut rows);
    rows
}

fn sort(rows: &mut [Location]) {
    rows.sort_by_cached_key(|location| (location.name.to_lowercase(), location.uuid));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{LocationPurpose, LocationSource, Timestamp};

    fn location(id: u128, name: &str, version: u64, aip_count: u64) -> Location {
        Location {
            name: name.into(),
            description: String::new(),
            source: LocationSource::Filesystem,
            purpose: LocationPurpose::AipStore,
            uuid: Uuid::from_u128(id),
            created_at: Timestamp::from_micros(0),
            updated_at: None,
            aip_count,
            total_size: 0,
            version,
        }
    }

    fn at(seq: u64, data: Vec<Location>) -> Snapshot<Vec<Location>> {
        Snapshot { position: Some(Position { epoch: 1, seq, tag: seq }), data }
    }

    fn names(store: LocationsStore) -> Vec<String> {
        store.list.rows().get_untracked().into_iter().map(|l| l.name).collect()
    }

    #[test]
    fn an_event_renames_but_does_not_recount() {
        let _owner = Owner::new_root(None);
        let store = LocationsStore::new(UserStore::new());
        store.show_all(at(5, vec![location(1, "North", 1, 7), location(2, "south", 1, 0)]));
        store.put(location(1, "West", 2, 0), false);
        store.put(location(1, "East", 1, 0), false);
        assert_eq!(names(store), ["south", "West"]);
        assert_eq!(store.get(Uuid::from_u128(1)).map(|l| l.aip_count), Some(7));
    }

    #[test]
    fn who_is_not_told_of_new_locations_is_not_told_that_one_was_removed() {
        let _owner = Owner::new_root(None);
        let store = LocationsStore::new(UserStore::new());
        store.show_all(at(5, vec![location(1, "North", 1, 7)]));
        assert_eq!(store.place(Uuid::from_u128(1)), Place::Named("North".into()));
        assert_eq!(store.place(Uuid::from_u128(2)), Place::NotKnown);
    }

    #[test]
    fn what_was_removed_comes_back_only_with_a_newer_answer() {
        let _owner = Owner::new_root(None);
        let store = LocationsStore::new(UserStore::new());
        store.show_all(at(5, vec![location(1, "North", 1, 0), location(2, "South", 1, 0)]));
        store.remove(Uuid::from_u128(2), 8);
        store.show_all(at(7, vec![location(1, "North", 1, 0), location(2, "South", 1, 0)]));
        assert_eq!(names(store), ["North"]);
        store.put(location(2, "South", 1, 0), true);
        assert_eq!(names(store), ["North"]);
        store.show_all(at(8, vec![location(1, "North", 1, 0)]));
        assert!(store.list.tombstones().get_untracked().is_empty());
    }

    #[test]
    fn after_a_restore_versions_and_tombstones_of_the_lost_future_do_not_count() {
        let _owner = Owner::new_root(None);
        let store = LocationsStore::new(UserStore::new());
        store.show_all(at(50, vec![location(1, "Renamed", 9, 0), location(2, "South", 1, 0)]));
        store.remove(Uuid::from_u128(2), 51);
        let restored = Snapshot {
            position: Some(Position { epoch: 2, seq: 3, tag: 3 }),
            ..at(3, vec![location(1, "North", 1, 0), location(2, "South", 1, 0)])
        };
        store.show_all(restored);
        assert_eq!(names(store), ["North", "South"]);
    }

    #[test]
    fn an_older_answer_is_ignored_and_an_older_row_keeps_the_newer_name() {
        let _owner = Owner::new_root(None);
        let store = LocationsStore::new(UserStore::new());
        store.show_all(at(5, vec![location(1, "North", 1, 7)]));
        store.show_all(at(4, vec![]));
        store.put(location(1, "Nord", 2, 0), false);
        store.show_all(at(6, vec![location(1, "North", 1, 9)]));
        assert_eq!(store.get(Uuid::from_u128(1)).map(|l| (l.name, l.aip_count)), Some(("Nord".into(), 9)));
    }
}
