//! The limits of `strongroom.v1` (`realtime.md` sections 4 and 8). Times are milliseconds.

/// The first frame of a client has to come within this.
pub const INIT_WITHIN: u64 = 10_000;

/// Bytes of the longest frame and message that a client may send.
pub const MAX_FRAME: usize = 64 * 1024;

/// Topics of one connection.
pub const MAX_TOPICS: usize = 128;

/// Between two heartbeats.
pub const HEARTBEAT: u64 = 10_000;

/// Nothing was heard of the client for so long (not even the answer to the WebSocket's own ping): it is gone.
pub const READ_IDLE: u64 = 2 * HEARTBEAT;

/// So many frames that cannot be accepted close the connection.
pub const MAX_BAD_FRAMES: u32 = 10;

/// Frames that a client may send at once.
pub const INBOUND_BURST: u32 = 20;

/// Frames a second that it may go on sending.
pub const INBOUND_PER_SECOND: u32 = 2;

/// The longest wait that a `bye` may ask for, whatever it says.
pub const MAX_RETRY: u64 = 300_000;
