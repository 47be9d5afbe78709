//! Small packages as archives have them, made by code, for the demonstration and for trying things
//! out. No person is named in them.

use std::io::{self, Write};

use flate2::{Compression, Crc, write::ZlibEncoder};

use super::PackageFormat;
use super::builder::{BagBuilder, Member, package};
use crate::bag::digest::{MultiHasher, to_hex};
use crate::bag::{Algorithm, Version};

/// A package that can be written.
#[derive(Debug, Clone, Copy)]
pub struct Sample {
    /// With its extension, for example `fonds-12-photographs-1931.7z`.
    pub file_name: &'static str,
    /// The container it is in.
    pub format: PackageFormat,
    /// What it is, for people.
    pub title: &'static str,
    members: fn() -> Vec<Member>,
}

impl Sample {
    /// The name without its extension.
    pub fn name(&self) -> &'static str {
        let extension = self.format.extension().len() + 1;
        &self.file_name[..self.file_name.len() - extension]
    }

    /// The files inside.
    pub fn members(&self) -> Vec<Member> {
        (self.members)()
    }

    /// Writes the package; always the same bytes.
    pub fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(&self.bytes()?)
    }

    /// The package's bytes; always the same.
    pub fn bytes(&self) -> io::Result<Vec<u8>> {
        package(self.format, &self.members())
    }
}

/// Four valid bags, one for each format, and a package that is not a bag.
pub fn samples() -> [Sample; 5] {
    [
        Sample {
            file_name: "fonds-12-photographs-1931.7z",
            format: PackageFormat::SevenZip,
            title: "Harbour construction, photographs, 1931",
            members: photographs,
        },
        Sample {
            file_name: "council-minutes-1954-1956.zip",
            format: PackageFormat::Zip,
            title: "Town council, minutes, 1954 to 1956",
            members: minutes,
        },
        Sample {
            file_name: "oral-history-mill-workers-1978.tar",
            format: PackageFormat::Tar,
            title: "Oral history of the mill, recordings and transcripts, 1978",
            members: oral_history,
        },
        Sample {
            file_name: "series-7-cadastral-maps-1887.tar.gz",
            format: PackageFormat::TarGz,
            title: "Cadastral maps, series 7, 1887",
            members: maps,
        },
        Sample {
            file_name: "accession-2024-031-unprocessed.zip",
            format: PackageFormat::Zip,
            title: "Accession 2024/031, as received",
            members: unprocessed,
        },
    ]
}

fn photographs() -> Vec<Member> {
    let mut list = String::from("reference,title,date,medium\n");
    let mut objects = Vec::new();
    let titles = ["Caisson before launching", "Pile driver at the east quay", "Dredger at low water", "Opening of the lock"];
    for (number, title) in (1..).zip(titles) {
        let path = format!("objects/fonds-12-{number:04}.png");
        list.push_str(&format!("12/{number},{title},1931-0{},glass plate negative\n", number + 3));
        objects.push((path, png(96, 64, number)));
    }
    objects.push(("metadata/items.csv".to_owned(), list.into_bytes()));
    archival_bag("fonds-12-photographs-1931", "12", "Harbour construction, photographs, 1931", objects)
        .info("External-Description", "Glass plate negatives of the harbour works, digitised as PNG.")
        .build()
}

fn minutes() -> Vec<Member> {
    let mut objects = Vec::new();
    for year in 1954..=1956 {
        for month in [2, 6, 10] {
            let text = format!(
                "MINUTES of the council meeting of {year}-{month:02}-14\n\n1. The minutes of the last meeting were approved.\n\
                 2. Water rates: the proposal of the committee was adopted, {} votes to {}.\n\
                 3. The road to the station is to be repaired before winter.\n",
                8 + month / 2,
                3 + year % 3
            );
            objects.push((format!("objects/{year}/minutes-{year}-{month:02}.txt"), text.into_bytes()));
        }
    }
    archival_bag("council-minutes-1954-1956", "C/3", "Town council, minutes, 1954 to 1956", objects)
        .algorithms(&[Algorithm::Sha256, Algorithm::Sha512])
        .build()
}

