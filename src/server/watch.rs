//! The watch over locations that are folders: files that appear, change or vanish under them without Strongroom having done it are
//! announced as `structure.changed`, since in an archive that is an alarm (`realtime.md` section 6).
//!
//! The kernel says what happened to which path; whose doing it was tells [`own`]. What is being received or copied lies in a folder of its
//! own beside the objects and is verified before it becomes one: that folder is not watched over. What happens while the service is
//! stopped is for fixity checks to find.
//!
//! The kernel watches a folder, not what lies at a path: when another folder takes its place, as a disk that is mounted there does, it
//! tells nothing of that one. So the folders are looked at again and again. Nor does it tell that it stopped watching because a disk was
//! unmounted: after any change of the mounts all are watched anew.

mod findings;
mod mounts;

use crate::{
    domain::announcement::{AnnouncedType, Announcement},
    realtime::topic::Topic,
    server::{
        hub::Cursor,
        objects::{
            STAGING,
            own::{self, Doing},
        },
        service::Services,
    },
};
use findings::{Change, Findings};
use mounts::Mounts;
use notify::{EventKind, RecommendedWatcher, RecursiveMode, Watcher as _, event::ModifyKind};
use std::{
    collections::HashMap,
    fs,
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};
use tokio::{
    sync::mpsc,
    time::{Instant, MissedTickBehavior},
};
use uuid::Uuid;

/// Reports of the kernel that may wait to be looked at.
const WAITING: usize = 16_384;
/// Reports that are taken at a time.
const AT_ONCE: usize = 1_024;
/// How long a change settles before it is looked at: writing a file is many changes.
const SETTLE: Duration = Duration::from_millis(250);
/// Between two looks at whether the folders are those that are watched, and can be, e.g. because their disk is mounted.
const AGAIN: Duration = Duration::from_secs(5);
/// Longer than anything waits to be judged or announced.
const WHATEVER_IS_LEFT: Duration = Duration::from_secs(60 * 60);
/// Who announces.
const SOURCE: &str = "Strongroom's watch over locations";

/// The folders that are not watched over: those of what is being received or copied.
type Aside = Arc<RwLock<Vec<PathBuf>>>;

/// What the kernel reports of a path.
struct Report {
    path: PathBuf,
    /// It is there under this name since.
    appeared: bool,
}

/// Watches until the service stops. `cursor` stands where the locations were as they are now, or before.
pub(super) async fn run(services: Services, cursor: Cursor) {
    let (sender, reports) = mpsc::channel(WAITING);
    let aside = Aside::default();
    let not_told = Arc::clone(&aside);
    let told = move |event: notify::Result<notify::Event>| match event {
        Ok(event) => {
            if event.need_rescan() {
                tracing::warn!("more changed under the locations than the system tells: have the fixity of all checked");
            }
            for report in reports_of(event) {
                // Left out here already: a large upload alone is more changes than may wait.
                if not_told.read().unwrap_or_else(PoisonError::into_inner).iter().any(|folder| report.path.starts_with(folder)) {
                    continue;
                }
                // A line in the log and no more: it could be our own writing that is too much, and that must never raise an alarm.
                if sender.try_send(report).is_err() {
                    tracing::warn!("more changes under locations than are looked at; further ones are not told");
                }
            }
        }
        Err(error) => tracing::warn!(%error, "a change under a location cannot be told"),
    };
    match notify::recommended_watcher(told) {
        Ok(watcher) => {
            let (folders, findings) = (HashMap::new(), Findings::default());
            Watch { services, cursor, watcher, aside, folders, look: None, mounts: Mounts::open(), findings }.serve(reports).await;
        }
        Err(error) => tracing::warn!(%error, "changes under locations cannot be watched on this system"),
    }
}

/// What of an event matters: neither that a file was read, nor that its owner, mode or times are others.
fn reports_of(event: notify::Event) -> Vec<Report> {
    let appeared = match event.kind {
        EventKind::Create(_) | EventKind::Modify(ModifyKind::Name(_)) => true,
        EventKind::Remove(_) | EventKind::Modify(ModifyKind::Data(_) | ModifyKind::Any) => false,
        _ => return Vec::new(),
    };
    event.paths.into_iter().map(|path| Report { path, appeared }).collect()
}

/// Which folder lies at the path, if one does: its disk, and its number there.
fn folder_at(path: &Path) -> Option<(u64, u64)> {
    // The paths of locations are without links. One that was put there is no folder, even if it leads to where the folder was moved.
    let found = fs::symlink_metadata(path).ok()?;
    found.is_dir().then(|| (found.dev(), found.ino()))
}

