//! What was seen and is still to be judged, and what was judged and is still to be announced: of each location and kind of change one
//! announcement at a time, however many files it concerns.

use std::{collections::HashMap, path::PathBuf, time::Duration};
use tokio::time::Instant;
use uuid::Uuid;

/// Between two announcements about one location and kind of change.
const SPACING: Duration = Duration::from_secs(3);
/// Paths that may wait to be judged: beyond, what changes is only counted.
const MOST: usize = 65_536;

/// What happened to a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Change {
    /// It is new.
    Appeared,
    /// It is another than before.
    Changed,
    /// It is gone.
    Vanished,
}

impl Change {
    /// As it is announced.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Appeared => "appeared",
            Self::Changed => "changed",
            Self::Vanished => "vanished",
        }
    }
}

#[derive(Debug)]
struct Seen {
    location: Uuid,
    appeared: bool,
    due: Instant,
}

#[derive(Debug, Default)]
struct Judged {
    first: Option<PathBuf>,
    count: u64,
    announced: Option<Instant>,
}

/// See the [module](self).
#[derive(Debug, Default)]
pub(super) struct Findings {
    seen: HashMap<PathBuf, Seen>,
    judged: HashMap<(Uuid, Change), Judged>,
}

impl Findings {
    /// Something happened to a path; it is to be judged then, however much happens to it until then.
    pub(super) fn note(&mut self, location: Uuid, path: PathBuf, appeared: bool, due: Instant) {
        if self.seen.len() >= MOST && !self.seen.contains_key(&path) {
            self.add(location, Change::Changed, path);
            return;
        }
        let seen = self.seen.entry(path).or_insert(Seen { location, appeared, due });
        seen.appeared |= appeared;
    }

    /// What is to be judged now: location, path, and whether it appeared.
    pub(super) fn settled(&mut self, now: Instant) -> Vec<(Uuid, PathBuf, bool)> {
        self.seen.extract_if(|_, seen| seen.due <= now).map(|(path, seen)| (seen.location, path, seen.appeared)).collect()
    }

    /// It is not our own doing.
    pub(super) fn add(&mut self, location: Uuid, change: Change, path: PathBuf) {
        let judged = self.judged.entry((location, change)).or_default();
        judged.count += 1;
        judged.first.get_or_insert(path);
    }

    /// What was to be announced could not be: it is tried again after a while, with what has come up by then.
    pub(super) fn put_back(&mut self, location: Uuid, change: Change, path: PathBuf, count: u64) {
        let judged = self.judged.entry((location, change)).or_default();
        judged.count = judged.count.saturating_add(count);
        judged.first = Some(path);
    }

    /// What is to be announced now: the first path of each, and how many there are.
    pub(super) fn due_to_be_announced(&mut self, now: Instant) -> Vec<(Uuid, Change, PathBuf, u64)> {
        let due = |judged: &Judged| judged.announced.is_none_or(|announced| announced + SPACING <= now);
        // What was announced long enough ago and did not happen again needs not be remembered.
        self.judged.retain(|_, judged| judged.first.is_some() || !due(judged));
        let ready = self.judged.iter_mut().filter(|(_, judged)| due(judged));
        let announced = ready.filter_map(|((location, change), judged)| {
            let path = judged.first.take()?;
            judged.announced = Some(now);
            Some((*location, *change, path, std::mem::take(&mut judged.count)))
        });
        announced.collect()
    }

    /// When something is to be judged or announced.
    pub(super) fn due(&self) -> Option<Instant> {
        let announce = self.judged.values().filter(|judged| judged.first.is_some());
        let announce = announce.map(|judged| judged.announced.map_or_else(Instant::now, |announced| announced + SPACING));
        self.seen.values().map(|seen| seen.due).chain(announce).min()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn much_that_happens_is_announced_at_once_and_then_together() {
        let (location, start) = (Uuid::from_u128(1), Instant::now());
        let mut findings = Findings::default();
        findings.add(location, Change::Vanished, "a".into());
        assert_eq!(findings.due_to_be_announced(start), [(location, Change::Vanished, "a".into(), 1)]);
        for path in ["b", "c", "d"] {
            findings.add(location, Change::Vanished, path.into());
        }
        assert!(findings.due_to_be_announced(start + SPACING / 2).is_empty());
        assert_eq!(findings.due(), Some(start + SPACING));
        assert_eq!(findings.due_to_be_announced(start + SPACING), [(location, Change::Vanished, "b".into(), 3)]);
        assert!(
            findings.due_to_be_announced(start + SPACING * 3).is_empty() && findings.judged.is_empty(),
            "nothing is remembered for ever"
        );
    }

    #[test]
    fn what_could_not_be_announced_is_announced_later_with_what_has_come_up_since() {
        let (location, start) = (Uuid::from_u128(1), Instant::now());
        let mut findings = Findings::default();
        for path in ["a", "b"] {
            findings.add(location, Change::Vanished, path.into());
        }
        assert_eq!(findings.due_to_be_announced(start), [(location, Change::Vanished, "a".into(), 2)]);
        findings.add(location, Change::Vanished, "c".into());
        findings.put_back(location, Change::Vanished, "a".into(), 2);
        assert!(findings.due_to_be_announced(start + SPACING / 2).is_empty());
        assert_eq!(findings.due(), Some(start + SPACING));
        assert_eq!(findings.due_to_be_announced(start + SPACING), [(location, Change::Vanished, "a".into(), 3)]);
        assert!(findings.due_to_be_announced(start + SPACING * 2).is_empty());
    }

    #[test]
    fn a_path_is_judged_once_when_it_has_settled() {
        let (location, start) = (Uuid::from_u128(1), Instant::now());
        let mut findings = Findings::default();
        findings.note(location, "a".into(), true, start + SPACING);
        findings.note(location, "a".into(), false, start + SPACING * 9);
        assert!(findings.settled(start).is_empty());
        assert_eq!(findings.settled(start + SPACING), [(location, "a".into(), true)]);
        assert_eq!(findings.due(), None);
    }
}
