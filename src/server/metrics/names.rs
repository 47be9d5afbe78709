//! The names of the figures, and what each says.

use ::metrics::{KeyName, Recorder, SharedString, Unit};

pub(super) const BUILD_INFO: &str = "strongroom_build_info";
pub(super) const REQUESTS: &str = "strongroom_http_requests_total";
pub(super) const REQUEST_SECONDS: &str = "strongroom_http_request_duration_seconds";
pub(super) const EVENTS: &str = "strongroom_events_total";
pub(super) const WORKFLOWS: &str = "strongroom_workflows_total";
pub(super) const BYTES: &str = "strongroom_bytes_total";
pub(super) const OPEN: &str = "strongroom_live_connections";
pub(super) const OPENED: &str = "strongroom_live_connections_opened_total";
pub(super) const CLOSED: &str = "strongroom_live_connections_closed_total";
pub(super) const RESYNCS: &str = "strongroom_resyncs_total";
pub(super) const WORK: &str = "strongroom_work";
pub(super) const WORK_OLDEST: &str = "strongroom_work_oldest_age";
// Those of the process have the names that Prometheus' own libraries give them.
pub(super) const PROCESS_CPU: &str = "process_cpu_seconds_total";
pub(super) const PROCESS_MEMORY: &str = "process_resident_memory_bytes";
pub(super) const PROCESS_FILES: &str = "process_open_fds";
pub(super) const PROCESS_STARTED: &str = "process_start_time_seconds";

/// What each is, for whoever reads them.
const COUNTERS: [(&str, &str); 8] = [
    (REQUESTS, "Requests that were answered, by method, route and status."),
    (EVENTS, "Events that were appended to the log, by type."),
    (WORKFLOWS, "Workflows that ended, by type and outcome."),
    (BYTES, "Bytes of packages that were taken in, moved (each once to copy and once to prove), checked or handed out."),
    (OPENED, "Live connections that were opened, by door."),
    (CLOSED, "Live connections that ended, by door."),
    (RESYNCS, "Times that a client was told to read everything anew, by reason."),
    (PROCESS_CPU, "Processor time of the process, in whole seconds."),
];

const GAUGES: [(&str, &str); 7] = [
    (BUILD_INFO, "The version that runs."),
    (OPEN, "Live connections that are open, by door."),
    (WORK, "Work that is not over: what can go on, and what rests until a person decides."),
    (WORK_OLDEST, "Seconds since the oldest work that can go on began; 0 when there is none."),
    (PROCESS_MEMORY, "Memory of the process that is held in RAM."),
    (PROCESS_FILES, "Files and sockets that the process has open."),
    (PROCESS_STARTED, "When the process started, in seconds since 1970."),
];

/// Tells the recorder.
pub(super) fn describe(recorder: &impl Recorder) {
    for (name, text) in COUNTERS {
        recorder.describe_counter(KeyName::from(name), None, SharedString::from(text));
    }
    for (name, text) in GAUGES {
        recorder.describe_gauge(KeyName::from(name), None, SharedString::from(text));
    }
    let text = "Time from a request to the beginning of its answer, by method and route.";
    recorder.describe_histogram(KeyName::from(REQUEST_SECONDS), Some(Unit::Seconds), SharedString::from(text));
}