/// The folder of a location.
struct Folder {
    path: PathBuf,
    /// Which one is watched, if it is.
    watched: Option<(u64, u64)>,
    /// That one was removed or moved away since. Another that lies there now may have got its number.
    moved: bool,
    /// It was said that it cannot be watched.
    unwatchable: bool,
}

struct Watch {
    services: Services,
    cursor: Cursor,
    watcher: RecommendedWatcher,
    aside: Aside,
    /// The folders that are to be watched.
    folders: HashMap<Uuid, Folder>,
    /// When they are to be looked at, sooner than they would be anyhow.
    look: Option<Instant>,
    mounts: Mounts,
    findings: Findings,
}

impl Watch {
    async fn serve(mut self, mut reports: mpsc::Receiver<Report>) {
        let stopping = self.services.stopping().clone();
        let mut again = tokio::time::interval(AGAIN);
        again.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut taken = Vec::new();
        loop {
            let due = self.findings.due().into_iter().chain(self.look).min();
            tokio::select! {
                () = stopping.cancelled() => return self.conclude(&mut reports).await,
                _ = again.tick() => {
                    // What was told of a folder is about the one that is watched, not about the one that a look may find instead.
                    self.take_waiting(&mut reports);
                    self.look_for_folders().await;
                }
                batch = self.cursor.next_batch(64) => match batch {
                    Ok(batch) if batch.iter().any(|event| event.topics.contains(&Topic::Locations)) => self.look_for_folders().await,
                    Ok(_) => {}
                    Err(error) => {
                        tracing::debug!(%error, "the watch over locations goes on from the end of the log");
                        self.cursor = self.services.hub().subscribe();
                    }
                },
                count = reports.recv_many(&mut taken, AT_ONCE) => {
                    if count == 0 {
                        return;
                    }
                    for report in taken.drain(..) {
                        self.take(report);
                    }
                }
                () = tokio::time::sleep_until(due.unwrap_or_else(Instant::now)), if due.is_some() => self.judge(Instant::now()).await,
            }
        }
    }

    /// Announces what happened while the service ran, though it has not settled yet: nobody will look at it after the next start. The end
    /// of the service waits for this, as for every reader of the log, and closes the database only then.
    async fn conclude(&mut self, reports: &mut mpsc::Receiver<Report>) {
        self.take_waiting(reports);
        self.judge(Instant::now() + WHATEVER_IS_LEFT).await;
        for (location, change, path, count) in self.findings.due_to_be_announced(Instant::now() + 2 * WHATEVER_IS_LEFT) {
            tracing::error!(%location, path = %path.display(), count, ?change, "what changed under a location could not be recorded before the service ended");
        }
    }

    /// Takes what the kernel has told; no more than may wait, since it may go on telling.
    fn take_waiting(&mut self, reports: &mut mpsc::Receiver<Report>) {
        for _ in 0..WAITING {
            let Ok(report) = reports.try_recv() else { break };
            self.take(report);
        }
    }

    /// Watches the folders of the locations that there are, and no others. A folder that was watched and is another one now, or is gone,
    /// is a finding: nobody can tell what happened to the files in it.
    async fn look_for_folders(&mut self) {
        self.look = None;
        let wanted: HashMap<Uuid, PathBuf> = match self.services.location_folders().await {
            Ok(folders) => folders.into_iter().collect(),
            Err(error) => {
                tracing::warn!(%error, "the locations to be watched cannot be read; tried again soon");
                return;
            }
        };
        *self.aside.write().unwrap_or_else(PoisonError::into_inner) = wanted.values().map(|folder| folder.join(STAGING)).collect();
        // Asked before anything is looked at: what is mounted after that is found by the next look.
        let anew = self.mounts.have_changed();
        let Self { watcher, folders, findings, .. } = self;
        folders.retain(|location, folder| {
            // A location never moves. When its path leads elsewhere, or to nothing that a location may use, somebody else has seen to that.
            let stays = wanted.get(location);
            let path = stays.unwrap_or(&folder.path).clone();
            let there = folder_at(&path);
            let is_another = folder.watched.is_some_and(|watched| folder.moved || path != folder.path || there != Some(watched));
            if folder.watched.is_some() && (is_another || stays.is_none()) {
                // A folder that is gone is not watched any more by itself.
                if let Err(error) = watcher.unwatch(&folder.path) {
                    tracing::debug!(%error, "a folder was watched no longer");
                }
                (folder.watched, folder.moved) = (None, false);
            }
            if is_another {
                let change = if stays.is_some() && there.is_some() { Change::Changed } else { Change::Vanished };
                findings.add(*location, change, path.clone());
            }
            folder.path = path;
            // What was found of a folder is told by where it is: if no location has it any more, it goes with the next look.
            stays.is_some() || is_another
        });
        for (location, path) in wanted {
            let folder = folders.entry(location).or_insert_with(|| Folder { path, watched: None, moved: false, unwatchable: false });
            // Which one it is is asked first: if another takes its place meanwhile, the next look sees that. One that is watched loses
            // nothing by being watched anew.
            if (folder.watched.is_none() || anew)
                && let Some(there) = folder_at(&folder.path)
            {
                let watched = watcher.watch(&folder.path, RecursiveMode::Recursive);
                folder.watched = watched.is_ok().then(|| folder.watched.unwrap_or(there));
                if let Err(error) = &watched
                    && !folder.unwatchable
                {
                    tracing::warn!(%error, %location, "a location cannot be watched; it is tried again and again");
                }
                folder.unwatchable = watched.is_err();
                if folder.unwatchable
                    && let Err(error) = watcher.unwatch(&folder.path)
                {
                    tracing::debug!(%error, "nothing of the folder was watched");
                }
            }
        }
    }

