//! The progress of tasks, ours and those of other systems (`realtime.md` section 4).

use crate::realtime::progress::TaskMessage;
use serde::{Deserialize, Serialize};

/// The tasks that are known, those that changed last first. Finished ones are among them for a while.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Tasks {
    /// The tasks.
    pub items: Vec<TaskMessage>,
}
