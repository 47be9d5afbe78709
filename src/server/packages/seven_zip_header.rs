//! What a 7z archive will cost to open, known before it is opened.
//!
//! A 7z archive's table of contents is usually itself compressed, and the library unpacks it whole
//! into memory, with whatever dictionary it asks for. A few hundred bytes can ask for gigabytes of
//! both. So the start of the file and the description of that compression are read here first.

use std::io::{Read, Seek, SeekFrom};

use flate2::Crc;

use super::guard::Limits;
use crate::bag::SourceError;

const START_LEN: u64 = 32;
const METHOD_LZMA: &[u8] = &[3, 1, 1];
const METHOD_LZMA2: &[u8] = &[0x21];
const METHOD_PPMD: &[u8] = &[3, 4, 1];
const METHOD_AES: &[u8] = &[6, 0xF1, 7, 1];

/// Memory in bytes that a coder of an archive needs, by its method and its properties; a refusal if
/// it is encryption.
pub(super) fn coder_memory(method: &[u8], properties: &[u8]) -> Result<u64, SourceError> {
    let u32_at_1 = || match properties {
        [_, a, b, c, d, ..] => u64::from(u32::from_le_bytes([*a, *b, *c, *d])),
        _ => 0,
    };
    match method {
        METHOD_LZMA | METHOD_PPMD => Ok(u32_at_1()),
        METHOD_LZMA2 => Ok(match properties.first() {
            // A mantissa of two or three and an exponent; what is not one the library refuses.
            Some(bits @ 0..40) => u64::from(2 | (bits & 1)) << (bits / 2 + 11),
            _ => u64::from(u32::MAX),
        }),
        METHOD_AES => Err(SourceError::refused("the 7z archive is encrypted and cannot be read")),
        _ => Ok(0),
    }
}

/// Refuses coders that together need more memory than allowed.
pub(super) fn check_memory(needed: u64, limits: &Limits) -> Result<(), SourceError> {
    if needed > limits.max_decoder_memory {
        return Err(SourceError::refused(format!(
            "unpacking the 7z archive needs {needed} bytes of memory and {} are allowed",
            limits.max_decoder_memory
        )));
    }
    Ok(())
}

/// Checks the start of the file and the cost of its table of contents.
pub(super) fn check<R: Read + Seek>(file: &mut R, len: u64, limits: &Limits) -> Result<(), SourceError> {
    let damaged = || SourceError::refused("the 7z archive is damaged at its start");
    let cut_off = || SourceError::refused("the 7z archive is cut off: its table of contents is not there");
    let mut start = Vec::new();
    file.seek(SeekFrom::Start(0))?;
    (&mut *file).take(START_LEN).read_to_end(&mut start)?;
    let mut fields = Fields { bytes: start.get(8..).unwrap_or_default() };
    let stated_crc = fields.u32().ok_or_else(cut_off)?;
    if fields.bytes.len() < 20 {
        return Err(cut_off());
    }
    if crc(fields.bytes) != stated_crc {
        return Err(damaged());
    }
    let offset = fields.u64().ok_or_else(damaged)?;
    let size = fields.u64().ok_or_else(damaged)?;
    let end = START_LEN.checked_add(offset).and_then(|at| at.checked_add(size)).ok_or_else(damaged)?;
    if end > len {
        return Err(cut_off());
    }
    // What follows the table belongs to nothing that is ever looked at.
    if end < len {
        return Err(SourceError::refused("there is something after the end of the 7z archive"));
    }
    check_index_len(size, limits)?;
    let mut header = Vec::new();
    file.seek(SeekFrom::Start(START_LEN + offset))?;
    (&mut *file).take(size).read_to_end(&mut header)?;

    let mut fields = Fields { bytes: &header };
    if fields.byte() != Some(ENCODED_HEADER) {
        return Ok(());
    }
    let cost = encoded_header(&mut fields).ok_or_else(|| SourceError::refused("the 7z archive's table of contents is damaged"))??;
    check_memory(cost.memory, limits)?;
    check_index_len(cost.unpacked, limits)
}

fn check_index_len(len: u64, limits: &Limits) -> Result<(), SourceError> {
    if len > limits.max_index_bytes {
        return Err(SourceError::refused(format!("the 7z archive's table of contents is longer than {} bytes", limits.max_index_bytes)));
    }
    Ok(())
}

fn crc(bytes: &[u8]) -> u32 {
    let mut crc = Crc::new();
    crc.update(bytes);
    crc.sum()
}

struct Cost {
    memory: u64,
    unpacked: u64,
}

// Property identifiers of the 7z format.
const END: u8 = 0;
const PACK_INFO: u8 = 6;
const UNPACK_INFO: u8 = 7;
const SIZE: u8 = 9;
const CRC: u8 = 10;
const FOLDER: u8 = 11;
const CODERS_UNPACK_SIZE: u8 = 12;
const ENCODED_HEADER: u8 = 23;

/// Real tables are compressed by one coder, or two if encrypted.
const MAX_CODERS: u64 = 8;

