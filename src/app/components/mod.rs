//! The parts that pages are made of. Each file is one part; nothing here reads a store or calls the API.

pub mod address_form;
pub mod by_uuid;
pub mod confirm;
pub mod copy;
pub mod empty_state;
pub mod icon;
pub mod in_place;
pub mod note;
pub mod page_title;
pub mod pager;
pub mod problem_panel;
pub mod progress;
pub mod size;
pub mod sort_header;
pub mod status;
pub mod tabs;
pub mod time;
pub mod verdict;

pub use address_form::follow_address;
pub use by_uuid::by_uuid;
pub use confirm::{Confirm, Prompt};
pub use copy::{CopyText, Uuid};
pub use empty_state::EmptyState;
pub use icon::{Glyph, Icon};
pub use in_place::in_place;
pub use note::Note;
pub use page_title::PageTitle;
pub use pager::Pager;
pub use problem_panel::{ProblemPanel, in_a_line};
pub use progress::Progress;
pub use size::Size;
pub use sort_header::SortHeader;
pub use status::{StatusBadge, StatusLegend, TaskBadge, TaskStateBadge, WorkflowBadge};
pub use tabs::{Tab, Tabs};
pub use time::Time;
pub use verdict::VerdictPanel;
