//! What Strongroom itself does to the objects of a folder, so that the watch over locations can tell it from what others do.
//!
//! Objects are made, taken back and removed, each by one operation, and never changed. Each operation says so before it begins, and
//! afterwards how the file stands: its inode, its size and when it was last changed, a time that nobody can set. So what is seen of a file
//! does not depend on how soon it is looked at.

use std::{
    collections::{HashMap, VecDeque},
    fs,
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
    sync::{LazyLock, Mutex, MutexGuard, PoisonError},
};

/// Files whose state is remembered: more than can be changed before the watch has looked at them.
const REMEMBERED: usize = 65_536;

/// How a file stands; `None` when there is none.
type Stamp = Option<(u64, u64, i64, i64)>;

#[derive(Debug)]
struct Own {
    in_hand: HashMap<PathBuf, usize>,
    /// How we left a file, and the number of the time that we did.
    left: HashMap<PathBuf, (u64, Stamp)>,
    /// The times, oldest first. Only the last one of each file counts.
    order: VecDeque<(u64, PathBuf)>,
    /// The number of the last time.
    times: u64,
    /// Files that are remembered.
    most: usize,
}

/// Of the process, as the files are.
static OWN: LazyLock<Mutex<Own>> = LazyLock::new(|| Mutex::new(Own::remembering(REMEMBERED)));

fn own() -> MutexGuard<'static, Own> {
    OWN.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Own {
    /// Remembers so many files.
    fn remembering(most: usize) -> Self {
        Self { in_hand: HashMap::new(), left: HashMap::new(), order: VecDeque::new(), times: 0, most }
    }

    /// We are done with a file, which stands like this now.
    fn leave(&mut self, path: &Path, stands: Stamp) {
        self.times += 1;
        self.left.insert(path.to_owned(), (self.times, stands));
        self.order.push_back((self.times, path.to_owned()));
        while self.left.len() > self.most
            && let Some((time, oldest)) = self.order.pop_front()
        {
            if self.is_last(time, &oldest) {
                self.left.remove(&oldest);
            }
        }
        // One file that is touched again and again would fill the list by itself.
        if self.order.len() > self.most.saturating_mul(2) {
            let mut order = std::mem::take(&mut self.order);
            order.retain(|(time, path)| self.is_last(*time, path));
            self.order = order;
        }
    }

    /// Whether the file was not touched again since.
    fn is_last(&self, time: u64, path: &Path) -> bool {
        self.last(path) == Some(time)
    }

    /// When we were last done with the file.
    fn last(&self, path: &Path) -> Option<u64> {
        self.left.get(path).map(|(last, _)| *last)
    }

    /// One of those that are at the file is done.
    fn put_down(&mut self, path: &Path) {
        if let Some(count) = self.in_hand.get_mut(path) {
            *count -= 1;
            if *count == 0 {
                self.in_hand.remove(path);
            }
        }
    }
}

/// How the file stands now.
fn stamp(path: &Path) -> Stamp {
    let found = fs::symlink_metadata(path).ok()?;
    Some((found.ino(), found.size(), found.ctime(), found.ctime_nsec()))
}

/// Does something to an object as ours.
pub(super) fn at<T>(path: &Path, work: impl FnOnce() -> T) -> T {
    *own().in_hand.entry(path.to_owned()).or_default() += 1;
    let _done = Done(path);
    work()
}

struct Done<'a>(&'a Path);

impl Drop for Done<'_> {
    fn drop(&mut self) {
        loop {
            let last = own().last(self.0);
            // Without the lock: a disk that does not answer holds up nobody but who is at its files.
            let stands = stamp(self.0);
            let mut own = own();
            // Of two that are at one file, whoever ends last has to be the one that looked last.
            if own.last(self.0) == last {
                own.put_down(self.0);
                own.leave(self.0, stands);
                return;
            }
        }
    }
}

/// Whose doing it is how a file stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::server) enum Doing {
    /// Ours.
    Ours,
    /// We are at it: look again later.
    InHand,
    /// Somebody else's.
    Others {
        /// We made what was there before.
        was_ours: bool,
        /// There is something.
        is_there: bool,
    },
}

/// Whose doing it is that the file stands as it does now. Blocks for as long as its disk does.
pub(in crate::server) fn whose(path: &Path) -> Doing {
    judged(path, stamp)
}

fn judged(path: &Path, mut look: impl FnMut(&Path) -> Stamp) -> Doing {
    loop {
        let last = own().last(path);
        // Without the lock, as above.
        let stands = look(path);
        let own = own();
        if own.in_hand.contains_key(path) {
            return Doing::InHand;
        }
        // Something of ours that ended while the file was looked at would be taken for somebody else's.
        if own.last(path) == last {
            return match own.left.get(path) {
                Some((_, left)) if *left == stands => Doing::Ours,
                left => Doing::Others { was_ours: matches!(left, Some((_, Some(_)))), is_there: stands.is_some() },
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_we_do_is_ours_until_somebody_else_does_something() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("object");
        let seen = || whose(&path);
        assert_eq!(seen(), Doing::Others { was_ours: false, is_there: false }, "nothing is known of it");
        at(&path, || {
            fs::write(&path, "ours").expect("written");
            assert_eq!(seen(), Doing::InHand);
        });
        assert_eq!(seen(), Doing::Ours);
        fs::write(&path, "THEM").expect("written");
        assert_eq!(seen(), Doing::Others { was_ours: true, is_there: true }, "of the same size, too");
        at(&path, || fs::remove_file(&path).expect("removed"));
        assert_eq!(seen(), Doing::Ours);
        fs::write(&path, "ours").expect("written");
        assert_eq!(seen(), Doing::Others { was_ours: false, is_there: true });
    }

    #[test]
    fn what_we_do_while_a_file_is_looked_at_is_not_taken_for_somebody_elses() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("object");
        at(&path, || fs::write(&path, "ours").expect("written"));
        let mut looks = 0;
        let doing = judged(&path, |path| {
            let stands = stamp(path);
            looks += 1;
            if looks == 1 {
                at(path, || fs::remove_file(path).expect("removed"));
            }
            stands
        });
        assert_eq!((doing, looks), (Doing::Ours, 2), "it is looked at once more");
    }

    #[test]
    fn the_files_touched_last_are_remembered() {
        let stands = |time: u64| Some((time, 0, 0, 0));
        let mut own = Own::remembering(2);
        for (time, path) in ["a", "b", "a", "c"].into_iter().enumerate() {
            own.leave(Path::new(path), stands(time as u64));
        }
        assert_eq!(own.left.get(Path::new("a")), Some(&(3, stands(2))), "it was known, and touched again");
        assert_eq!(own.left.get(Path::new("b")), None);
        assert_eq!(own.left.get(Path::new("c")), Some(&(4, stands(3))));
    }

    #[test]
    fn a_file_that_is_touched_again_and_again_neither_fills_the_memory_nor_drives_out_another() {
        let mut own = Own::remembering(2);
        own.leave(Path::new("other"), None);
        for _ in 0..100 {
            own.leave(Path::new("busy"), None);
            assert!(own.order.len() <= 4 && own.left.len() <= 2, "{own:?}");
        }
        assert!(own.left.contains_key(Path::new("other")));
    }
}
