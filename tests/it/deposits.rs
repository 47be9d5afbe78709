//! The command line's deposit against the real binary, with the true verdicts of real packages.

use crate::support::process::{Process, client, command, output, shared_data};
use serde_json::Value;
use std::{fs, path::Path, path::PathBuf};
use strongroom::{
    bag::PackageFormat,
    server::packages::builder::{BagBuilder, Member, package},
};
use tempfile::TempDir;

struct Said {
    ok: bool,
    text: String,
}

async fn deposit(process: &Process, paths: &[&Path], arguments: &[&str]) -> Said {
    let mut command = command();
    command.arg("deposit").args(paths).args(["--server", &process.origin]).args(arguments);
    let output = output(command).await;
    let text = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    Said { ok: output.status.success(), text }
}

async fn total(process: &Process) -> u64 {
    let reply = client().get(format!("{}/api/storage/aips", process.origin)).send().await.expect("answered").text().await.expect("read");
    serde_json::from_str::<Value>(&reply).expect("JSON")["page"]["total"].as_u64().expect("a number")
}

fn objects(data: &TempDir) -> usize {
    let store = data.path().join("locations/main-store");
    let files =
        |folder: &Path| fs::read_dir(folder).expect("there").filter(|entry| entry.as_ref().expect("readable").path().is_file()).count();
    files(&store) + files(&store.join(".staging"))
}

