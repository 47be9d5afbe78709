//! The watch over locations that are folders: files that appear, change or vanish under them without Strongroom having done it are
//! announced as `structure.changed`, since in an archive that is an alarm (`realtime.md` section 6).
//!
//! The kernel says what happened to which path; whose doing it was tells [`own`]. What is being received or copied lies in a folder of its
//! own beside the objects and is verified before it becomes one: that folder is not watched over. What happens while the service is
//! stopped is for fixity checks to find.

mod findings;

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
use notify::{EventKind, RecommendedWatcher, RecursiveMode, Watcher as _, event::ModifyKind};
use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    time::Duration,
};
use tokio::{
    sync::mpsc,
    time::{Instant, MissedTickBehavior},
};
use uuid::Uuid;

/// Reports of the kernel that may wait to be looked at.
const WAITING: usize = 16_384;
/// How long a change settles before it is looked at: writing a file is many changes.
const SETTLE: Duration = Duration::from_millis(250);
/// Between two attempts at watching a folder that cannot be watched, e.g. because its disk is not mounted.
const AGAIN: Duration = Duration::from_secs(5);
/// Who announces.
const SOURCE: &str = "Strongroom's watch over locations";

/// What the kernel reports of a path.
struct Report {
    path: PathBuf,
    /// It is there under this name since.
    appeared: bool,
}

/// Watches until the service stops. `cursor` stands where the locations were as they are now, or before.
pub(super) async fn run(services: Services, cursor: Cursor) {
    let (sender, reports) = mpsc::channel(WAITING);
    let told = move |event: notify::Result<notify::Event>| match event {
        Ok(event) => {
            if event.need_rescan() {
                tracing::warn!("more changed under the locations than the system tells: have the fixity of all checked");
            }
            for report in reports_of(event) {
                if sender.try_send(report).is_err() {
                    tracing::warn!("more changes under locations than are looked at; further ones are not told");
                }
            }
        }
        Err(error) => tracing::warn!(%error, "a change under a location cannot be told"),
    };
    match notify::recommended_watcher(told) {
        Ok(watcher) => Watch { services, cursor, watcher, folders: HashMap::new(), findings: Findings::default() }.serve(reports).await,
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

struct Watch {
    services: Services,
    cursor: Cursor,
    watcher: RecommendedWatcher,
    /// The folders that are to be watched, and whether they are.
    folders: HashMap<Uuid, (PathBuf, bool)>,
    findings: Findings,
}

impl Watch {
    async fn serve(mut self, mut reports: mpsc::Receiver<Report>) {
        let stopping = self.services.stopping().clone();
        let mut again = tokio::time::interval(AGAIN);
        again.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let due = self.findings.due();
            tokio::select! {
                () = stopping.cancelled() => return,
                _ = again.tick() => self.look_for_folders().await,
                batch = self.cursor.next_batch(64) => match batch {
                    Ok(batch) if batch.iter().any(|event| event.topics.contains(&Topic::Locations)) => self.look_for_folders().await,
                    Ok(_) => {}
                    Err(error) => {
                        tracing::debug!(%error, "the watch over locations goes on from the end of the log");
                        self.cursor = self.services.hub().subscribe();
                    }
                },
                report = reports.recv() => {
                    let Some(report) = report else { return };
                    self.take(report);
                }
                () = tokio::time::sleep_until(due.unwrap_or_else(Instant::now)), if due.is_some() => self.judge().await,
            }
        }
    }

    /// Watches the folders of the locations that there are, and no others.
    async fn look_for_folders(&mut self) {
        let wanted: HashMap<Uuid, PathBuf> = match self.services.location_folders().await {
            Ok(folders) => folders.into_iter().collect(),
            Err(error) => {
                tracing::warn!(%error, "the locations to be watched cannot be read; tried again soon");
                return;
            }
        };
        let watcher = &mut self.watcher;
        self.folders.retain(|location, (folder, watched)| {
            let stays = wanted.get(location) == Some(folder);
            // A folder that is gone is not watched any more by itself.
            if !stays
                && *watched
                && let Err(error) = watcher.unwatch(folder)
            {
                tracing::debug!(%error, "a folder was watched no longer");
            }
            stays
        });
        for (location, folder) in wanted {
            let (folder, watched) = self.folders.entry(location).or_insert((folder, false));
            if !*watched && folder.is_dir() {
                match watcher.watch(folder, RecursiveMode::Recursive) {
                    Ok(()) => *watched = true,
                    Err(error) => tracing::warn!(%error, %location, "a location cannot be watched; tried again soon"),
                }
            }
        }
    }

    fn take(&mut self, Report { path, appeared }: Report) {
        let location = self.folders.iter_mut().find(|(_, (folder, _))| path.starts_with(folder));
        let Some((location, (folder, watched))) = location else { return };
        if path == *folder && !path.exists() {
            *watched = false;
        }
        if path.strip_prefix(&*folder).is_ok_and(|within| within.starts_with(STAGING)) {
            return;
        }
        self.findings.note(*location, path, appeared, Instant::now() + SETTLE);
    }

    /// Looks at what has settled, and announces what is not our own doing.
    async fn judge(&mut self) {
        for (location, path, appeared) in self.findings.settled(Instant::now()) {
            let stands = own::stamp(&path);
            match own::whose(&path, stands) {
                Doing::Ours => {}
                Doing::InHand => self.findings.note(location, path, appeared, Instant::now() + SETTLE),
                Doing::Others { was_ours } => {
                    let change = match stands {
                        None => Change::Vanished,
                        Some(_) if appeared && !was_ours => Change::Appeared,
                        Some(_) => Change::Changed,
                    };
                    self.findings.add(location, change, path);
                }
            }
        }
        for (location, change, path, count) in self.findings.due_to_be_announced(Instant::now()) {
            let root = self.folders.get(&location).map(|(folder, _)| folder.as_path());
            if let Err(error) = self.announce(location, change, &within(&path, root), count).await {
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
