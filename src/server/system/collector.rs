//! What the machine and the process tell, by way of the crate `sysinfo`, put into a [`Sample`]. Blocks.

use crate::realtime::metrics::{
    Load, Percent, Sample,
    assemble::{self, Rates},
    sample::{Disk, Interface, LoadAverages, Memory, Node, Process, Processes, Processor, Service},
};
use std::{
    fs,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};
use sysinfo::{DiskRefreshKind, Disks, MINIMUM_CPU_UPDATE_INTERVAL, Networks, Pid, ProcessRefreshKind, ProcessesToUpdate, System};
use uuid::Uuid;

/// The shortest rest after which what the last look saw tells nothing of now any more.
const REST: Duration = Duration::from_secs(30);

/// What the service knows of itself, beside what the system tells of its process.
#[derive(Debug, Clone, Default)]
pub(super) struct Known {
    /// Live connections.
    pub(super) connections: u64,
    /// Work that waits or is at work.
    pub(super) queue_depth: u64,
    /// The database's file; its journal lies beside it.
    pub(super) database: PathBuf,
    /// The locations that are folders of this machine.
    pub(super) folders: Vec<(Uuid, PathBuf)>,
}

/// Remembers what the last look saw, since rates take two.
pub(super) struct Collector {
    system: System,
    disks: Disks,
    networks: Networks,
    received: Rates<String>,
    sent: Rates<String>,
    node: Node,
    began: Instant,
    /// When the last look was. One look at the processor tells nothing.
    looked: Option<Instant>,
    /// Until then what is told of the processor is of the time before.
    blind_until: Option<Instant>,
}

/// The machine does not tell how busy it is.
#[derive(Debug, thiserror::Error)]
#[error("the system does not tell how busy it is: {0}")]
pub struct NotTold(String);

fn not_told(error: impl std::fmt::Display) -> NotTold {
    NotTold(error.to_string())
}

impl Collector {
    pub(super) fn new(instance: Uuid) -> Result<Self, NotTold> {
        Ok(Self {
            system: System::new().map_err(not_told)?,
            disks: Disks::new().map_err(not_told)?,
            networks: Networks::new().map_err(not_told)?,
            received: Rates::default(),
            sent: Rates::default(),
            node: Node { id: instance, name: System::host_name().unwrap_or_else(|_unnamed| "unnamed".to_owned()) },
            began: Instant::now(),
            looked: None,
            blind_until: None,
        })
    }

    /// Looks. `at_ms` is the time of day, `interval_ms` when the next look is due.
    pub(super) fn look(&mut self, known: &Known, at_ms: u64, interval_ms: u64) -> Sample {
        self.system.refresh_cpu_usage();
        self.system.refresh_memory();
        let kind = ProcessRefreshKind::nothing().with_cpu().with_memory().without_tasks();
        self.system.refresh_processes_specifics(ProcessesToUpdate::All, true, kind);
        self.disks.refresh_specifics(true, DiskRefreshKind::nothing().with_storage());
        self.networks.refresh(true);
        let before = self.looked.replace(Instant::now());
        // After a rest, what was gained since would be told as if it were of now.
        if before.is_none_or(|before| is_rest(before.elapsed(), interval_ms)) {
            (self.received, self.sent) = (Rates::default(), Rates::default());
            // A look that follows sooner sees the same once more.
            self.blind_until = Some(Instant::now() + MINIMUM_CPU_UPDATE_INTERVAL);
        }
        let first = self.blind_until.is_some_and(|until| Instant::now() < until);
        let sample = Sample {
            node: self.node.clone(),
            at_ms,
            interval_ms,
            uptime: System::uptime().unwrap_or(0),
            load: System::load_average().ok().map(|load| LoadAverages {
                one: Load::new(load.one),
                five: Load::new(load.five),
                fifteen: Load::new(load.fifteen),
            }),
            processor: if first { Processor::default() } else { self.processor() },
            memory: Memory { total: self.system.total_memory(), used: self.system.used_memory() },
            swap: Memory { total: self.system.total_swap(), used: self.system.used_swap() },
            disks: self.disks(&known.folders),
            network: self.network(),
            processes: self.processes(first),
            service: self.service(known),
        };
        sample.bounded()
    }

