//! Bags built in memory: sound ones are valid, and each damage is found and named.

use std::collections::BTreeMap;
use std::io::Read;
use std::ops::ControlFlow;

use proptest::prelude::*;

use super::{VerifyOptions, verify};
use crate::bag::bag_info::Oxum;
use crate::bag::digest::{Algorithm, Algorithms, MultiHasher};
use crate::bag::manifest::{ManifestKind, ManifestName, format_line};
use crate::bag::source::Visit;
use crate::bag::{Declaration, Entry, NoProgress, Outcome, PackageSource, ProblemCode, ReadSoFar, SourceError, Verdict, Version};

/// Entries in the order given; `indexed` tells the names beforehand.
struct Memory {
    entries: Vec<(String, Vec<u8>)>,
    directories: Vec<String>,
    indexed: bool,
    walks: usize,
}

impl PackageSource for Memory {
    fn index(&mut self, visit: &mut dyn FnMut(&Entry)) -> Result<bool, SourceError> {
        if self.indexed {
            for (path, content) in &self.entries {
                visit(&Entry::file(path, content.len() as u64));
            }
        }
        Ok(self.indexed)
    }

    fn walk(&mut self, visit: &mut Visit<'_>) -> Result<(), SourceError> {
        self.walks += 1;
        for path in &self.directories {
            visit(&Entry::directory(path), &mut std::io::empty())?;
        }
        for (path, content) in &self.entries {
            visit(&Entry::file(path, content.len() as u64), &mut content.as_slice())?;
        }
        Ok(())
    }
}

/// The files of a bag, before they are laid out as entries.
#[derive(Debug, Clone)]
struct Bag {
    version: Version,
    files: BTreeMap<String, Vec<u8>>,
}

impl Bag {
    fn new(version: Version, algorithms: &[Algorithm], payload: &[(&str, &[u8])]) -> Self {
        let mut bag = Self { version, files: BTreeMap::new() };
        bag.put("bagit.txt", Declaration::format(version, "UTF-8"));
        for (path, content) in payload {
            bag.files.insert((*path).to_owned(), content.to_vec());
        }
        let oxum = Oxum { octets: payload.iter().map(|(_, c)| c.len() as u64).sum(), streams: payload.len() as u64 };
        bag.put("bag-info.txt", format!("Payload-Oxum: {oxum}\nExternal-Identifier: 12/4\n"));
        bag.seal(ManifestKind::Payload, algorithms);
        bag.seal(ManifestKind::Tag, algorithms);
        bag
    }

    fn small() -> Self {
        Self::new(Version::V1_0, &[Algorithm::Sha256], &[("data/minutes.txt", b"The minutes."), ("data/plan.csv", b"1,2")])
    }

    fn put(&mut self, path: &str, text: impl Into<String>) {
        self.files.insert(path.to_owned(), text.into().into_bytes());
    }

    /// Writes manifests of what is in the bag now.
    fn seal(&mut self, kind: ManifestKind, algorithms: &[Algorithm]) {
        for algorithm in algorithms {
            let text: String = self
                .files
                .iter()
                .filter(|(path, _)| match kind {
                    ManifestKind::Payload => path.starts_with("data/"),
                    ManifestKind::Tag => !path.starts_with("data/") && !path.starts_with("tagmanifest-"),
                })
                .map(|(path, content)| format_line(&digest(*algorithm, content), path, self.version))
                .collect();
            self.put(&ManifestName::file_name(kind, *algorithm), text);
        }
    }

    fn edit(&mut self, path: &str, change: impl FnOnce(&str) -> String) {
        let text = String::from_utf8(self.files[path].clone()).expect("text");
        self.put(path, change(&text));
    }

    /// Drops the tag manifests, so that a test may change tag files freely.
    fn unsealed(mut self) -> Self {
        self.files.retain(|path, _| !path.starts_with("tagmanifest-"));
        self
    }

    fn source(&self, top: &str, indexed: bool) -> Memory {
        Memory {
            entries: self.files.iter().map(|(path, content)| (format!("{top}{path}"), content.clone())).collect(),
            directories: Vec::new(),
            indexed,
            walks: 0,
        }
    }

    fn verdict(&self) -> Verdict {
        check(&mut self.source("fonds-12/", true))
    }

    /// The codes and paths of the errors.
    fn errors(&self) -> Vec<(ProblemCode, Option<String>)> {
        list(self.verdict().errors())
    }

