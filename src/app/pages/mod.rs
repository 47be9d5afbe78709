//! The pages, one file or folder each.

mod about;
mod activity;
mod aip;
mod aips;
pub mod deposit;
mod forbidden;
mod location;
mod locations;
mod not_found;
pub(super) mod on_demand;
mod overview;
mod sign_in;
mod system;
mod tasks;

pub use about::AboutPage;
pub use activity::ActivityPage;
pub use aip::AipPage;
pub use aips::AipsPage;
pub use deposit::{DepositPage, Queue as DepositQueue};
pub use forbidden::ForbiddenPage;
pub use location::{LocationAipsPage, LocationEditPage, LocationNewPage, LocationPage};
pub use locations::LocationsPage;
pub use not_found::NotFoundPage;
pub use overview::OverviewPage;
pub use sign_in::SignInPage;
pub use system::SystemPage;
pub use tasks::TasksPage;
