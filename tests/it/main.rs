//! The service from outside: a real server on a loopback port with a data folder of its own, spoken to over HTTP, WebSocket and
//! server-sent events. What each file holds is told by its name.

mod api_aips;
mod api_direct;
mod api_document;
mod api_download;
mod api_errors;
mod api_guard;
mod api_intake;
mod api_locations;
mod api_log;
mod api_submit;
mod crash;
mod deposits;
mod guides;
mod identity_monitor;
mod identity_permissions;
mod identity_sign_in;
mod identity_tokens;
mod monitor_events;
mod monitor_limits;
mod monitor_sse;
mod monitor_tickets;
mod objects;
mod pages;
mod s3_locations;
mod secrets;
mod support;
mod work_buckets;
mod work_deletions;
mod work_fixity;
mod work_kills;
mod work_moves;