    fn warnings(&self) -> Vec<(ProblemCode, Option<String>)> {
        list(self.verdict().warnings())
    }
}

fn list<'p>(problems: impl Iterator<Item = &'p crate::bag::Problem>) -> Vec<(ProblemCode, Option<String>)> {
    problems.map(|p| (p.code, p.path.clone())).collect()
}

fn at(code: ProblemCode, path: &str) -> Vec<(ProblemCode, Option<String>)> {
    vec![(code, Some(path.to_owned()))]
}

fn digest(algorithm: Algorithm, content: &[u8]) -> Vec<u8> {
    let mut hasher = MultiHasher::new([algorithm].into_iter().collect());
    hasher.update(content);
    hasher.finish().get(algorithm).expect("computed").to_owned()
}

fn check(source: &mut Memory) -> Verdict {
    verify(source, &VerifyOptions::default(), &mut NoProgress).expect("memory is readable")
}

#[test]
fn a_sound_bag_is_valid_wherever_its_top_is_and_whatever_is_known() {
    let bag = Bag::small();
    for top in ["", "fonds-12/", "data/"] {
        for indexed in [true, false] {
            let mut source = bag.source(top, indexed);
            let verdict = check(&mut source);
            assert_eq!(verdict.problems, [], "{top} {indexed}");
            assert_eq!(verdict.outcome, Outcome::Valid);
            assert_eq!(verdict.version, Some(Version::V1_0));
            assert_eq!(verdict.payload_files, 2);
            assert_eq!(verdict.payload_bytes, 15);
            assert_eq!(verdict.algorithms, [Algorithm::Sha256]);
            assert_eq!(verdict.info("external-identifier"), Some("12/4"));
            if indexed {
                assert_eq!(source.walks, 1);
            }
        }
    }
}

#[test]
fn a_second_walk_happens_only_when_a_guess_was_wrong() {
    let walks = |algorithm, order: fn(&str) -> u8| {
        let bag = Bag::new(Version::V1_0, &[algorithm], &[("data/a", b"a")]);
        let mut source = bag.source("x/", false);
        source.entries.sort_by_key(|(path, _)| order(path));
        assert_eq!(check(&mut source).outcome, Outcome::Valid);
        source.walks
    };
    let manifests_first = |path: &str| u8::from(path.contains("data/"));
    let payload_first = |path: &str| u8::from(!path.contains("data/"));
    assert_eq!(walks(Algorithm::Sha256, payload_first), 1);
    assert_eq!(walks(Algorithm::Md5, manifests_first), 1);
    assert_eq!(walks(Algorithm::Md5, payload_first), 2);
}

#[test]
fn another_encoding_costs_a_second_walk_only_if_it_matters() {
    let walks = |name: &str| {
        let mut bag = Bag::new(Version::V1_0, &[Algorithm::Sha256], &[(name, b"x")]).unsealed();
        bag.put("bagit.txt", Declaration::format(Version::V1_0, "ISO-8859-1"));
        let latin_1 = bag.files["manifest-sha256.txt"].iter().map(|byte| char::from(*byte)).collect::<String>();
        let latin_1 = latin_1.replace("Ã¤", "ä").chars().map(|c| c as u8).collect();
        bag.files.insert("manifest-sha256.txt".to_owned(), latin_1);
        let mut source = bag.source("", true);
        assert_eq!(check(&mut source).outcome, Outcome::Valid);
        source.walks
    };
    assert_eq!(walks("data/plan.txt"), 1);
    assert_eq!(walks("data/pläne.txt"), 2);
}

#[test]
fn a_bag_that_lost_its_declaration_is_invalid() {
    let mut bag = Bag::small();
    bag.files.remove("bagit.txt");
    for (top, indexed) in [("", true), ("", false), ("x/", true), ("x/", false)] {
        let verdict = check(&mut bag.source(top, indexed));
        assert_eq!(verdict.outcome, Outcome::Invalid);
        assert!(verdict.errors().any(|problem| problem.code == ProblemCode::DeclarationMissing), "{:?}", verdict.problems);
    }
}

