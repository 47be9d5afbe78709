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
pub(in crate::server) type Stamp = Option<(u64, u64, i64, i64)>;

#[derive(Debug, Default)]
struct Own {
    in_hand: HashMap<PathBuf, usize>,
    left: HashMap<PathBuf, Stamp>,
    order: VecDeque<PathBuf>,
}

/// Of the process, as the files are.
static OWN: LazyLock<Mutex<Own>> = LazyLock::new(Mutex::default);

fn own() -> MutexGuard<'static, Own> {
    OWN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// How the file stands now.
pub(in crate::server) fn stamp(path: &Path) -> Stamp {
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
        let left = stamp(self.0);
        let mut own = own();
        if let Some(count) = own.in_hand.get_mut(self.0) {
            *count -= 1;
            if *count == 0 {
                own.in_hand.remove(self.0);
            }
        }
        if own.left.insert(self.0.to_owned(), left).is_none() {
            own.order.push_back(self.0.to_owned());
        }
        if own.order.len() > REMEMBERED
            && let Some(oldest) = own.order.pop_front()
        {
            own.left.remove(&oldest);
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
    /// Somebody else's; whether it was there before, by our doing.
    Others {
        /// We made it.
        was_ours: bool,
    },
}

/// Whose doing it is that the file stands like this.
pub(in crate::server) fn whose(path: &Path, stands: Stamp) -> Doing {
    let own = own();
    if own.in_hand.contains_key(path) {
        Doing::InHand
    } else {
        match own.left.get(path) {
            Some(left) if *left == stands => Doing::Ours,
            left => Doing::Others { was_ours: matches!(left, Some(Some(_))) },
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
        let seen = || whose(&path, stamp(&path));
        assert_eq!(seen(), Doing::Others { was_ours: false }, "nothing is known of it");
        at(&path, || {
            fs::write(&path, "ours").expect("written");
            assert_eq!(seen(), Doing::InHand);
        });
        assert_eq!(seen(), Doing::Ours);
        fs::write(&path, "THEM").expect("written");
        assert_eq!(seen(), Doing::Others { was_ours: true }, "of the same size, too");
        at(&path, || fs::remove_file(&path).expect("removed"));
        assert_eq!(seen(), Doing::Ours);
        fs::write(&path, "ours").expect("written");
        assert_eq!(seen(), Doing::Others { was_ours: false });
    }
}
