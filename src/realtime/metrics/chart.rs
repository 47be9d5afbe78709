//! A small chart of a series: the line for an SVG path, a scale with round labels, and the rows of the table behind it.

use super::history::{Point, Segment};
use std::fmt::Write;

/// From 0 up to a round number.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scale {
    /// What stands at the top.
    pub top: f64,
    /// What lies between two labels.
    pub step: f64,
}

/// Steps of a scale at most.
const STEPS: f64 = 4.0;

impl Scale {
    /// 0 to 100, whatever the series.
    pub const PERCENT: Self = Self { top: 100.0, step: 25.0 };

    /// The smallest scale whose labels are round (1, 2 or 5 with zeros) that holds `highest` in four steps or fewer. `least` is the
    /// smallest step that makes sense, e.g. 1 for what is counted; it has to be round itself.
    #[must_use]
    pub fn up_to(highest: f64, least: f64) -> Self {
        let highest = if highest.is_finite() { highest.max(0.0) } else { 0.0 };
        let mut power = 10f64.powf((highest / STEPS).max(least).log10().floor());
        // From a little below, so that what a logarithm rounds does not skip a step.
        power /= 10.0;
        let step = std::iter::successors(Some(power), |power| Some(power * 10.0))
            .flat_map(|power| [1.0, 2.0, 5.0].map(|digit| digit * power))
            .find(|step| *step >= least * 0.999_999 && step * STEPS >= highest * 0.999_999)
            .unwrap_or(least);
        let steps = (highest / step - 0.000_001).ceil().clamp(1.0, STEPS);
        Self { top: step * steps, step }
    }

    /// The numbers to write beside it, from 0 to the top.
    pub fn labels(self) -> impl Iterator<Item = f64> {
        (0..=8u32).map(move |n| f64::from(n) * self.step).take_while(move |label| *label <= self.top * 1.000_001)
    }
}

/// The highest number of a series; 0 of none.
#[must_use]
pub fn highest(segments: &[Segment]) -> f64 {
    segments.iter().flatten().map(|point| point.value).fold(0.0, f64::max)
}

/// What a chart shows: `from` to `to` in time across `width`, a scale up `height`, in the units of the SVG's view box.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct View {
    /// Time at the left edge.
    pub from: u64,
    /// Time at the right edge.
    pub to: u64,
    /// What stands at top and bottom.
    pub scale: Scale,
    /// Units across.
    pub width: f64,
    /// Units up.
    pub height: f64,
}

impl View {
    /// Time to the right, numbers upwards; what is outside of the scale lies on its edge.
    fn place(&self, point: Point) -> (f64, f64) {
        #[expect(clippy::cast_precision_loss, reason = "minutes in milliseconds")]
        let share = (point.at.saturating_sub(self.from)) as f64 / (self.to.saturating_sub(self.from)).max(1) as f64;
        let level = (point.value / self.scale.top).clamp(0.0, 1.0);
        (share * self.width, (1.0 - level) * self.height)
    }

    fn shows(&self, point: &Point) -> bool {
        (self.from..=self.to).contains(&point.at) && point.value.is_finite()
    }

    /// The `d` of a path: a line for each segment, and a dot (round line caps make one) for a point that stands alone. Empty when
    /// there is nothing to show.
    #[must_use]
    pub fn path(&self, segments: &[Segment]) -> String {
        let mut d = String::new();
        for segment in segments {
            let mut shown = segment.iter().filter(|point| self.shows(point)).map(|point| self.place(*point)).peekable();
            if let Some((x, y)) = shown.next() {
                let alone = shown.peek().is_none();
                // Writing to a string cannot fail.
                let _ = write!(d, "M{x:.1},{y:.1}{}", if alone { "h0" } else { "" });
            }
            for (x, y) in shown {
                let _ = write!(d, "L{x:.1},{y:.1}");
            }
        }
        d
    }

    /// The table: rows of equal length in time from left to right, each with what was measured in it.
    #[must_use]
    pub fn rows(&self, segments: &[Segment], count: u32) -> Vec<Row> {
        let length = self.to.saturating_sub(self.from);
        let edge = |n: u32| self.from.saturating_add(length.saturating_mul(n.into()) / u64::from(count.max(1)));
        (0..count)
            .map(|n| {
                let (from, to) = (edge(n), edge(n + 1));
                let last = n + 1 == count;
                let within = |point: &&Point| self.shows(point) && point.at >= from && (point.at < to || (last && point.at == to));
                let values: Vec<f64> = segments.iter().flatten().filter(within).map(|point| point.value).collect();
                Row { from, to, measured: Measured::of(&values) }
            })
            .collect()
    }
}

/// A stretch of time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Row {
    /// Its beginning.
    pub from: u64,
    /// Its end.
    pub to: u64,
    /// What was measured in it; none when nothing was.
    pub measured: Option<Measured>,
}

/// Numbers at a glance.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Measured {
    /// The lowest.
    pub lowest: f64,
    /// The mean.
    pub mean: f64,
    /// The highest.
    pub highest: f64,
}