#[test]
fn what_has_no_declaration_at_its_top_is_not_a_bag() {
    let cases: [&[&str]; 4] = [&[], &["a/b/bagit.txt", "a/b/data/x"], &["a/bagit.txt", "a/data/x", "b/x"], &["a/data/x"]];
    for paths in cases {
        for indexed in [true, false] {
            let mut source = Memory {
                entries: paths.iter().map(|path| ((*path).to_owned(), b"x".to_vec())).collect(),
                directories: Vec::new(),
                indexed,
                walks: 0,
            };
            let verdict = check(&mut source);
            assert_eq!(verdict.outcome, Outcome::NotABag, "{paths:?}");
            assert_eq!(verdict.problems.len(), 1);
            assert_eq!(verdict.payload_files, paths.len() as u64);
        }
    }
}

#[test]
fn payload_damage_is_named() {
    use ProblemCode::*;
    let mut bag = Bag::small();
    bag.put("data/plan.csv", "1,3");
    assert_eq!(bag.errors(), at(DigestMismatch, "data/plan.csv"));

    let mut bag = Bag::small();
    bag.files.remove("data/plan.csv");
    let mut expected = at(OxumMismatch, "bag-info.txt");
    expected.extend(at(FileMissing, "data/plan.csv"));
    assert_eq!(bag.errors(), expected);

    let mut bag = Bag::small();
    bag.put("data/extra", "");
    let mut expected = at(OxumMismatch, "bag-info.txt");
    expected.extend(at(FileNotListed, "data/extra"));
    assert_eq!(bag.errors(), expected);
}

#[test]
fn every_problem_is_named_and_not_the_first_only() {
    let mut bag =
        Bag::new(Version::V1_0, &[Algorithm::Md5, Algorithm::Sha512], &[("data/a", b"a"), ("data/b", b"b"), ("data/c", b"c")]).unsealed();
    bag.put("data/a", "x");
    bag.put("data/b", "y");
    bag.files.remove("data/c");
    let codes: Vec<_> = bag.errors().into_iter().map(|(code, _)| code).collect();
    assert_eq!(
        codes,
        [
            ProblemCode::OxumMismatch,
            ProblemCode::DigestMismatch,
            ProblemCode::DigestMismatch,
            ProblemCode::DigestMismatch,
            ProblemCode::DigestMismatch,
            ProblemCode::FileMissing,
        ]
    );
}

#[test]
fn the_list_of_problems_is_bounded() {
    let mut bag = Bag::small().unsealed();
    for number in 0..50 {
        bag.put(&format!("data/extra-{number}"), "");
    }
    let options = VerifyOptions { max_problems: 10, ..VerifyOptions::default() };
    let verdict = verify(&mut bag.source("", true), &options, &mut NoProgress).expect("memory");
    assert_eq!(verdict.outcome, Outcome::Invalid);
    assert_eq!(verdict.problems.len(), 11);
    assert!(verdict.problems[10].message.starts_with("41 more errors"));
}

#[test]
fn tag_files_are_checked_too() {
    use ProblemCode::*;
    let mut bag = Bag::small();
    bag.edit("bag-info.txt", |text| format!("{text}Contact-Email: a@b\n"));
    assert_eq!(bag.errors(), at(DigestMismatch, "bag-info.txt"));

    let mut bag = Bag::small();
    bag.files.remove("bag-info.txt");
    assert_eq!(bag.errors(), at(FileMissing, "bag-info.txt"));

    let mut bag = Bag::small();
    bag.put("notes.txt", "");
    assert_eq!(bag.errors(), []);
    assert_eq!(bag.warnings(), at(TagFileNotListed, "notes.txt"));

    let mut bag = Bag::small();
    bag.edit("tagmanifest-sha256.txt", |text| {
        text.lines().filter(|line| !line.ends_with("manifest-sha256.txt")).map(|line| format!("{line}\n")).collect()
    });
    assert_eq!(bag.errors(), at(TagManifestIncomplete, "manifest-sha256.txt"));
}

#[test]
fn structure_is_required() {
    use ProblemCode::*;
    let codes = |bag: &Bag| -> Vec<ProblemCode> { bag.errors().into_iter().map(|(code, _)| code).collect() };
    let mut bag = Bag::small().unsealed();
    bag.files.remove("manifest-sha256.txt");
    assert_eq!(codes(&bag), [PayloadManifestMissing, FileNotListed, FileNotListed]);

    let bag = Bag::new(Version::V1_0, &[Algorithm::Sha256], &[]);
    assert_eq!(codes(&bag), [PayloadDirectoryMissing]);
    let mut source = bag.source("", true);
    source.directories.push("data".to_owned());
    assert_eq!(check(&mut source).outcome, Outcome::Valid);

    let mut bag = Bag::small().unsealed();
    bag.put("manifest-whirlpool.txt", "abcd  data/minutes.txt\n");
    assert_eq!(codes(&bag), [AlgorithmUnknown, ManifestIncomplete]);
}

