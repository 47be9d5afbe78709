//! The digest algorithms of manifests (RFC 8493 section 2.4), several at once over one reading.

use std::fmt::{self, Write};

use md5::Md5;
use serde::{Deserialize, Serialize};
use sha1::Sha1;
use sha2::{Digest, Sha224, Sha256, Sha384, Sha512};

/// An algorithm that this program computes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Algorithm {
    /// RFC 1321; broken for security, still evidence against accidents.
    Md5,
    /// FIPS 180-4; broken for security, still evidence against accidents.
    Sha1,
    /// FIPS 180-4.
    Sha224,
    /// FIPS 180-4.
    Sha256,
    /// FIPS 180-4.
    Sha384,
    /// FIPS 180-4.
    Sha512,
}

impl Algorithm {
    /// All of them, in order of strength.
    pub const ALL: [Self; 6] = [Self::Md5, Self::Sha1, Self::Sha224, Self::Sha256, Self::Sha384, Self::Sha512];

    /// The name in manifest file names: lower case, letters and digits only (section 2.4).
    pub const fn name(self) -> &'static str {
        match self {
            Self::Md5 => "md5",
            Self::Sha1 => "sha1",
            Self::Sha224 => "sha224",
            Self::Sha256 => "sha256",
            Self::Sha384 => "sha384",
            Self::Sha512 => "sha512",
        }
    }

    /// Length of a digest in bytes.
    pub const fn digest_len(self) -> usize {
        match self {
            Self::Md5 => 16,
            Self::Sha1 => 20,
            Self::Sha224 => 28,
            Self::Sha256 => 32,
            Self::Sha384 => 48,
            Self::Sha512 => 64,
        }
    }

    /// Finds an algorithm by its name. `SHA-256`, as old tools wrote it, is `sha256`.
    pub fn by_name(name: &str) -> Option<Self> {
        let normal: String = name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
        Self::ALL.into_iter().find(|algorithm| algorithm.name() == normal)
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A set of algorithms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Algorithms(u8);

impl Algorithms {
    /// The set without members.
    pub const NONE: Self = Self(0);

    /// The set of all that this program computes.
    pub fn all() -> Self {
        Algorithm::ALL.into_iter().collect()
    }

    /// Adds one.
    pub fn insert(&mut self, algorithm: Algorithm) {
        self.0 |= 1 << algorithm as u8;
    }

    /// Whether it is among them.
    pub fn contains(self, algorithm: Algorithm) -> bool {
        self.0 & (1 << algorithm as u8) != 0
    }

    /// Whether every member of `other` is a member of this set.
    pub fn covers(self, other: Self) -> bool {
        other.0 & !self.0 == 0
    }

    /// Whether there is none.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The members in order of strength.
    pub fn iter(self) -> impl Iterator<Item = Algorithm> {
        Algorithm::ALL.into_iter().filter(move |algorithm| self.contains(*algorithm))
    }
}

impl FromIterator<Algorithm> for Algorithms {
    fn from_iter<I: IntoIterator<Item = Algorithm>>(members: I) -> Self {
        let mut set = Self::NONE;
        for algorithm in members {
            set.insert(algorithm);
        }
        set
    }
}

/// Computes the digests of a set of algorithms over one stream of bytes.
#[derive(Clone)]
pub struct MultiHasher {
    algorithms: Algorithms,
    states: Vec<State>,
}

#[derive(Clone)]
enum State {
    Md5(Md5),
    Sha1(Sha1),
    Sha224(Sha224),
    Sha256(Sha256),
    Sha384(Sha384),
    Sha512(Sha512),
}

impl MultiHasher {
    /// Begins digests with these algorithms.
    pub fn new(algorithms: Algorithms) -> Self {
        let states = algorithms
            .iter()
            .map(|algorithm| match algorithm {
                Algorithm::Md5 => State::Md5(Md5::new()),
                Algorithm::Sha1 => State::Sha1(Sha1::new()),
                Algorithm::Sha224 => State::Sha224(Sha224::new()),
                Algorithm::Sha256 => State::Sha256(Sha256::new()),
                Algorithm::Sha384 => State::Sha384(Sha384::new()),
                Algorithm::Sha512 => State::Sha512(Sha512::new()),
            })
            .collect();
        Self { algorithms, states }
    }

    /// Takes the next bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        for state in &mut self.states {
            match state {
                State::Md5(state) => state.update(bytes),
                State::Sha1(state) => state.update(bytes),
                State::Sha224(state) => state.update(bytes),
                State::Sha256(state) => state.update(bytes),
                State::Sha384(state) => state.update(bytes),
                State::Sha512(state) => state.update(bytes),
            }
        }
    }

    /// The digests of all bytes taken.
    pub fn finish(self) -> Digests {
        let mut bytes = Vec::with_capacity(self.algorithms.iter().map(Algorithm::digest_len).sum());
        for state in self.states {
            match state {
                State::Md5(state) => bytes.extend_from_slice(&state.finalize()),
                State::Sha1(state) => bytes.extend_from_slice(&state.finalize()),
                State::Sha224(state) => bytes.extend_from_slice(&state.finalize()),
                State::Sha256(state) => bytes.extend_from_slice(&state.finalize()),
                State::Sha384(state) => bytes.extend_from_slice(&state.finalize()),
                State::Sha512(state) => bytes.extend_from_slice(&state.finalize()),
            }
        }
        Digests { algorithms: self.algorithms, bytes: bytes.into_boxed_slice() }
    }
}

