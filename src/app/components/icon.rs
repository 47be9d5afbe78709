//! Line icons of 16 by 16 units, drawn in the colour of the text beside them.

use leptos::prelude::*;

/// What an icon shows. Decoration only: the word beside it carries the meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Glyph {
    /// A tick.
    Check,
    /// A triangle with an exclamation mark.
    Warning,
    /// Two arrows that chase each other.
    Sync,
    /// An hourglass.
    Hourglass,
    /// A cross.
    Cross,
    /// An empty circle.
    Circle,
    /// A circle with an exclamation mark.
    Alert,
    /// A circle with a bar.
    Stop,
    /// Two sheets.
    Copy,
    /// An arrow up.
    Up,
    /// An arrow down.
    Down,
    /// Arrows up and down.
    UpDown,
    /// An arrow into a tray, from below.
    Upload,
    /// An arrow into a tray, from above.
    Download,
    /// A folder.
    Folder,
    /// A sheet.
    File,
    /// A plus.
    Plus,
    /// An arrow through a door.
    SignIn,
    /// An arrow from one box to another.
    Move,
    /// A shield with a tick.
    Shield,
    /// A bin.
    Bin,
    /// A person.
    Person,
}

impl Glyph {
    const fn path(self) -> &'static str {
        match self {
            Self::Check => "M2.5 8.5l3.6 3.6L13.5 4.5",
            Self::Warning => "M8 2L14.8 13.8H1.2zM8 6.4v3.2M8 11.6v.2",
            Self::Sync => "M13.4 6.2A5.6 5.6 0 0 0 3.3 5M2.6 9.8A5.6 5.6 0 0 0 12.7 11M3 1.8V5h3.2M13 14.2V11H9.8",
            Self::Hourglass => "M3.5 2h9M3.5 14h9M4.8 2v2.4L8 8l-3.2 3.6V14M11.2 2v2.4L8 8l3.2 3.6V14",
            Self::Cross => "M3.5 3.5l9 9M12.5 3.5l-9 9",
            Self::Circle => "M8 2.5a5.5 5.5 0 1 0 0 11a5.5 5.5 0 1 0 0-11z",
            Self::Alert => "M8 1.8a6.2 6.2 0 1 0 0 12.4a6.2 6.2 0 1 0 0-12.4zM8 4.8v4M8 11v.2",
            Self::Stop => "M8 1.8a6.2 6.2 0 1 0 0 12.4a6.2 6.2 0 1 0 0-12.4zM5 8h6",
            Self::Copy => "M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3",
            Self::Up => "M8 13.5v-11M3.5 7L8 2.5 12.5 7",
            Self::Down => "M8 2.5v11M3.5 9L8 13.5 12.5 9",
            Self::UpDown => "M5 6l3-3 3 3M5 10l3 3 3-3",
            Self::Upload => "M8 10.5v-8M4.5 6L8 2.5 11.5 6M2 10.5v3h12v-3",
            Self::Download => "M8 2.5v8M4.5 7L8 10.5 11.5 7M2 10.5v3h12v-3",
            Self::Folder => "M1.8 3.2h4.4l1.6 1.8h6.4v8H1.8z",
            Self::File => "M3.5 1.8h6l3 3v9.4h-9zM9.5 1.8v3h3",
            Self::Plus => "M8 3v10M3 8h10",
            Self::SignIn => "M9 2h4.5v12H9M2 8h7.5M6.5 5l3 3-3 3",
            Self::Move => "M1.8 4.5h4v7h-4zM10.2 4.5h4v7h-4M7 8h5M10 6l2 2-2 2",
            Self::Shield => "M8 1.6l5.4 2v4c0 3.4-2.3 5.7-5.4 6.8C4.9 13.3 2.6 11 2.6 7.600v-4zM5.4 8l1.9 1.9 3.4-3.6",
            Self::Bin => "M2.5 4.200h11M6 4V2.400h4V4M4 4.200l.7 9.400h6.600L12 4.200M6.6 6.800v4.200M9.4 6.800v4.2",
            Self::Person => "M8 2.200a2.8 2.8 0 1 0 0 5.600a2.8 2.8 0 1 0 0-5.600zM2.8 14c0-3 2.2-4.6 5.2-4.600s5.2 1.6 5.2 4.6",
        }
    }
}

/// Draws a glyph, hidden from assistive technology.
#[component]
pub fn Icon(
    /// Which one; may change.
    #[prop(into)]
    glyph: Signal<Glyph>,
) -> impl IntoView {
    view! {
        <svg class="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" focusable="false">
            <path d=move || glyph.get().path() fill="none" stroke="currentColor" stroke-width="1.6" stroke-linecap="round" stroke-linejoin="round" />
        </svg>
    }
}
