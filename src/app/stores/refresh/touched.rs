//! Which queries a change of a resource touches (`realtime.md` section 6). A new type of resource costs one row.

use crate::realtime::resource_change::ResourceType;

/// What a change can touch. One row more per kind of thing on screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Touched {
    /// A list of AIPs: which there are, in which order, how many.
    Aips,
    /// The AIP on screen: more of it than events carry.
    Aip,
    /// The fixity checks of the AIP on screen.
    Fixity,
    /// The requests for the deletion of the AIP on screen.
    Deletions,
    /// The locations and what they hold.
    Locations,
    /// The archive at a glance.
    Overview,
    /// What changed in a location without the service having done it.
    Changes,
    /// How tasks get on: while there was no connection, or none that carried it, nothing told.
    Tasks,
    /// The log.
    Activity,
}

/// What a change of a resource touches. What an event itself carries is not among it: that is put in place without a request.
pub(super) const fn by(resource: ResourceType) -> &'static [Touched] {
    use Touched::{Activity, Aips, Deletions, Locations, Overview};
    match resource {
        ResourceType::Location => &[Locations, Overview, Activity],
        // Counts by status, what a filter shows and what locations hold may be others now.
        ResourceType::Aip => &[Aips, Locations, Overview, Activity],
        ResourceType::Workflow => &[Overview, Activity],
        ResourceType::Task => &[Activity],
        ResourceType::DeletionRequest => &[Deletions, Overview],
    }
}