    fn take(&mut self, Report { path, appeared }: Report) {
        let location = self.folders.iter_mut().find(|(_, folder)| path.starts_with(&folder.path));
        let Some((location, folder)) = location else { return };
        if path == folder.path {
            // What became of the folder itself is for a look at it to find, so that it is told once.
            if folder.watched.is_some() {
                folder.moved = true;
                self.look.get_or_insert_with(|| Instant::now() + SETTLE);
            }
            return;
        }
        if path.strip_prefix(&folder.path).is_ok_and(|within| within.starts_with(STAGING)) {
            return;
        }
        self.findings.note(*location, path, appeared, Instant::now() + SETTLE);
    }

    /// Looks at what has settled by then, and announces what is not our own doing.
    async fn judge(&mut self, now: Instant) {
        // Before the files: what became of the folder as a whole says more than what became of one of them.
        if self.look.is_some_and(|look| look <= now) {
            self.look_for_folders().await;
        }
        let settled = self.findings.settled(now);
        let looked = tokio::task::spawn_blocking(move || settled.into_iter().map(|seen| (own::whose(&seen.1), seen)).collect::<Vec<_>>());
        let looked = looked.await.unwrap_or_else(|error| {
            tracing::error!(%error, "some changes under locations were not looked at");
            Vec::new()
        });
        for (whose, (location, path, appeared)) in looked {
            match whose {
                Doing::Ours => {}
                Doing::InHand => self.findings.note(location, path, appeared, Instant::now() + SETTLE),
                Doing::Others { was_ours, is_there } => {
                    let change = match is_there {
                        false => Change::Vanished,
                        true if appeared && !was_ours => Change::Appeared,
                        true => Change::Changed,
                    };
                    self.findings.add(location, change, path);
                }
            }
        }
        for (location, change, path, count) in self.findings.due_to_be_announced(now) {
            let root = self.folders.get(&location).map(|folder| folder.path.as_path());
            let is_watched_over = root.is_some();
            let Err(error) = self.announce(location, change, &within(&path, root), count).await else { continue };
            if is_watched_over {
                tracing::warn!(%error, %location, path = %path.display(), count, ?change, "what changed under a location could not be recorded; tried again soon");
                self.findings.put_back(location, change, path, count);
            } else {
                tracing::error!(%error, %location, path = %path.display(), count, ?change, "what changed under a location could not be recorded");
            }
        }
    }

    async fn announce(&self, location: Uuid, change: Change, path: &str, count: u64) -> Result<(), String> {
        let data = serde_json::json!({ "location_uuid": location, "path": path, "change": change.word(), "count": count });
        let serde_json::Value::Object(data) = data else { return Ok(()) };
        let announcement = Announcement::new(AnnouncedType::StructureChanged, data).map_err(|error| error.to_string())?;
        self.services.announce(announcement, SOURCE.to_owned()).await.map(|_announced| ()).map_err(|error| error.to_string())
    }
}

/// The path within its location, as a line that can be shown: what is no character or a control of terminals is replaced.
fn within(path: &Path, root: Option<&Path>) -> String {
    let within = root.and_then(|root| path.strip_prefix(root).ok()).unwrap_or(path);
    let text: String = within.to_string_lossy().chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).take(1_000).collect();
    if text.trim().is_empty() { ".".to_owned() } else { text }
}
