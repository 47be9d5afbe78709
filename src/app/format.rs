//! Numbers as people read them. Pure, so that the server and the browser write the same text.

use crate::domain::Timestamp;
use chrono::{DateTime, Datelike, Timelike, Utc};

/// Bytes in decimal units (SI: 1 kB is 1,000 bytes, as disks are sold and as file managers show them), with at most three
/// significant digits: `0 B`, `999 B`, `1.23 kB`, `45.6 MB`, `789 GB`.
#[must_use]
pub fn size(bytes: u64) -> String {
    const UNITS: [&str; 6] = ["kB", "MB", "GB", "TB", "PB", "EB"];
    if bytes < 1_000 {
        return format!("{bytes} B");
    }
    // In thousandths of the unit, rounded, so that 999,999 bytes become 1.00 MB and not 1000 kB.
    let mut unit = 0;
    let mut divisor: u128 = 1_000;
    loop {
        let thousandths = (u128::from(bytes) * 1_000 + divisor / 2) / divisor;
        let (digits, step) = match thousandths {
            ..9_995 => (2, 10),
            ..99_950 => (1, 100),
            _ => (0, 1_000),
        };
        let rounded = (thousandths + step / 2) / step;
        let whole = rounded / 10_u128.pow(digits);
        if whole < 1_000 || unit + 1 == UNITS.len() {
            let fraction = rounded % 10_u128.pow(digits);
            return match digits {
                0 => format!("{whole} {}", UNITS[unit]),
                _ => format!("{whole}.{fraction:0width$} {}", UNITS[unit], width = digits as usize),
            };
        }
        unit += 1;
        divisor *= 1_000;
    }
}

/// Every byte of it: `1,234,567 bytes`.
#[must_use]
pub fn exact_bytes(bytes: u64) -> String {
    plural(bytes, "byte", "bytes")
}

/// A whole number with a comma before every three digits: `12,345`.
#[must_use]
pub fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A number with its noun: `1 AIP`, `1,200 AIPs`.
#[must_use]
pub fn plural(number: u64, one: &str, many: &str) -> String {
    format!("{} {}", count(number), if number == 1 { one } else { many })
}

/// A span of time in its two largest units: `less than a second`, `42 s`, `3 min 5 s`, `2 h 10 min`, `4 d 6 h`.
#[must_use]
pub fn duration(micros: i64) -> String {
    const UNITS: [(u64, &str); 4] = [(86_400, "d"), (3_600, "h"), (60, "min"), (1, "s")];
    let seconds = u64::try_from(micros).unwrap_or(0) / 1_000_000;
    let Some(at) = UNITS.iter().position(|(length, _)| seconds >= *length) else {
        return "less than a second".into();
    };
    let (length, unit) = UNITS[at];
    let first = format!("{} {unit}", count(seconds / length));
    match UNITS.get(at + 1) {
        Some((smaller, name)) if seconds % length / smaller > 0 => format!("{first} {} {name}", seconds % length / smaller),
        _ => first,
    }
}

/// The time between two instants, as [`duration`] writes it.
#[must_use]
pub fn between(start: Timestamp, end: Timestamp) -> String {
    duration(end.micros().saturating_sub(start.micros()))
}

/// How long ago `then` is, seen from `now`, in its largest unit: `just now`, `5 s ago`, `3 min ago`, `2 h ago`, `6 d ago`.
/// Clocks differ: what seems to lie ahead is `just now`.
#[must_use]
pub fn relative(then: Timestamp, now: Timestamp) -> String {
    let seconds = now.micros().saturating_sub(then.micros()) / 1_000_000;
    match seconds {
        ..2 => "just now".into(),
        ..60 => format!("{seconds} s ago"),
        ..3_600 => format!("{} min ago", seconds / 60),
        ..172_800 => format!("{} h ago", seconds / 3_600),
        _ => format!("{} d ago", seconds / 86_400),
    }
}

/// An instant as the server and the first rendering in the browser show it: `2026-06-01 10:05 UTC`.
#[must_use]
pub fn utc(at: Timestamp) -> String {
    format!("{} UTC", to_the_minute(at.utc()))
}

/// To the second, for the tooltip: `2026-06-01 10:05:07 UTC`.
#[must_use]
pub fn utc_exact(at: Timestamp) -> String {
    let utc = at.utc();
    format!("{}:{:02} UTC", to_the_minute(utc), utc.second())
}

