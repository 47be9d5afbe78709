//! Which container a package is in, told by its first bytes.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A container that packages are kept in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum PackageFormat {
    /// 7z.
    #[serde(rename = "7z")]
    SevenZip,
    /// ZIP.
    #[serde(rename = "zip")]
    Zip,
    /// tar (POSIX ustar, pax or GNU).
    #[serde(rename = "tar")]
    Tar,
    /// tar, compressed with gzip.
    #[serde(rename = "tar.gz")]
    TarGz,
}

impl PackageFormat {
    /// All formats, in the order they are offered to people.
    pub const ALL: [Self; 4] = [Self::SevenZip, Self::Zip, Self::Tar, Self::TarGz];

    /// How many bytes [`detect`](Self::detect) wants to see: one block of a tar file.
    pub const DETECT_LEN: usize = 512;

    /// The file name extension without its dot; also the wire form.
    pub const fn extension(self) -> &'static str {
        match self {
            Self::SevenZip => "7z",
            Self::Zip => "zip",
            Self::Tar => "tar",
            Self::TarGz => "tar.gz",
        }
    }

    /// The media type for a `Content-Type` header.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::SevenZip => "application/x-7z-compressed",
            Self::Zip => "application/zip",
            Self::Tar => "application/x-tar",
            Self::TarGz => "application/gzip",
        }
    }

    /// Tells the format by the first bytes of a file, never by its name.
    ///
    /// `head` is the first [`DETECT_LEN`](Self::DETECT_LEN) bytes, or the whole file if it is
    /// shorter. Gzip is taken for a compressed tar; opening it shows whether it is one.
    pub fn detect(head: &[u8]) -> Option<Self> {
        const SEVEN_ZIP: [u8; 6] = [b'7', b'z', 0xBC, 0xAF, 0x27, 0x1C];
        const GZIP_DEFLATE: [u8; 3] = [0x1F, 0x8B, 8];
        // A local file header, or the end record of an archive without entries.
        const ZIP: [[u8; 4]; 2] = [*b"PK\x03\x04", *b"PK\x05\x06"];

        if head.starts_with(&SEVEN_ZIP) {
            Some(Self::SevenZip)
        } else if ZIP.iter().any(|magic| head.starts_with(magic)) {
            Some(Self::Zip)
        } else if head.starts_with(&GZIP_DEFLATE) {
            Some(Self::TarGz)
        } else if is_tar_header(head) {
            Some(Self::Tar)
        } else {
            None
        }
    }
}

/// A name without the extension of a package (`.7z`, `.zip`, `.tar`, `.tar.gz`, `.tgz`), whatever its case.
#[must_use]
pub fn without_extension(file_name: &str) -> &str {
    const EXTENSIONS: [&str; 5] = [".tar.gz", ".tgz", ".tar", ".zip", ".7z"];
    EXTENSIONS
        .iter()
        .find_map(|extension| {
            let at = file_name.len().checked_sub(extension.len())?;
            let tail = file_name.get(at..)?;
            (at > 0 && tail.eq_ignore_ascii_case(extension)).then(|| &file_name[..at])
        })
        .unwrap_or(file_name)
}

/// Whether the first block is a tar header. Old tar files have no magic, but all have a checksum:
/// the sum of the block's bytes with the checksum field itself taken as spaces.
fn is_tar_header(head: &[u8]) -> bool {
    let Some(block) = head.get(..512) else {
        return false;
    };
    let mut stated: u32 = 0;
    let mut digits = 0;
    for byte in &block[148..156] {
        match byte {
            b' ' if digits == 0 => {}
            b'0'..=b'7' => {
                stated = stated * 8 + u32::from(byte - b'0');
                digits += 1;
            }
            _ => break,
        }
    }
    let sum: u32 =
        block.iter().enumerate().map(|(at, byte)| if (148..156).contains(&at) { u32::from(b' ') } else { u32::from(*byte) }).sum();
    digits > 0 && stated == sum
}

impl fmt::Display for PackageFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.extension())
    }
}

/// The text is none of the wire forms `7z`, `zip`, `tar`, `tar.gz`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the package format is not one of 7z, zip, tar, tar.gz")]
pub struct UnknownFormat;

impl FromStr for PackageFormat {
    type Err = UnknownFormat;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|format| format.extension() == text).ok_or(UnknownFormat)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn magic_bytes_tell_the_format() {
        assert_eq!(PackageFormat::detect(b"7z\xBC\xAF\x27\x1C\x00\x04"), Some(PackageFormat::SevenZip));
        assert_eq!(PackageFormat::detect(b"PK\x03\x04\x14"), Some(PackageFormat::Zip));
        assert_eq!(PackageFormat::detect(b"\x1F\x8B\x08\x00"), Some(PackageFormat::TarGz));
        assert_eq!(PackageFormat::detect(b"%PDF-1.7"), None);
        assert_eq!(PackageFormat::detect(&[0; 512]), None);
        assert_eq!(PackageFormat::detect(b""), None);
    }

    #[test]
    fn wire_forms_agree() {
        for format in PackageFormat::ALL {
            assert_eq!(format.to_string().parse(), Ok(format));
            assert_eq!(serde_json::to_value(format).ok(), Some(serde_json::Value::from(format.extension())));
        }
        assert_eq!("rar".parse::<PackageFormat>(), Err(UnknownFormat));
    }

    #[test]
    fn package_extensions_come_off_and_others_stay() {
        let cases = [
            ("fonds-12.zip", "fonds-12"),
            ("Fonds.TAR.GZ", "Fonds"),
            ("a.tar", "a"),
            ("v1.2", "v1.2"),
            (".zip", ".zip"),
            ("ä.7z", "ä"),
            ("é", "é"),
            ("", ""),
        ];
        for (name, stem) in cases {
            assert_eq!(without_extension(name), stem);
        }
    }
}
