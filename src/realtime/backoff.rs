//! How long to wait before the next attempt (`realtime.md` section 5).
//!
//! Full jitter: anything between nothing and a bound that doubles with each attempt, so that many clients which lost the same
//! server do not come back at the same moment. Without end: a wall screen that was left alone for a weekend reconnects.

/// The bound of the first wait, in milliseconds.
pub const BASE: u64 = 500;

/// The bound never grows beyond this, in milliseconds.
pub const CAP: u64 = 30_000;

/// Milliseconds to wait before attempt number `attempt` (from 1), given a random number of `0.0..1.0`.
#[must_use]
pub fn delay(attempt: u32, random: f64) -> u64 {
    let bound = BASE.saturating_mul(1 << attempt.saturating_sub(1).min(16)).min(CAP);
    spread(bound, random)
}

/// Anything between nothing and the bound, given a random number of `0.0..1.0`.
#[must_use]
pub fn spread(bound: u64, random: f64) -> u64 {
    #[expect(clippy::cast_precision_loss, clippy::cast_sign_loss, clippy::cast_possible_truncation, reason = "the bound is milliseconds")]
    let spread = (bound as f64 * random.clamp(0.0, 1.0)) as u64;
    spread
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_bound_doubles_up_to_the_cap() {
        let bounds: Vec<u64> = (1..=8).map(|attempt| delay(attempt, 1.0)).collect();
        assert_eq!(bounds, [500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
    }

    proptest! {
        #[test]
        fn any_number_gives_a_wait_within_the_cap(attempt: u32, random: f64) {
            prop_assert!(delay(attempt, random) <= CAP);
        }

        #[test]
        fn the_wait_spreads_over_the_whole_range(attempt in 1u32..40, random in 0.0f64..1.0) {
            let bound = delay(attempt, 1.0);
            prop_assert!(delay(attempt, random) <= bound && delay(attempt, 0.0) == 0);
        }
    }
}