impl Measured {
    fn of(values: &[f64]) -> Option<Self> {
        let lowest = values.iter().copied().reduce(f64::min)?;
        let highest = values.iter().copied().reduce(f64::max)?;
        #[expect(clippy::cast_precision_loss, reason = "a few hundred")]
        let mean = values.iter().map(|value| value / values.len() as f64).sum::<f64>().clamp(lowest, highest);
        Some(Self { lowest, mean, highest })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn segment(points: &[(u64, f64)]) -> Segment {
        points.iter().map(|(at, value)| Point { at: *at, value: *value }).collect()
    }

    const VIEW: View = View { from: 0, to: 600_000, scale: Scale::PERCENT, width: 300.0, height: 60.0 };

    #[test]
    fn labels_are_round() {
        let labels = |highest, least| Scale::up_to(highest, least).labels().collect::<Vec<_>>();
        assert_eq!(labels(0.0, 1.0), [0.0, 1.0]);
        assert_eq!(labels(3.0, 1.0), [0.0, 1.0, 2.0, 3.0]);
        assert_eq!(labels(4.0, 1.0), [0.0, 1.0, 2.0, 3.0, 4.0]);
        assert_eq!(labels(5.0, 1.0), [0.0, 2.0, 4.0, 6.0]);
        assert_eq!(labels(1_234_567.0, 1.0), [0.0, 500_000.0, 1_000_000.0, 1_500_000.0]);
        assert_eq!(labels(17.0, 1.0), [0.0, 5.0, 10.0, 15.0, 20.0]);
        assert_eq!(labels(f64::NAN, 1.0), [0.0, 1.0]);
        assert_eq!(Scale::PERCENT.labels().collect::<Vec<_>>(), [0.0, 25.0, 50.0, 75.0, 100.0]);
    }

    #[test]
    fn a_gap_ends_a_line_and_a_point_alone_is_a_dot() {
        let segments = [segment(&[(0, 0.0), (60_000, 50.0), (120_000, 130.0)]), segment(&[(300_000, 25.0)])];
        assert_eq!(VIEW.path(&segments), "M0.0,60.0L30.0,30.0L60.0,0.0M150.0,45.0h0");
        let later = View { from: 90_000, to: 690_000, ..VIEW };
        assert_eq!(later.path(&segments), "M15.0,0.0h0M105.0,45.0h0", "what is further back is not shown");
        assert_eq!(VIEW.path(&[]), "");
    }

    #[test]
    fn the_table_says_what_the_chart_shows() {
        let segments = [segment(&[(0, 10.0), (60_000, 50.0), (299_999, 30.0)]), segment(&[(600_000, 25.0)])];
        let measured = |lowest, mean, highest| Some(Measured { lowest, mean, highest });
        let rows: Vec<_> = VIEW.rows(&segments, 4).iter().map(|row| row.measured).collect();
        assert_eq!(rows, [measured(10.0, 30.0, 50.0), measured(30.0, 30.0, 30.0), None, measured(25.0, 25.0, 25.0)]);
        assert_eq!(highest(&segments), 50.0);
    }

    proptest! {
        /// The scale holds the highest number, its labels are round and few, and a smaller scale would not do.
        #[test]
        fn the_scale_holds_what_there_is(mantissa in 1.0f64..10.0, exponent in -3i32..17, least in prop::sample::select(vec![0.001, 0.1, 1.0, 1_000.0])) {
            let highest = mantissa * 10f64.powi(exponent);
            let scale = Scale::up_to(highest, least);
            prop_assert!(scale.top >= highest * 0.999_99, "{highest} {scale:?}");
            prop_assert!(scale.step >= least * 0.999_99);
            prop_assert!(scale.top - scale.step < highest * 1.000_01);
            let labels = scale.labels().count();
            prop_assert!((2..=5).contains(&labels), "{highest} {scale:?}");
            let digits = format!("{:.3e}", scale.step);
            prop_assert!(["1.000e", "2.000e", "5.000e"].iter().any(|round| digits.starts_with(round)), "{digits}");
            prop_assert!(labels >= 3 || scale.step <= least * 1.001 || scale.top <= highest * 1.000_01, "{highest} {scale:?}");
        }

        /// Whatever the numbers: the path stays within its box, and each point that is shown is in one row.
        #[test]
        fn everything_stays_within(points in prop::collection::vec((0u64..700_000, -10.0f64..200.0), 0..40), rows in 1u32..12) {
            let segments = [segment(&points)];
            let path = VIEW.path(&segments);
            for pair in path.split(['M', 'L']).filter(|pair| !pair.is_empty()) {
                let (x, y) = pair.trim_end_matches("h0").split_once(',').expect("two numbers");
                prop_assert!((0.0..=300.0).contains(&x.parse::<f64>().expect("x")) && (0.0..=60.0).contains(&y.parse::<f64>().expect("y")));
            }
            let told = VIEW.rows(&segments, rows);
            prop_assert_eq!((told[0].from, told[told.len() - 1].to), (0, 600_000));
            prop_assert!(told.windows(2).all(|pair| pair[0].to == pair[1].from));
            let within = |row: &Row| points.iter().any(|(at, _)| (row.from..row.to).contains(at) || (*at == 600_000 && row.to == 600_000));
            prop_assert!(told.iter().all(|row| row.measured.is_some() == within(row)));
            prop_assert!(told.iter().filter_map(|row| row.measured).all(|m| m.lowest <= m.mean && m.mean <= m.highest));
        }
    }
}