#[test]
fn manifests_list_every_file_since_1_0_and_some_file_before() {
    let partial = |version| {
        let mut bag = Bag::new(version, &[Algorithm::Md5, Algorithm::Sha256], &[("data/a", b"a"), ("data/b", b"b")]).unsealed();
        bag.edit("manifest-md5.txt", |text| text.lines().take(1).map(|line| format!("{line}\n")).collect());
        bag.errors()
    };
    assert_eq!(partial(Version::V0_97), []);
    assert_eq!(partial(Version::V1_0), at(ProblemCode::ManifestIncomplete, "data/b"));
}

#[test]
fn manifest_lines_by_version() {
    use ProblemCode::*;
    let edited = |version, change: fn(&str) -> String| {
        let mut bag = Bag::new(version, &[Algorithm::Sha1], &[("data/a", b"a")]).unsealed();
        bag.edit("manifest-sha1.txt", change);
        (bag.errors(), bag.warnings())
    };
    let file = "manifest-sha1.txt";
    let old_forms: [fn(&str) -> String; 5] = [
        |text| format!(" {text}"),
        |text| text.replace("  data", " *data"),
        |text| text.replace("  data", "  ./data"),
        |text| format!("{text}\n"),
        |text| format!("# made by hand\n{text}"),
    ];
    for form in old_forms {
        assert_eq!(edited(Version::V0_97, form), (vec![], at(ManifestLineTolerated, file)));
        assert_eq!(edited(Version::V1_0, form), (at(ManifestLineMalformed, file), vec![]));
    }
    let (errors, _) = edited(Version::V0_97, |text| format!("{text}zzz  data/b\n"));
    assert_eq!(errors, at(ManifestLineMalformed, file));
    let (errors, _) = edited(Version::V1_0, |text| text.to_uppercase().replace("DATA/A", "data/a"));
    assert_eq!(errors, []);
    let (errors, warnings) = edited(Version::V1_0, |text| text.repeat(2));
    assert_eq!((errors, warnings), (vec![], at(ManifestDuplicatePath, "data/a")));
    let (errors, _) = edited(Version::V1_0, |text| format!("{text}{}  data/a\n", "ab".repeat(20)));
    assert!(errors.contains(&at(ManifestConflictingDigests, "data/a")[0]));
}

#[test]
fn paths_that_leave_the_bag_are_reported_and_never_followed() {
    for path in ["../etc/passwd", "/etc/passwd", "data/../../x", "~/x", "C:/x", "data\\..\\x"] {
        let mut bag = Bag::small().unsealed();
        bag.edit("manifest-sha256.txt", |text| format!("{text}{}  {path}\n", "ab".repeat(32)));
        let errors = bag.errors();
        assert_eq!(errors, at(ProblemCode::PathUnsafe, "manifest-sha256.txt"));
        let mut bag = Bag::small().unsealed();
        bag.put("fetch.txt", format!("https://archive.example/x 1 {path}\n"));
        assert_eq!(bag.errors(), at(ProblemCode::PathUnsafe, "fetch.txt"));
    }
}

#[test]
fn manifests_list_their_own_kind_of_file() {
    use ProblemCode::*;
    let line = |path: &str| format!("{}  {path}\n", "ab".repeat(32));
    let mut bag = Bag::small().unsealed();
    bag.edit("manifest-sha256.txt", |t| t.to_owned() + &line("bagit.txt"));
    assert!(bag.errors().contains(&at(ManifestPathMisplaced, "bagit.txt")[0]));

    let mut bag = Bag::small();
    bag.edit("tagmanifest-sha256.txt", |t| t.to_owned() + &line("tagmanifest-sha256.txt"));
    assert!(bag.errors().contains(&at(ManifestPathMisplaced, "tagmanifest-sha256.txt")[0]));

    let mut bag = Bag::new(Version::V1_0, &[Algorithm::Sha256], &[("data/a/b", b"b")]).unsealed();
    bag.edit("manifest-sha256.txt", |t| t.to_owned() + &line("data/a"));
    assert_eq!(bag.errors(), at(ManifestListsDirectory, "data/a"));
}