fn oral_history() -> Vec<Member> {
    let mut objects = Vec::new();
    for tape in 1..=3_u32 {
        let transcript = format!(
            "Tape {tape}, side A\n\n[00:00] The interviewer asks about the first day at the mill.\n\
             [00:{:02}] The noise of the carding room is described.\n[01:{:02}] On the strike and the months after it.\n",
            tape * 11,
            tape * 7
        );
        objects.push((format!("objects/tape-{tape:02}/transcript.txt"), transcript.into_bytes()));
        objects.push((format!("objects/tape-{tape:02}/side-a.wav"), wav(tape)));
    }
    archival_bag("oral-history-mill-workers-1978", "OH/78", "Oral history of the mill, 1978", objects)
        .version(Version::V0_97)
        .algorithms(&[Algorithm::Md5, Algorithm::Sha256])
        .build()
}

fn maps() -> Vec<Member> {
    let mut objects = Vec::new();
    let mut sheets = String::from("sheet,scale,parish\n");
    for sheet in 1..=3 {
        objects.push((format!("objects/sheet-{sheet:02}.bmp"), bmp(120, 80, sheet)));
        sheets.push_str(&format!("{sheet},1:2500,parish {sheet}\n"));
    }
    objects.push(("metadata/sheets.csv".to_owned(), sheets.into_bytes()));
    archival_bag("series-7-cadastral-maps-1887", "7", "Cadastral maps, series 7, 1887", objects).algorithms(&[Algorithm::Sha512]).build()
}

fn unprocessed() -> Vec<Member> {
    vec![
        Member::new("accession-2024-031/transfer-list.csv", "box,folder,content\n1,1,Correspondence\n1,2,Plans\n2,1,Ledgers\n"),
        Member::new("accession-2024-031/box-1/letter.txt", "Received with the accession; not yet described.\n"),
        Member::new("accession-2024-031/box-1/plan.png", png(64, 64, 9)),
    ]
}

/// A bag in a directory of its name, its objects described by a METS document with PREMIS events.
fn archival_bag(name: &str, reference: &str, title: &str, objects: Vec<(String, Vec<u8>)>) -> BagBuilder {
    let mets = mets(reference, title, &objects);
    let bag = BagBuilder::new()
        .top_directory(name)
        .info("Bagging-Date", "2024-01-01")
        .info("External-Identifier", reference)
        .file("METS.xml", mets);
    objects.into_iter().fold(bag, |bag, (path, content)| bag.file(path, content))
}

fn mets(reference: &str, title: &str, objects: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut files = String::new();
    let mut events = String::new();
    for (number, (path, content)) in (1..).zip(objects) {
        let digest = sha256(content);
        files.push_str(&format!(
            "      <mets:file ID=\"file-{number}\" ADMID=\"amd-{number}\" SIZE=\"{}\" CHECKSUM=\"{digest}\" CHECKSUMTYPE=\"SHA-256\">\n\
             \x20       <mets:FLocat LOCTYPE=\"OTHER\" OTHERLOCTYPE=\"SYSTEM\" xlink:href=\"{path}\"/>\n      </mets:file>\n",
            content.len()
        ));
        let event = |part: &str, kind: &str, detail: &str| {
            format!(
                "    <mets:digiprovMD ID=\"{part}-{number}\"><mets:mdWrap MDTYPE=\"PREMIS:EVENT\"><mets:xmlData>\n\
                 \x20     <premis:event>\n\
                 \x20       <premis:eventIdentifier><premis:eventIdentifierType>local</premis:eventIdentifierType>\
                 <premis:eventIdentifierValue>{part}-{number}</premis:eventIdentifierValue></premis:eventIdentifier>\n\
                 \x20       <premis:eventType>{kind}</premis:eventType>\n\
                 \x20       <premis:eventDateTime>2024-01-01T00:00:00Z</premis:eventDateTime>\n\
                 \x20       <premis:eventDetailInformation><premis:eventDetail>{detail}</premis:eventDetail></premis:eventDetailInformation>\n\
                 \x20       <premis:eventOutcomeInformation><premis:eventOutcome>success</premis:eventOutcome></premis:eventOutcomeInformation>\n\
                 \x20     </premis:event>\n    </mets:xmlData></mets:mdWrap></mets:digiprovMD>\n"
            )
        };
        events.push_str(&format!("  <mets:amdSec ID=\"amd-{number}\">\n"));
        events.push_str(&event("ingestion", "ingestion", path));
        events.push_str(&event("digest", "message digest calculation", "SHA-256"));
        events.push_str("  </mets:amdSec>\n");
    }
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <mets:mets xmlns:mets=\"http://www.loc.gov/METS/\" xmlns:xlink=\"http://www.w3.org/1999/xlink\" \
         xmlns:premis=\"http://www.loc.gov/premis/v3\" OBJID=\"{reference}\" LABEL=\"{title}\">\n\
         \x20 <mets:metsHdr CREATEDATE=\"2024-01-01T00:00:00Z\"/>\n{events}  <mets:fileSec>\n    <mets:fileGrp USE=\"original\">\n{files}\
         \x20   </mets:fileGrp>\n  </mets:fileSec>\n\
         \x20 <mets:structMap TYPE=\"physical\"><mets:div LABEL=\"{title}\"/></mets:structMap>\n</mets:mets>\n"
    )
    .into_bytes()
}

