//! Measured numbers with as many digits as anybody looks at: what is not a number never travels, and a sample stays small.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A number that is not negative, kept in parts of which `PER_ONE` make one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Fixed<const PER_ONE: u32>(u32);

/// Percent, to a tenth.
pub type Percent = Fixed<10>;

/// A load average, to a hundredth.
pub type Load = Fixed<100>;

impl<const PER_ONE: u32> Fixed<PER_ONE> {
    /// The nearest such number; what is negative or no number becomes 0.
    #[must_use]
    pub fn new(value: f64) -> Self {
        let parts = (value * f64::from(PER_ONE)).round();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a float that is too large or no number saturates")]
        let parts = parts.max(0.0) as u32;
        Self(parts)
    }

    /// The number.
    #[must_use]
    pub fn get(self) -> f64 {
        f64::from(self.0) / f64::from(PER_ONE)
    }
}

impl<const PER_ONE: u32> Serialize for Fixed<PER_ONE> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // Whole numbers without their ".0".
        if self.0.is_multiple_of(PER_ONE) { serializer.serialize_u32(self.0 / PER_ONE) } else { serializer.serialize_f64(self.get()) }
    }
}

impl<'de, const PER_ONE: u32> Deserialize<'de> for Fixed<PER_ONE> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        f64::deserialize(deserializer).map(Self::new)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numbers_are_short() {
        let text = |value| serde_json::to_string(&Percent::new(value)).expect("a number");
        assert_eq!([text(12.345), text(0.06), text(100.0), text(-1.0)], ["12.3", "0.1", "100", "0"]);
        assert_eq!([text(f64::NAN), text(f64::NEG_INFINITY)], ["0", "0"]);
        assert_eq!(serde_json::to_string(&Load::new(0.456)).expect("a number"), "0.46");
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(value: f64) {
            let number = Percent::new(value);
            let text = serde_json::to_string(&number).expect("a number");
            prop_assert_eq!(serde_json::from_str::<Percent>(&text).expect("read back"), number);
        }
    }
}