#[test]
fn fetch_entries_are_reported_and_not_fetched() {
    use ProblemCode::*;
    let mut bag = Bag::small().unsealed();
    bag.put("fetch.txt", "https://archive.example/plan.csv 3 data/plan.csv\n");
    assert_eq!(bag.verdict().outcome, Outcome::Valid);

    bag.files.remove("data/plan.csv");
    let mut expected = at(OxumMismatch, "bag-info.txt");
    expected.extend(at(FileNotFetched, "data/plan.csv"));
    assert_eq!(bag.errors(), expected);

    let mut bag = Bag::small().unsealed();
    bag.put("fetch.txt", "https://archive.example/x - data/other\nnonsense\nurn:x 9 data/plan.csv\nurn:x - bagit.txt\n");
    let mut expected = at(FetchLineMalformed, "fetch.txt");
    expected.extend(at(FetchPathMisplaced, "bagit.txt"));
    expected.extend(at(FetchPathMisplaced, "data/other"));
    assert_eq!(bag.errors(), expected);
    assert_eq!(bag.warnings(), at(FetchInconsistent, "data/plan.csv"));
}

#[test]
fn oxum_in_all_its_errors() {
    use ProblemCode::*;
    let with = |line: &str| {
        let mut bag = Bag::small().unsealed();
        bag.put("bag-info.txt", line);
        (bag.errors(), bag.warnings())
    };
    let file = "bag-info.txt";
    assert_eq!(with("Payload-Oxum: 15.2\n"), (vec![], vec![]));
    assert_eq!(with("payload-oxum: 15.3\n").0, at(OxumMismatch, file));
    assert_eq!(with("Payload-Oxum: fifteen\n").0, at(OxumMalformed, file));
    let (errors, warnings) = with("Payload-Oxum: 15.2\nPayload-Oxum: 16.2\n");
    assert_eq!(errors, at(OxumMismatch, file));
    assert_eq!(warnings, at(InfoLabelRepeated, file));
}

#[test]
fn old_bags_have_package_info() {
    let version = Version { major: 0, minor: 94 };
    let mut bag = Bag::new(version, &[Algorithm::Md5], &[("data/a", b"a")]).unsealed();
    let info = bag.files.remove("bag-info.txt").expect("it was written");
    bag.files.insert("package-info.txt".to_owned(), info);
    let verdict = bag.verdict();
    assert_eq!(verdict.outcome, Outcome::Valid);
    assert_eq!(verdict.info("External-Identifier"), Some("12/4"));
}

#[test]
fn tag_files_in_the_declared_encoding() {
    let mut bag = Bag::new(Version::V0_97, &[Algorithm::Sha256], &[("data/Übersicht.txt", b"x")]).unsealed();
    bag.put("bagit.txt", Declaration::format(Version::V0_97, "UTF-16"));
    for file in ["manifest-sha256.txt", "bag-info.txt"] {
        let text = String::from_utf8(bag.files[file].clone()).expect("text");
        let utf_16 = format!("\u{feff}{text}").encode_utf16().flat_map(u16::to_le_bytes).collect();
        bag.files.insert(file.to_owned(), utf_16);
    }
    for indexed in [true, false] {
        let verdict = check(&mut bag.source("x/", indexed));
        assert_eq!(verdict.problems, []);
        assert_eq!(verdict.info("External-Identifier"), Some("12/4"));
    }
    bag.put("bagit.txt", Declaration::format(Version::V0_97, "UTF-8"));
    assert!(bag.errors().contains(&at(ProblemCode::EncodingMismatch, "manifest-sha256.txt")[0]));
}

#[test]
fn names_in_another_unicode_form_are_matched_with_a_warning() {
    let composed = "data/\u{e9}tude.txt";
    let decomposed = "data/e\u{301}tude.txt";
    let mut bag = Bag::new(Version::V1_0, &[Algorithm::Sha256], &[(composed, b"x")]).unsealed();
    let content = bag.files.remove(composed).expect("it was written");
    bag.files.insert(decomposed.to_owned(), content);
    assert_eq!(bag.errors(), []);
    assert_eq!(bag.warnings(), at(ProblemCode::NameNormalization, decomposed));
    let message = &bag.verdict().problems[0].message;
    assert!(message.contains("U+00E9") && message.contains("U+0301"), "{message}");

    bag.put(decomposed, "y");
    assert_eq!(bag.errors()[0].0, ProblemCode::DigestMismatch);
}

