//! From a request to what a handler needs, with everything that is wrong told in one answer.

mod aips_query;
mod body;
mod fields;
mod lists;
mod package;
mod params;
mod payloads;
pub mod uuids;

pub use body::{JsonBody, JsonBytes, OptionalJsonBody};
pub use fields::{Fields, Payload};
pub use package::PackageBody;
pub use params::{Params, RawParams, ReadParams};
