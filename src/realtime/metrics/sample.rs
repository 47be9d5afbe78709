//! One measurement of the machine and the service.
//!
//! Its parts are those that the crate `sysinfo` tells, so that a sampler only copies them; what the machine does not tell is absent,
//! never 0. Bytes are bytes. Processes are named, never with their arguments, which may hold secrets.

use super::{Load, Percent};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The machine and the service at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Sample {
    /// Where it was measured.
    pub node: Node,
    /// When, in milliseconds since the Unix epoch.
    pub at_ms: u64,
    /// Milliseconds until the next one is due.
    pub interval_ms: u64,
    /// Seconds since the machine was started.
    pub uptime: u64,
    /// Its load averages, where the system has them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub load: Option<LoadAverages>,
    /// The processor.
    pub processor: Processor,
    /// Main memory.
    pub memory: Memory,
    /// Swap; its total is 0 where there is none.
    pub swap: Memory,
    /// The file systems.
    pub disks: Vec<Disk>,
    /// The network interfaces.
    pub network: Vec<Interface>,
    /// What runs.
    pub processes: Processes,
    /// The service itself.
    pub service: Service,
}

/// A machine that serves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Node {
    /// Of the serving process, so that a restart can be told.
    pub id: Uuid,
    /// The machine's name.
    pub name: String,
}

/// How many want to run, on average over the last 1, 5 and 15 minutes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct LoadAverages {
    /// Over one minute.
    #[schema(value_type = f64)]
    pub one: Load,
    /// Over five minutes.
    #[schema(value_type = f64)]
    pub five: Load,
    /// Over fifteen minutes.
    #[schema(value_type = f64)]
    pub fifteen: Load,
}

/// How busy the processor was since the sample before.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Processor {
    /// All cores together, 0 to 100; absent in the first sample, since it takes two.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<f64>)]
    pub total: Option<Percent>,
    /// Each core, 0 to 100; empty in the first sample.
    #[serde(default)]
    #[schema(value_type = Vec<f64>)]
    pub cores: Vec<Percent>,
}

/// Memory of one kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Memory {
    /// Bytes there are.
    pub total: u64,
    /// Bytes in use; what is only cached is not.
    pub used: u64,
}

/// A file system.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Disk {
    /// Where it is mounted.
    pub mount: String,
    /// Its kind, e.g. `ext4`.
    pub kind: String,
    /// Bytes that it holds at most.
    pub size: u64,
    /// Bytes that are taken, what is reserved for the system included.
    pub used: u64,
    /// The locations whose folders lie on it. Names are for those who may see locations.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub locations: Vec<Uuid>,
}

/// A network interface.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Interface {
    /// Its name.
    pub name: String,
    /// Bytes received per second; absent where its counter began anew.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub received: Option<u64>,
    /// Bytes sent per second; absent where its counter began anew.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent: Option<u64>,
    /// Errors since it was brought up, both ways.
    pub errors: u64,
}

/// What runs on the machine.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Processes {
    /// How many there are.
    pub count: u64,
    /// The ten that keep the processor busiest, the busiest first.
    pub by_processor: Vec<Process>,
    /// The ten that hold most memory, the largest first.
    pub by_memory: Vec<Process>,
}

/// A process.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Process {
    /// Its number.
    pub pid: u32,
    /// Its name, without arguments.
    pub name: String,
    /// Percent of one core since the sample before: two busy cores are 200.
    #[schema(value_type = f64)]
    pub processor: Percent,
    /// Bytes of memory that it holds.
    pub memory: u64,
}

/// The service itself. What cannot be found out is absent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Service {
    /// Threads of the process.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub threads: Option<u64>,
    /// Files and sockets that it has open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub open_files: Option<u64>,
    /// How many it may have open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub open_files_limit: Option<u64>,
    /// Bytes of memory that it holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resident: Option<u64>,
    /// Live connections.
    pub connections: u64,
    /// Work that waits or is at work.
    pub queue_depth: u64,
    /// Bytes of the database.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub database_size: Option<u64>,
}