#[test]
fn names_that_some_systems_confuse_are_a_warning() {
    let bag = Bag::new(Version::V1_0, &[Algorithm::Sha256], &[("data/Plan.txt", b"x"), ("data/plan.txt", b"y")]);
    assert_eq!(bag.errors(), []);
    assert_eq!(bag.warnings(), at(ProblemCode::NameCollision, "data/plan.txt"));
}

#[test]
fn percent_signs_by_version() {
    let odd = "data/100%\nline.txt";
    for version in [Version::V0_97, Version::V1_0] {
        let bag = Bag::new(version, &[Algorithm::Sha256], &[(odd, b"x")]);
        assert_eq!(bag.verdict().problems, [], "{version}");
    }
    // Old tools write a literal percent sign into 1.0 manifests.
    let mut bag = Bag::new(Version::V1_0, &[Algorithm::Sha256], &[("data/%7Ea", b"x"), ("data/%0A", b"y")]).unsealed();
    bag.edit("manifest-sha256.txt", |text| text.replace("%25", "%"));
    assert_eq!(bag.errors(), []);
    let mut expected = at(ProblemCode::PathNotEncoded, "data/%0A");
    expected.extend(at(ProblemCode::PathNotEncoded, "data/%7Ea"));
    assert_eq!(bag.warnings(), expected);
}

#[test]
fn a_path_twice_in_the_container_is_an_error() {
    let bag = Bag::small();
    let mut source = bag.source("", true);
    source.entries.push(("data/plan.csv".to_owned(), b"1,2".to_vec()));
    let verdict = check(&mut source);
    assert!(list(verdict.errors()).contains(&at(ProblemCode::DuplicateEntry, "data/plan.csv")[0]));
}

#[test]
fn the_caller_sees_progress_and_may_stop() {
    let bag = Bag::new(Version::V1_0, &[Algorithm::Sha256], &[("data/a", &[7; 3 << 20])]);
    let mut last = ReadSoFar::default();
    let mut calls = 0;
    let mut watch = |so_far: ReadSoFar| {
        assert!(so_far.bytes >= last.bytes && so_far.files >= last.files);
        last = so_far;
        calls += 1;
        ControlFlow::Continue(())
    };
    verify(&mut bag.source("", true), &VerifyOptions::default(), &mut watch).expect("memory");
    assert!(calls >= 3);
    assert_eq!(last.files, 5);

    let mut stop = |_: ReadSoFar| ControlFlow::Break(());
    let stopped = verify(&mut bag.source("", true), &VerifyOptions::default(), &mut stop);
    assert!(matches!(stopped, Err(SourceError::Stopped)));
}

#[test]
fn a_broken_source_is_an_error_and_never_a_verdict() {
    struct Broken;
    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
            Err(SourceError::refused_at("the checksum does not agree", "data/a").into())
        }
    }
    struct Source;
    impl PackageSource for Source {
        fn walk(&mut self, visit: &mut Visit<'_>) -> Result<(), SourceError> {
            visit(&Entry::file("x/manifest-md5.txt", 1), &mut Broken)
        }
    }
    let error = verify(&mut Source, &VerifyOptions::default(), &mut NoProgress);
    let Err(SourceError::Refused { reason, path }) = error else {
        panic!("{error:?}");
    };
    assert_eq!(reason, "the checksum does not agree");
    assert_eq!(path.as_deref(), Some("data/a"));
}

#[test]
fn verdicts_survive_the_wire() {
    let mut bag = Bag::small();
    bag.put("data/plan.csv", "1,3");
    let verdict = bag.verdict();
    let json = serde_json::to_string(&verdict).expect("JSON");
    assert!(json.contains("\"outcome\":\"invalid\"") && json.contains("\"digest_mismatch\""));
    assert_eq!(serde_json::from_str::<Verdict>(&json).expect("a verdict"), verdict);
}

