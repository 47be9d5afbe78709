//! The parts of a sample that take a decision: which processes are shown, on which disk a location lies, how fast a counter goes.

use super::sample::{Disk, Process, Processes, Sample};
use std::{cmp::Reverse, collections::BTreeMap, path::Path};
use uuid::Uuid;

/// Processes of each list.
pub const TOP: usize = 10;
/// Cores, disks and interfaces that a sample tells of, each.
pub const MOST: usize = 256;
/// Characters of a name or path that a sample tells.
pub const MAX_NAME: usize = 128;

/// The busiest and the largest of all processes.
#[must_use]
pub fn processes(all: Vec<Process>) -> Processes {
    let count = all.len() as u64;
    let by_processor = top(&all, |process| (Reverse(process.processor), process.pid));
    let by_memory = top(&all, |process| (Reverse(process.memory), process.pid));
    Processes { count, by_processor, by_memory }
}

fn top<K: Ord>(all: &[Process], key: impl Fn(&Process) -> K) -> Vec<Process> {
    let mut sorted: Vec<&Process> = all.iter().collect();
    if sorted.len() > TOP {
        sorted.select_nth_unstable_by_key(TOP, |process| key(process));
        sorted.truncate(TOP);
    }
    sorted.sort_unstable_by_key(|process| key(process));
    sorted.into_iter().cloned().collect()
}

/// Writes each location to the disk that its folder lies on: the one with the longest mount above it. Of disks mounted at one place
/// the last counts, as for whoever opens a file. Folders have to be absolute and without symbolic links.
pub fn place_locations<'a>(disks: &mut [Disk], folders: impl IntoIterator<Item = (Uuid, &'a Path)>) {
    for (location, folder) in folders {
        let above = disks.iter_mut().filter(|disk| folder.starts_with(&disk.mount));
        if let Some(disk) = above.max_by_key(|disk| Path::new(&disk.mount).components().count()) {
            disk.locations.push(location);
        }
    }
}

/// How fast counters go: of each key the reading before.
#[derive(Debug, Clone)]
pub struct Rates<K> {
    before: BTreeMap<K, u64>,
    at: Option<u64>,
}

impl<K> Default for Rates<K> {
    fn default() -> Self {
        Self { before: BTreeMap::new(), at: None }
    }
}

impl<K: Ord + Clone> Rates<K> {
    /// The next readings of all counters at `now`, milliseconds of a clock that does not go back: what each gained per second. None
    /// where it was not read before or went back, because it wrapped or began anew: what it gained is not known.
    pub fn next(&mut self, now: u64, readings: impl IntoIterator<Item = (K, u64)>) -> BTreeMap<K, Option<u64>> {
        let passed = self.at.and_then(|at| now.checked_sub(at)).filter(|millis| *millis > 0);
        let now_read: BTreeMap<K, u64> = readings.into_iter().collect();
        let rates = now_read.iter().map(|(key, reading)| {
            let gained = self.before.get(key).and_then(|before| reading.checked_sub(*before));
            let rate = gained.zip(passed).map(|(gained, millis)| u128::from(gained) * 1_000 / u128::from(millis));
            (key.clone(), rate.map(|rate| u64::try_from(rate).unwrap_or(u64::MAX)))
        });
        let rates = rates.collect();
        (self.before, self.at) = (now_read, Some(now));
        rates
    }
}

impl Sample {
    /// Keeps within what a sample may hold, whatever the machine is like.
    #[must_use]
    pub fn bounded(mut self) -> Self {
        self.processor.cores.truncate(MOST);
        self.disks.truncate(MOST);
        self.network.truncate(MOST);
        let names = [&mut self.node.name].into_iter();
        let names = names.chain(self.disks.iter_mut().flat_map(|disk| [&mut disk.mount, &mut disk.kind]));
        let names = names.chain(self.network.iter_mut().map(|interface| &mut interface.name));
        let lists = [&mut self.processes.by_processor, &mut self.processes.by_memory];
        let names = names.chain(lists.into_iter().flatten().map(|process| &mut process.name));
        names.for_each(shorten);
        self
    }
}

fn shorten(name: &mut String) {
    if let Some((end, _)) = name.char_indices().nth(MAX_NAME) {
        name.truncate(end);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::realtime::metrics::Percent;
    use proptest::prelude::*;

    fn disk(mount: &str) -> Disk {
        Disk { mount: mount.into(), kind: "ext4".into(), size: 10, used: 1, locations: Vec::new() }
    }

    #[test]
    fn a_location_lies_on_the_nearest_mount_above_it() {
        let mut disks = [disk("/"), disk("/srv"), disk("/srv/store"), disk("/srv")];
        let folders = ["/srv/store/a", "/srv/storehouse", "/srv", "/home", "relative"];
        place_locations(&mut disks, folders.iter().enumerate().map(|(n, path)| (Uuid::from_u128(n as u128), Path::new(path))));
        let on = disks.map(|disk| disk.locations.iter().map(|uuid| uuid.as_u128()).collect::<Vec<_>>());
        assert_eq!(on, [vec![3], vec![], vec![0], vec![1, 2]]);
    }

    #[test]
    fn a_counter_that_goes_back_is_a_gap() {
        let mut rates = Rates::default();
        assert_eq!(rates.next(1_000, [("eth0", 500)]), BTreeMap::from([("eth0", None)]));
        assert_eq!(rates.next(3_000, [("eth0", 2_500), ("lo", 9)]), BTreeMap::from([("eth0", Some(1_000)), ("lo", None)]));
        assert_eq!(rates.next(4_000, [("eth0", 10), ("lo", 9)]), BTreeMap::from([("eth0", None), ("lo", Some(0))]));
        assert_eq!(rates.next(4_000, [("eth0", 20)]), BTreeMap::from([("eth0", None)]), "no time passed");
        assert_eq!(rates.next(4_001, [("eth0", u64::MAX)]), BTreeMap::from([("eth0", Some(u64::MAX))]));
        assert_eq!(rates.next(4_002, [("lo", 9)]), BTreeMap::from([("lo", None)]), "it was away");
    }

    proptest! {
        /// Against sorting all.
        #[test]
        fn the_top_ten_are_the_top_ten(all in prop::collection::vec((0u32..50, 0u64..50), 0..40)) {
            let all: Vec<Process> = all.into_iter().enumerate().map(|(pid, (processor, memory))| Process {
                pid: pid as u32, name: "p".into(), processor: Percent::new(processor.into()), memory,
            }).collect();
            let told = processes(all.clone());
            prop_assert_eq!(told.count, all.len() as u64);
            let mut sorted = all.clone();
            sorted.sort_by_key(|process| Reverse(process.processor));
            prop_assert_eq!(&told.by_processor[..], &sorted[..sorted.len().min(TOP)]);
            let mut sorted = all;
            sorted.sort_by_key(|process| Reverse(process.memory));
            prop_assert_eq!(&told.by_memory[..], &sorted[..sorted.len().min(TOP)]);
        }
    }
}
