//! Something was announced that is no change of the archive itself.

use crate::{
    app::{monitor::dispatch::Occurrence, stores::Touched},
    domain::announcement::{Announced, AnnouncedType},
};

/// Another system, or the watch over locations, announced something.
pub fn announced(to: Occurrence, item: &Announced) {
    if !to.again {
        // It is of no resource of the archive.
        to.stores.refreshes.changed(Touched::Activity);
        if item.kind == AnnouncedType::StructureChanged {
            to.stores.refreshes.changed(Touched::Changes);
        }
    }
}