    fn processor(&self) -> Processor {
        Processor {
            total: Some(percent(self.system.global_cpu_usage())),
            cores: self.system.cpus().iter().map(|core| percent(core.usage())).collect(),
        }
    }

    fn disks(&self, folders: &[(Uuid, PathBuf)]) -> Vec<Disk> {
        let mut disks: Vec<Disk> = self
            .disks
            .iter()
            .filter(|disk| disk.total_space() > 0)
            .map(|disk| Disk {
                mount: disk.mount_point().to_string_lossy().into_owned(),
                kind: disk.file_system().to_string_lossy().into_owned(),
                size: disk.total_space(),
                used: disk.total_space().saturating_sub(disk.available_space()),
                locations: Vec::new(),
            })
            .collect();
        assemble::place_locations(&mut disks, folders.iter().map(|(location, folder)| (*location, folder.as_path())));
        disks
    }

    fn network(&mut self) -> Vec<Interface> {
        let now = u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX);
        let seen: Vec<_> = self.networks.iter().map(|(name, seen)| (name.to_string_lossy().into_owned(), seen)).collect();
        let received = self.received.next(now, seen.iter().map(|(name, seen)| (name.clone(), seen.total_received())));
        let sent = self.sent.next(now, seen.iter().map(|(name, seen)| (name.clone(), seen.total_transmitted())));
        let mut interfaces: Vec<Interface> = seen
            .into_iter()
            .map(|(name, seen)| Interface {
                received: received.get(&name).copied().flatten(),
                sent: sent.get(&name).copied().flatten(),
                errors: seen.total_errors_on_received().saturating_add(seen.total_errors_on_transmitted()),
                name,
            })
            .collect();
        interfaces.sort_unstable_by(|a, b| a.name.cmp(&b.name));
        interfaces
    }

    fn processes(&self, first: bool) -> Processes {
        let told = |process: &sysinfo::Process| Process {
            pid: process.pid().as_u32(),
            name: process.name().to_string_lossy().into_owned(),
            processor: percent(if first { 0.0 } else { process.cpu_usage() }),
            memory: process.memory(),
        };
        assemble::processes(self.system.processes().values().map(told).collect())
    }

    fn service(&self, known: &Known) -> Service {
        let own = self.system.process(Pid::from_u32(std::process::id()));
        Service {
            threads: entries(Path::new("/proc/self/task")),
            open_files: entries(Path::new("/proc/self/fd")),
            open_files_limit: System::open_files_limit().ok().map(|limit| limit as u64),
            resident: own.map(sysinfo::Process::memory),
            connections: known.connections,
            queue_depth: known.queue_depth,
            database_size: size(&known.database),
        }
    }
}

/// Whether so long between two looks is a rest, when they are due so often.
fn is_rest(passed: Duration, interval_ms: u64) -> bool {
    passed > REST.max(Duration::from_millis(interval_ms.saturating_mul(3)))
}

fn percent(value: f32) -> Percent {
    Percent::new(f64::from(value))
}

fn entries(folder: &Path) -> Option<u64> {
    fs::read_dir(folder).ok().map(|entries| entries.count() as u64)
}

/// Of the file and its journal.
fn size(database: &Path) -> Option<u64> {
    let of = |path: &Path| path.metadata().ok().map(|found| found.len());
    let journal = database.with_extension("db-wal");
    of(database).map(|size| size.saturating_add(of(&journal).unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_look_that_is_a_little_late_comes_after_no_rest() {
        for (passed, interval_ms, rest) in
            [(2, 2_000, false), (30, 2_000, false), (31, 2_000, true), (31, 60_000, false), (180, 60_000, false), (181, 60_000, true)]
        {
            assert_eq!(is_rest(Duration::from_secs(passed), interval_ms), rest, "{passed} s, due every {interval_ms} ms");
        }
    }
}
