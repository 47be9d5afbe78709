//! Which queries a change of a resource touches. One row per type of resource: a new type costs a word in [`ResourceType`] and a row.

use crate::realtime::resource_change::{Resource, ResourceChange, ResourceType};
use uuid::Uuid;

/// What a query asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// A list of AIPs: which there are, in which order, how many.
    Aips,
    /// One AIP.
    Aip,
    /// The workflows of an AIP, with their tasks.
    AipWorkflows,
    /// The fixity checks of an AIP.
    AipFixity,
    /// The requests for the deletion of an AIP.
    AipDeletions,
    /// The locations and what they hold.
    Locations,
    /// One location.
    Location,
    /// The AIPs of a location.
    LocationAips,
    /// The archive at a glance.
    Overview,
    /// What happened.
    Activity,
}

/// A query: what it asks for, about what, and how.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key {
    /// What it asks for.
    pub kind: Kind,
    /// The AIP or location that it is about, where it is about one.
    pub subject: Option<Uuid>,
    /// Page, filters and order, as they stand in the address that is asked.
    pub parameters: String,
}

/// Which queries of a kind a change touches.
#[derive(Clone, Copy)]
enum Which {
    /// All.
    Every,
    /// Those about the resource itself.
    Itself,
    /// Those about the AIP that the resource belongs to.
    ItsAip,
}

use Kind::{Activity, Aip, AipDeletions, AipFixity, AipWorkflows, Aips, Location, LocationAips, Locations, Overview};
use Which::{Every, ItsAip, Itself};

const fn row(resource: ResourceType) -> &'static [(Kind, Which)] {
    match resource {
        ResourceType::Location => {
            &[(Locations, Every), (Location, Itself), (LocationAips, Itself), (Aips, Every), (Overview, Every), (Activity, Every)]
        }
        // Every location's: the one that an AIP has left is not named.
        ResourceType::Aip => &[
            (Aips, Every),
            (Aip, Itself),
            (LocationAips, Every),
            (Location, Every),
            (Locations, Every),
            (Overview, Every),
            (Activity, Every),
        ],
        ResourceType::Workflow => &[(AipWorkflows, ItsAip), (AipFixity, ItsAip), (Overview, Every), (Activity, Every)],
        ResourceType::Task => &[(AipWorkflows, ItsAip), (Overview, Every), (Activity, Every)],
        ResourceType::DeletionRequest => &[(AipDeletions, ItsAip), (Overview, Every), (Activity, Every)],
    }
}

/// Whether the change touches the query. Where the change does not say what the query hangs on, it may: too many requests are better
/// than a wrong screen.
pub(super) fn touches(change: &ResourceChange, key: &Key) -> bool {
    let Resource { id, aip_uuid, .. } = change.resource;
    row(change.resource_type).iter().filter(|(kind, _)| *kind == key.kind).any(|(_, which)| {
        let about = match which {
            Every => None,
            Itself => Some(id),
            ItsAip => aip_uuid,
        };
        about.is_none_or(|about| key.subject.is_none_or(|subject| subject == about))
    })
}
