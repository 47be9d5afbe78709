//! How large the parts of an upload are. Pure.

/// The smallest and the largest part, in bytes.
const PART: (u64, u64) = (256 * 1024, 8 * 1024 * 1024);

/// The size of the next part when one of `size` bytes took `millis`: parts of about a second show progress and lose little when
/// the connection breaks, larger ones cost fewer round trips.
#[must_use]
pub fn next_part(size: u64, millis: u64) -> u64 {
    let next = match millis {
        ..700 => size * 2,
        ..3_000 => size,
        _ => size / 2,
    };
    next.clamp(PART.0, PART.1)
}

/// The size of the first part.
#[must_use]
pub const fn first_part() -> u64 {
    1024 * 1024
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_grow_and_shrink_within_bounds() {
        let mut part = first_part();
        for _ in 0..10 {
            part = next_part(part, 100);
        }
        assert_eq!(part, 8 * 1024 * 1024);
        assert_eq!(next_part(part, 1_500), part);
        for _ in 0..10 {
            part = next_part(part, 60_000);
        }
        assert_eq!(part, 256 * 1024);
    }
}
