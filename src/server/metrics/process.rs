//! What the process uses of the machine.

use sysinfo::{ProcessRefreshKind, ProcessesToUpdate, System};

/// What it uses now.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sample {
    /// Seconds of processor time so far.
    pub(super) cpu_seconds: u64,
    /// Bytes in RAM.
    pub(super) memory: u64,
    /// Open files and sockets, where the system tells.
    pub(super) open_files: Option<usize>,
    /// Seconds since 1970 at its start.
    pub(super) started: u64,
}

/// Looks, where the system tells.
pub(super) fn sample() -> Option<Sample> {
    let pid = sysinfo::get_current_pid().ok()?;
    let mut system = System::new().ok()?;
    let what = ProcessRefreshKind::nothing().with_cpu().with_memory();
    system.refresh_processes_specifics(ProcessesToUpdate::Some(&[pid]), false, what);
    let process = system.process(pid)?;
    Some(Sample {
        cpu_seconds: process.accumulated_cpu_time() / 1000,
        memory: process.memory(),
        open_files: process.open_files(),
        started: process.start_time(),
    })
}