/// The same instant on a clock that is `minutes_east` ahead of UTC: `2026-06-01 12:05 UTC+2`, `… UTC+5:45`, `… UTC`.
#[must_use]
pub fn with_offset(at: Timestamp, minutes_east: i32) -> String {
    let local = at.utc() + chrono::TimeDelta::minutes(i64::from(minutes_east));
    let (hours, minutes) = (minutes_east.unsigned_abs() / 60, minutes_east.unsigned_abs() % 60);
    let sign = if minutes_east < 0 { '-' } else { '+' };
    let zone = match (hours, minutes) {
        (0, 0) => String::new(),
        (hours, 0) => format!("{sign}{hours}"),
        (hours, minutes) => format!("{sign}{hours}:{minutes:02}"),
    };
    format!("{} UTC{zone}", to_the_minute(local))
}

/// By hand: chrono's formats would bring their interpreter into the browser's program.
fn to_the_minute(at: DateTime<Utc>) -> String {
    format!("{:04}-{:02}-{:02} {:02}:{:02}", at.year(), at.month(), at.day(), at.hour(), at.minute())
}

/// Hundredths of the whole, from 0 to 100; an empty whole is done.
#[must_use]
pub fn percent(done: u64, whole: u64) -> u64 {
    if whole == 0 {
        return 100;
    }
    let hundredths = u128::from(done.min(whole)) * 100 / u128::from(whole);
    u64::try_from(hundredths).unwrap_or(100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_keep_three_digits_and_never_reach_a_thousand() {
        let cases = [
            (0, "0 B"),
            (999, "999 B"),
            (1_000, "1.00 kB"),
            (1_234, "1.23 kB"),
            (9_994, "9.99 kB"),
            (9_995, "10.0 kB"),
            (99_950, "100 kB"),
            (999_499, "999 kB"),
            (999_500, "1.00 MB"),
            (999_999, "1.00 MB"),
            (45_600_000, "45.6 MB"),
            (789_000_000_000, "789 GB"),
            (u64::MAX, "18.4 EB"),
        ];
        for (bytes, text) in cases {
            assert_eq!(size(bytes), text, "{bytes}");
        }
    }

    #[test]
    fn counts_are_grouped() {
        for (number, text) in [(0, "0"), (999, "999"), (1_000, "1,000"), (1_234_567, "1,234,567")] {
            assert_eq!(count(number), text);
        }
        assert_eq!(exact_bytes(1), "1 byte");
        assert_eq!(plural(2_000, "AIP", "AIPs"), "2,000 AIPs");
    }

    #[test]
    fn durations_have_at_most_two_units() {
        let second = 1_000_000;
        let cases = [
            (-5, "less than a second"),
            (second - 1, "less than a second"),
            (42 * second, "42 s"),
            (60 * second, "1 min"),
            (185 * second, "3 min 5 s"),
            (7_800 * second, "2 h 10 min"),
            (3_601 * second, "1 h"),
            (4 * 86_400 * second + 6 * 3_600 * second + 59 * second, "4 d 6 h"),
        ];
        for (micros, text) in cases {
            assert_eq!(duration(micros), text, "{micros}");
        }
    }

    #[test]
    fn the_future_is_just_now() {
        let now = Timestamp::from_micros(10_000_000_000_000);
        let ago = |seconds: i64| relative(Timestamp::from_micros(now.micros() - seconds * 1_000_000), now);
        assert_eq!(ago(-100), "just now");
        assert_eq!(ago(5), "5 s ago");
        assert_eq!(ago(150), "2 min ago");
        assert_eq!(ago(90_000), "25 h ago");
        assert_eq!(ago(6 * 86_400), "6 d ago");
    }

    #[test]
    fn zones_are_named_by_their_distance_from_utc() {
        let at = Timestamp::parse("2026-06-01T23:05:07Z").expect("RFC 3339");
        let cases = [
            (0, "2026-06-01 23:05 UTC"),
            (120, "2026-06-02 01:05 UTC+2"),
            (345, "2026-06-02 04:50 UTC+5:45"),
            (-570, "2026-06-01 13:35 UTC-9:30"),
        ];
        for (minutes, text) in cases {
            assert_eq!(with_offset(at, minutes), text);
        }
        assert_eq!(utc(at), with_offset(at, 0), "the first rendering in UTC and a reader in UTC see the same");
    }

    #[test]
    fn percentages_end_at_the_end() {
        assert_eq!(percent(0, 0), 100);
        assert_eq!(percent(199, 200), 99);
        assert_eq!(percent(300, 200), 100);
        assert_eq!(percent(u64::MAX - 1, u64::MAX), 99);
    }
}