/// The digests of one stream of bytes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Digests {
    algorithms: Algorithms,
    /// The digests one after another in order of strength: a million of these are kept at once.
    bytes: Box<[u8]>,
}

impl Digests {
    /// Which digests were computed.
    pub fn algorithms(&self) -> Algorithms {
        self.algorithms
    }

    /// One digest, if it was computed.
    pub fn get(&self, algorithm: Algorithm) -> Option<&[u8]> {
        if !self.algorithms.contains(algorithm) {
            return None;
        }
        let start: usize = self.algorithms.iter().take_while(|member| *member != algorithm).map(Algorithm::digest_len).sum();
        self.bytes.get(start..start + algorithm.digest_len())
    }
}

/// Lower-case hexadecimal, as manifests are written.
pub fn to_hex(digest: &[u8]) -> String {
    let mut hex = String::with_capacity(digest.len() * 2);
    for byte in digest {
        // Writing to a `String` cannot fail.
        let _ = write!(hex, "{byte:02x}");
    }
    hex
}

/// Reads hexadecimal of either case; `None` if it is not, or has an odd number of digits.
pub fn from_hex(hex: &str) -> Option<Box<[u8]>> {
    fn value(digit: u8) -> Option<u8> {
        char::from(digit).to_digit(16).map(|value| value as u8)
    }
    let (pairs, rest) = hex.as_bytes().as_chunks::<2>();
    if !rest.is_empty() {
        return None;
    }
    pairs.iter().map(|[high, low]| Some(value(*high)? << 4 | value(*low)?)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_of_the_empty_stream() {
        let digests = MultiHasher::new(Algorithms::all()).finish();
        let hex = |algorithm| to_hex(digests.get(algorithm).expect("computed"));
        assert_eq!(hex(Algorithm::Md5), "d41d8cd98f00b204e9800998ecf8427e");
        assert_eq!(hex(Algorithm::Sha1), "da39a3ee5e6b4b0d3255bfef95601890afd80709");
        assert_eq!(hex(Algorithm::Sha256), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        assert!(hex(Algorithm::Sha512).starts_with("cf83e1357eefb8bd"));
    }

    #[test]
    fn names_are_found_in_old_spellings() {
        assert_eq!(Algorithm::by_name("SHA-256"), Some(Algorithm::Sha256));
        assert_eq!(Algorithm::by_name("crc32"), None);
    }

    #[test]
    fn only_what_was_asked_for_is_computed() {
        let set: Algorithms = [Algorithm::Sha512, Algorithm::Md5].into_iter().collect();
        let digests = MultiHasher::new(set).finish();
        assert_eq!(digests.get(Algorithm::Sha256), None);
        assert_eq!(digests.get(Algorithm::Md5).map(<[u8]>::len), Some(16));
        assert_eq!(digests.get(Algorithm::Sha512).map(<[u8]>::len), Some(64));
        assert!(Algorithms::all().covers(set) && !set.covers(Algorithms::all()));
    }

    proptest::proptest! {
        #[test]
        fn hex_round_trip(bytes: Vec<u8>) {
            let hex = to_hex(&bytes);
            for text in [hex.clone(), hex.to_ascii_uppercase()] {
                let read = from_hex(&text);
                proptest::prop_assert_eq!(read.as_deref(), Some(&bytes[..]));
            }
        }

        #[test]
        fn any_text_is_no_panic(text: String) {
            from_hex(&text);
        }
    }
}