/// Reads the description of the compressed table: packed streams, then folders of coders and the sizes
/// that each unpacks to. `None` if it is not one.
fn encoded_header(fields: &mut Fields<'_>) -> Option<Result<Cost, SourceError>> {
    let mut property = fields.byte()?;
    if property == PACK_INFO {
        let _position = fields.number()?;
        let streams = fields.count()?;
        property = fields.byte()?;
        if property == SIZE {
            for _ in 0..streams {
                fields.number()?;
            }
            property = fields.byte()?;
        }
        if property == CRC {
            fields.digests(streams)?;
            property = fields.byte()?;
        }
        if property != END {
            return None;
        }
        property = fields.byte()?;
    }
    if property != UNPACK_INFO || fields.byte()? != FOLDER {
        return None;
    }
    let folders = fields.count()?;
    let external = fields.byte()?;
    if external != 0 {
        return None;
    }
    let mut memory: u64 = 0;
    let mut outputs = 0;
    for _ in 0..folders {
        let mut inputs_here = 0;
        let mut outputs_here = 0;
        for _ in 0..fields.number().filter(|coders| *coders <= MAX_CODERS)? {
            let flags = fields.byte()?;
            let method = fields.take(u64::from(flags & 0x0F))?;
            let (inputs, outputs) = if flags & 0x10 != 0 { (fields.count()?, fields.count()?) } else { (1, 1) };
            let properties = if flags & 0x20 != 0 {
                let len = fields.number()?;
                fields.take(len)?
            } else {
                &[]
            };
            inputs_here += inputs;
            outputs_here += outputs;
            match coder_memory(method, properties) {
                Ok(needed) => memory = memory.saturating_add(needed),
                Err(refusal) => return Some(Err(refusal)),
            }
        }
        let pairs = u64::checked_sub(outputs_here, 1)?;
        for _ in 0..pairs {
            fields.number()?;
            fields.number()?;
        }
        let packed = u64::checked_sub(inputs_here, pairs)?;
        if packed > 1 {
            for _ in 0..packed {
                fields.number()?;
            }
        }
        outputs += outputs_here;
    }
    if fields.byte()? != CODERS_UNPACK_SIZE {
        return None;
    }
    let mut unpacked: u64 = 0;
    for _ in 0..outputs {
        unpacked = unpacked.saturating_add(fields.number()?);
    }
    Some(Ok(Cost { memory, unpacked }))
}

/// Fields of the header, one after another; `None` beyond its end.
struct Fields<'h> {
    bytes: &'h [u8],
}

impl<'h> Fields<'h> {
    fn take(&mut self, len: u64) -> Option<&'h [u8]> {
        let (taken, rest) = self.bytes.split_at_checked(usize::try_from(len).ok()?)?;
        self.bytes = rest;
        Some(taken)
    }

    fn byte(&mut self) -> Option<u8> {
        self.take(1).map(|byte| byte[0])
    }

    fn u32(&mut self) -> Option<u32> {
        Some(u32::from_le_bytes(self.take(4)?.try_into().ok()?))
    }

    fn u64(&mut self) -> Option<u64> {
        Some(u64::from_le_bytes(self.take(8)?.try_into().ok()?))
    }

    /// A number of one to nine bytes: the leading ones of the first tell how many follow, its other
    /// bits are the number's highest.
    fn number(&mut self) -> Option<u64> {
        let first = self.byte()?;
        let following = first.leading_ones().min(8);
        let mut value: u64 = 0;
        for at in 0..following {
            value |= u64::from(self.byte()?) << (8 * at);
        }
        if following < 7 {
            let high = u64::from(first) & ((0x80 >> following) - 1);
            value |= high << (8 * following);
        }
        Some(value)
    }

    /// A number of things of at least one byte each, of which there cannot be more than bytes.
    fn count(&mut self) -> Option<u64> {
        let left = self.bytes.len() as u64;
        self.number().filter(|count| *count <= left)
    }

    /// Checksums of `count` streams, some of which may have none.
    fn digests(&mut self, count: u64) -> Option<()> {
        let defined = if self.byte()? != 0 {
            count
        } else {
            let bits = self.take(count.div_ceil(8))?;
            bits.iter().map(|byte| u64::from(byte.count_ones())).sum()
        };
        self.take(defined.checked_mul(4)?).map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_the_format() {
        let read = |bytes: &[u8]| Fields { bytes }.number();
        assert_eq!(read(&[0x7F]), Some(0x7F));
        assert_eq!(read(&[0x81, 0x02]), Some(0x102));
        assert_eq!(read(&[0xC0, 0x34, 0x12]), Some(0x1234));
        assert_eq!(read(&[0xFE, 1, 0, 0, 0, 0, 0, 0]), Some(1));
        assert_eq!(read(&[0xFF, 1, 0, 0, 0, 0, 0, 0, 0x80]), Some(0x8000_0000_0000_0001));
        assert_eq!(read(&[0x81]), None);
    }

    #[test]
    fn memory_of_coders() {
        assert_eq!(coder_memory(METHOD_LZMA, &[0x5D, 0, 0, 0, 4]).ok(), Some(64 << 20));
        assert_eq!(coder_memory(METHOD_LZMA2, &[24]).ok(), Some(16 << 20));
        assert_eq!(coder_memory(METHOD_LZMA2, &[40]).ok(), Some(u64::from(u32::MAX)));
        assert!(coder_memory(METHOD_AES, &[]).is_err());
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_no_panic(bytes: Vec<u8>) {
            let mut file = std::io::Cursor::new(bytes.clone());
            let _ = check(&mut file, bytes.len() as u64, &Limits::default());
            encoded_header(&mut Fields { bytes: &bytes });
        }
    }
}