fn any_bag() -> impl Strategy<Value = Bag> {
    let name = "[a-zA-Z0-9 %._~é\u{301}\n-]{1,12}".prop_filter("not a special component", |name| name != "." && name != "..");
    let payload = prop::collection::btree_map(name, prop::collection::vec(any::<u8>(), 0..40), 1..6);
    let algorithms = prop::sample::subsequence(Algorithm::ALL.to_vec(), 1..=3);
    let version = prop::sample::select(vec![Version::V0_97, Version::V1_0]);
    (version, algorithms, payload).prop_map(|(version, algorithms, payload)| {
        let payload: Vec<(String, Vec<u8>)> = payload
            .into_iter()
            .map(|(name, content)| (format!("data/{name}"), content))
            // Before 1.0 a name with a literal "%0A" cannot be told from one with a line feed.
            .map(|(path, content)| (path.replace("%0", "%1"), content))
            .collect::<BTreeMap<_, _>>()
            .into_iter()
            .collect();
        let payload: Vec<(&str, &[u8])> = payload.iter().map(|(path, content)| (path.as_str(), content.as_slice())).collect();
        Bag::new(version, &algorithms, &payload)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn generated_bags_are_valid(bag in any_bag(), indexed: bool, top in "([a-z]{1,5}/)?") {
        let verdict = check(&mut bag.source(&top, indexed));
        prop_assert_eq!(verdict.errors().collect::<Vec<_>>(), Vec::<&crate::bag::Problem>::new());
        prop_assert_eq!(verdict.outcome, Outcome::Valid);
    }

    #[test]
    fn a_flipped_bit_is_found_in_its_file(
        bag in any_bag(), file: prop::sample::Index, byte: prop::sample::Index, bit in 0u8..8,
    ) {
        let mut bag = bag;
        let paths: Vec<String> = bag
            .files
            .iter()
            // A flipped bit in `bagit.txt` may change the rules, one in a tag manifest may make
            // it list another file: both are invalid, and the next test says so.
            .filter(|(path, content)| path.starts_with("data/") && !content.is_empty())
            .map(|(path, _)| path.clone())
            .collect();
        prop_assume!(!paths.is_empty());
        let path = file.get(&paths).clone();
        let content = bag.files.get_mut(&path).expect("it is there");
        let at = byte.index(content.len());
        content[at] ^= 1 << bit;
        let verdict = check(&mut bag.source("x/", true));
        prop_assert_eq!(verdict.outcome, Outcome::Invalid);
        prop_assert!(verdict.errors().all(|problem| problem.code == ProblemCode::DigestMismatch
            && problem.path.as_deref() == Some(&*path)));
    }

    #[test]
    fn any_single_change_makes_a_bag_invalid(
        bag in any_bag(), file: prop::sample::Index, byte: prop::sample::Index,
        bit in 0u8..8, change in 0u8..3, indexed: bool,
    ) {
        let mut bag = bag;
        let paths: Vec<String> = bag
            .files
            .keys()
            .filter(|path| !path.starts_with("tagmanifest-"))
            .cloned()
            .collect();
        let path = file.get(&paths).clone();
        let expected = if change == 0 {
            bag.files.remove(&path);
            path
        } else if change == 1 {
            let path = format!("{path}.added");
            prop_assume!(path.starts_with("data/") && !bag.files.contains_key(&path));
            bag.put(&path, "");
            path
        } else {
            let content = bag.files.get_mut(&path).expect("it is there");
            prop_assume!(!content.is_empty());
            let at = byte.index(content.len());
            content[at] ^= 1 << bit;
            path
        };
        let verdict = check(&mut bag.source("x/", indexed));
        prop_assert_eq!(verdict.outcome, Outcome::Invalid);
        prop_assert!(
            verdict.errors().any(|problem| problem.path.as_deref() == Some(&*expected)),
            "{} is not named in {:?}", expected, verdict.problems
        );
    }

    #[test]
    fn arbitrary_tag_files_never_panic(
        declaration: Vec<u8>, manifest: Vec<u8>, info: Vec<u8>, fetch: Vec<u8>, sound: bool,
    ) {
        let mut bag = Bag::small();
        if !sound {
            bag.files.insert("bagit.txt".to_owned(), declaration);
        }
        bag.files.insert("manifest-sha256.txt".to_owned(), manifest);
        bag.files.insert("bag-info.txt".to_owned(), info);
        bag.files.insert("fetch.txt".to_owned(), fetch);
        prop_assert_eq!(check(&mut bag.source("", true)).outcome, Outcome::Invalid);
    }
}

#[test]
fn all_algorithms_at_once() {
    let bag = Bag::new(Version::V1_0, &Algorithm::ALL, &[("data/a", b"a")]);
    let verdict = bag.verdict();
    assert_eq!(verdict.outcome, Outcome::Valid);
    assert_eq!(verdict.algorithms, Algorithms::all().iter().collect::<Vec<_>>());
}
