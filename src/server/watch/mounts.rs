//! Tells whether something was mounted or unmounted (Linux; see `proc_pid_mountinfo(5)`): whoever watches a folder of a disk that is
//! unmounted is not told that it ends, and the same disk mounted again is the same folder.

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use std::fs::File;

/// The table of mounts; none where the system has none.
pub(super) struct Mounts(Option<File>);

impl Mounts {
    /// From now on.
    pub(super) fn open() -> Self {
        let table = File::open("/proc/self/mountinfo");
        Self(table.inspect_err(|error| tracing::debug!(%error, "mounts are not told of here")).ok())
    }

    /// Whether there are, or were meanwhile, other mounts than when it was last asked.
    pub(super) fn have_changed(&self) -> bool {
        let Some(table) = &self.0 else { return false };
        let mut asked = [PollFd::new(table, PollFlags::PRI)];
        let at_once = Timespec { tv_sec: 0, tv_nsec: 0 };
        poll(&mut asked, Some(&at_once)).is_ok_and(|_ready| asked[0].revents().contains(PollFlags::PRI))
    }
}