fn sha256(content: &[u8]) -> String {
    let mut hasher = MultiHasher::new([Algorithm::Sha256].into_iter().collect());
    hasher.update(content);
    to_hex(hasher.finish().get(Algorithm::Sha256).unwrap_or_default())
}

/// A shade for each point of a picture; the seed makes pictures differ.
fn shade(x: u32, y: u32, seed: u32) -> u8 {
    let hill = (x * (seed + 2)) ^ (y * (seed + 5));
    ((hill + x + 2 * y) & 0xFF) as u8
}

/// A greyscale PNG.
fn png(width: u32, height: u32, seed: u32) -> Vec<u8> {
    let mut rows = Vec::new();
    for y in 0..height {
        // Each row begins with the number of its filter: none.
        rows.push(0);
        rows.extend((0..width).map(|x| shade(x, y, seed)));
    }
    let mut zlib = ZlibEncoder::new(Vec::new(), Compression::fast());
    // Writing to memory cannot fail.
    let packed = zlib.write_all(&rows).and_then(|()| zlib.finish()).unwrap_or_default();

    let mut header = Vec::new();
    header.extend(width.to_be_bytes());
    header.extend(height.to_be_bytes());
    // Eight bits, greyscale, and the only methods that there are.
    header.extend([8, 0, 0, 0, 0]);

    let mut png = b"\x89PNG\r\n\x1A\n".to_vec();
    for (kind, content) in [(b"IHDR", header), (b"IDAT", packed), (b"IEND", Vec::new())] {
        let mut crc = Crc::new();
        crc.update(kind);
        crc.update(&content);
        png.extend((content.len() as u32).to_be_bytes());
        png.extend(kind);
        png.extend(&content);
        png.extend(crc.sum().to_be_bytes());
    }
    png
}

/// A 24-bit BMP. The width is a multiple of four, so that rows need no padding.
fn bmp(width: u32, height: u32, seed: u32) -> Vec<u8> {
    const HEADERS: u32 = 54;
    let size = HEADERS + width * height * 3;
    let mut bmp = b"BM".to_vec();
    for field in [size, 0, HEADERS, 40, width, height] {
        bmp.extend(field.to_le_bytes());
    }
    bmp.extend([1, 0, 24, 0]);
    for field in [0, size - HEADERS, 2835, 2835, 0, 0_u32] {
        bmp.extend(field.to_le_bytes());
    }
    for y in 0..height {
        for x in 0..width {
            let paper = 200 + shade(x / 8, y / 8, seed) % 40;
            let line = (x + seed * 9).is_multiple_of(30) || (y + seed * 5).is_multiple_of(20);
            bmp.extend(if line { [40, 60, 90] } else { [paper - 30, paper - 8, paper] });
        }
    }
    bmp
}

/// Half a second of a soft triangle tone as 8-bit mono WAV.
fn wav(seed: u32) -> Vec<u8> {
    const RATE: u32 = 8000;
    let samples: Vec<u8> = (0..RATE / 2)
        .map(|at| {
            let phase = (at * (4 + seed)) % 64;
            let rise = if phase < 32 { phase } else { 64 - phase };
            (112 + rise) as u8
        })
        .collect();
    let len = samples.len() as u32;
    let mut wav = b"RIFF".to_vec();
    wav.extend((36 + len).to_le_bytes());
    wav.extend(b"WAVEfmt ");
    wav.extend(16_u32.to_le_bytes());
    wav.extend([1, 0, 1, 0]);
    wav.extend(RATE.to_le_bytes());
    wav.extend(RATE.to_le_bytes());
    wav.extend([1, 0, 8, 0]);
    wav.extend(b"data");
    wav.extend(len.to_le_bytes());
    wav.extend(samples);
    wav
}