#[tokio::test(flavor = "multi_thread")]
async fn every_container_and_a_folder_are_taken_in() {
    let (data, source) = (TempDir::new().expect("a folder"), TempDir::new().expect("a folder"));
    let process = Process::start(data.path(), &[]).await;
    let members = BagBuilder::new().top_directory("bag").file("letter.txt", "Dear archive").build();
    let mut paths = Vec::new();
    for format in PackageFormat::ALL {
        let path = source.path().join(format!("fonds.{}", format.extension()));
        fs::write(&path, package(format, &members).expect("made")).expect("written");
        paths.push(path);
    }
    let folder = source.path().join("as-folder");
    for Member { path, content } in &members {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().expect("it has one")).expect("made");
        fs::write(path, content).expect("written");
    }
    paths.push(folder);
    let said = deposit(&process, &paths.iter().map(PathBuf::as_path).collect::<Vec<_>>(), &[]).await;
    assert!(said.ok, "{}", said.text);
    assert_eq!(said.text.matches("(a valid bag)").count(), 5, "{}", said.text);
    assert_eq!((total(&process).await, objects(&data)), (5, 5));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_package_is_told_whole_and_leaves_nothing() {
    let (data, source) = (TempDir::new().expect("a folder"), TempDir::new().expect("a folder"));
    let process = Process::start(data.path(), &[]).await;
    let mut members = BagBuilder::new().file("a.txt", "a").file("b.txt", "b").build();
    for member in &mut members {
        if member.path.ends_with("a.txt") {
            member.content = b"changed".to_vec();
        }
    }
    members.retain(|member| !member.path.ends_with("b.txt"));
    let path = source.path().join("broken.zip");
    fs::write(&path, package(PackageFormat::Zip, &members).expect("made")).expect("written");
    let said = deposit(&process, &[&path], &[]).await;
    assert!(!said.ok);
    for expected in ["data/a.txt", "data/b.txt", "Nothing of it was kept"] {
        assert!(said.text.contains(expected), "{expected} in {}", said.text);
    }
    assert_eq!((total(&process).await, objects(&data)), (0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn mistakes_on_the_command_line_are_told() {
    let data = TempDir::new().expect("a folder");
    let process = Process::start(data.path(), &[]).await;
    let nowhere = data.path().join("nowhere.zip");
    assert!(deposit(&process, &[&nowhere], &[]).await.text.contains("nothing was sent"));
    let empty = data.path().join("empty.zip");
    fs::write(&empty, "").expect("written");
    let said = deposit(&process, &[&empty], &[]).await;
    assert!(!said.ok && said.text.contains("7z, zip, tar or tar.gz"), "{}", said.text);
    let said = deposit(&process, &[&empty], &["--location", "No such place"]).await;
    assert!(said.text.contains("there is no location \"No such place\""), "{}", said.text);
    let origin = process.origin.clone();
    process.kill().await;
    let mut command = command();
    command.arg("deposit").arg(&empty).args(["--server", &origin]);
    let output = output(command).await;
    assert!(String::from_utf8_lossy(&output.stderr).contains("cannot be reached"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_demo_fills_an_empty_archive_once() {
    let data = TempDir::new().expect("a folder");
    let process = Process::start(data.path(), &["--demo"]).await;
    assert_eq!(total(&process).await, 5);
    process.kill().await;
    let process = Process::start(data.path(), &["--demo"]).await;
    assert_eq!(total(&process).await, 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn real_packages_get_their_true_verdicts() {
    let Some(shared) = shared_data() else {
        println!("SKIP real_packages_get_their_true_verdicts: the folder with other projects' packages is not there");
        return;
    };
    let data = TempDir::new().expect("a folder");
    let process = Process::start(data.path(), &[]).await;
    let mut expected: Vec<(PathBuf, bool)> = [
        ("archivematica-aips/working_bag.7z", true),
        ("archivematica-aips/working_bag.zip", true),
        ("archivematica-aips/broken_bag", false),
        ("archivematica-bags/bag with payload oxum and tag manifest", true),
        ("archivematica-bags/bag fail tag manifest", false),
        ("aptrust-bags/example.edu.tagsample_good.tar", true),
        ("aptrust-bags/test.edu.btr_good_sha512.tar", true),
        ("aptrust-bags/example.edu.sample_missing_data_file.tar", false),
    ]
    .map(|(path, valid)| (shared.join(path), valid))
    .into();
    let children = |folder: PathBuf| -> Vec<PathBuf> {
        let mut paths: Vec<_> = fs::read_dir(folder).into_iter().flatten().map(|entry| entry.expect("readable").path()).collect();
        paths.sort();
        paths
    };
    for path in children(shared.join("archivematica-aips")) {
        let name = path.file_name().expect("named").to_string_lossy().into_owned();
        if name.starts_with("20200513060703-") || (name.starts_with("aicsmall_aic-") && name.ends_with(".7z")) {
            expected.push((path, true));
        }
    }
    for version in children(shared.join("bagit-conformance")) {
        for verdict in ["valid", "invalid"] {
            expected.extend(children(version.join(verdict)).into_iter().map(|path| (path, verdict == "valid")));
        }
    }
    assert!(expected.len() >= 16, "all packages of the folder were found: {}", expected.len());
    for (path, valid) in &expected {
        let said = deposit(&process, &[path], &[]).await;
        assert_eq!((said.ok, said.text.contains("(a valid bag)")), (*valid, *valid), "{}: {}", path.display(), said.text);
    }
    let kept = expected.iter().filter(|(_, valid)| *valid).count();
    assert_eq!((total(&process).await as usize, objects(&data)), (kept, kept));
}

#[tokio::test(flavor = "multi_thread")]
async fn memory_does_not_grow_with_the_package() {
    let (data, source) = (TempDir::new().expect("a folder"), TempDir::new().expect("a folder"));
    let process = Process::start(data.path(), &[]).await;
    let path = source.path().join("large.tar");
    let members = BagBuilder::new().file("large.bin", vec![7; 300_000_000]).build();
    fs::write(&path, package(PackageFormat::Tar, &members).expect("made")).expect("written");
    drop(members);
    let said = deposit(&process, &[&path], &[]).await;
    assert!(said.ok, "{}", said.text);
    assert!(process.peak_memory() < 200_000_000, "{} bytes at most", process.peak_memory());
}
