//! How fast bytes go through, in words. What is measured is [`Rate`].

use super::format;

pub use crate::realtime::rate::{Rate, time_left};

/// How it goes, as far as that is known: `12.3 MB of 45.6 MB, 2.00 MB/s, 16 s left`.
#[must_use]
pub fn pace(done: u64, whole: u64, per_second: Option<u64>) -> String {
    let mut text = format!("{} of {}", format::size(done), format::size(whole));
    if let Some(rate) = per_second {
        text.push_str(&format!(", {}/s", format::size(rate)));
    }
    if let Some(left) = time_left(whole.saturating_sub(done), per_second) {
        text.push_str(&format!(", {} left", format::duration(left)));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pace_is_told_as_far_as_it_is_known() {
        assert_eq!(pace(12_300_000, 45_600_000, None), "12.3 MB of 45.6 MB");
        assert_eq!(pace(12_300_000, 45_600_000, Some(2_000_000)), "12.3 MB of 45.6 MB, 2.00 MB/s, 16 s left");
        assert_eq!(pace(0, 45_600_000, Some(0)), "0 B of 45.6 MB, 0 B/s");
    }
}
