//! The examples of a Markdown document, run as they stand there.
//!
//! A fenced block `sh` is run; what it prints has to be the next block that is `json` or `text`, where there is one before the
//! next `sh`. `…` there stands for anything. A block `sh norun` needs what a test does not have; `text norun` is nothing's output.

use super::process::output;
use std::{path::Path, process::Command};

/// Stands before the output of each example.
const MARK: &str = "=== example ===";

/// A block that is run.
pub struct Example {
    line: usize,
    script: String,
    prints: Option<String>,
}

/// The fenced blocks of a Markdown text: line, info string, content.
fn fenced(text: &str) -> Vec<(usize, &str, String)> {
    let mut blocks = Vec::new();
    let mut open: Option<(usize, &str, String)> = None;
    for (number, line) in text.lines().enumerate() {
        match (line.strip_prefix("```"), open.take()) {
            (Some(info), None) => open = Some((number + 1, info, String::new())),
            (Some(_), Some(block)) => blocks.push(block),
            (None, Some((begins, info, content))) => open = Some((begins, info, content + line + "\n")),
            (None, None) => {}
        }
    }
    assert!(open.is_none(), "a block that is not closed");
    blocks
}

/// The examples of a document, or of the part of it that begins with this heading and ends before the next of its rank.
pub fn examples(document: &str, heading: Option<&str>) -> Vec<Example> {
    let begins = heading.map_or(0, |heading| document.lines().position(|line| line == heading).expect("the heading is there"));
    let ends = heading.map_or(usize::MAX, |heading| {
        let rank = &heading[..=heading.find(' ').expect("a heading")];
        document.lines().skip(begins + 1).position(|line| line.starts_with(rank)).map_or(usize::MAX, |after| begins + 1 + after)
    });
    let mut examples: Vec<Example> = Vec::new();
    for (line, info, content) in fenced(document).into_iter().filter(|(line, ..)| (begins..ends).contains(line)) {
        match info {
            "sh" => examples.push(Example { line, script: content, prints: None }),
            other if other.ends_with(" norun") => {}
            "json" | "text" => {
                let last = examples.last_mut().unwrap_or_else(|| panic!("line {line}: the output of no example"));
                assert!(last.prints.replace(content).is_none(), "line {line}: a second output of the example in line {}", last.line);
            }
            other => panic!("line {line}: {other:?} is neither sh nor what it prints"),
        }
    }
    examples
}

/// Runs examples in one shell that stops at the first command that fails, and compares what they print.
pub async fn run(examples: &[Example], folder: &Path, variables: &[(&str, &str)]) {
    let mut script = String::from("set -euo pipefail\n");
    for example in examples {
        script += &format!("echo '{MARK}'\necho 'line {}' >&2\n{}", example.line, example.script);
    }
    let mut command = Command::new("bash");
    command.arg("-c").arg(script).current_dir(folder).env("no_proxy", "127.0.0.1").env("LC_ALL", "C.UTF-8");
    let output = output({
        command.envs(variables.iter().copied());
        command
    })
    .await;
    let told = String::from_utf8(output.stdout).expect("UTF-8");
    assert!(output.status.success(), "{}\n{told}\n{}", output.status, String::from_utf8_lossy(&output.stderr));
    let printed: Vec<&str> = told.split(&format!("{MARK}\n")).skip(1).collect();
    assert_eq!(printed.len(), examples.len());
    for (Example { line, prints, .. }, printed) in examples.iter().zip(printed) {
        let Some(expected) = prints else { continue };
        let same = expected.lines().count() == printed.lines().count();
        let same = same && expected.lines().zip(printed.lines()).all(|(expected, printed)| fits(expected, printed));
        assert!(same, "line {line} of the document\n--- says\n{expected}--- but it is\n{printed}");
    }
}

/// Whether a line is as expected; `…` stands for anything.
fn fits(expected: &str, printed: &str) -> bool {
    let Some((start, rest)) = expected.split_once('…') else { return expected == printed };
    let Some(tail) = printed.strip_prefix(start) else { return false };
    tail.char_indices().map(|(at, _)| at).chain([tail.len()]).any(|at| fits(rest, &tail[at..]))
}

/// The first of some programs that is not there.
pub fn missing(programs: &[&'static str]) -> Option<&'static str> {
    programs.iter().copied().find(|program| Command::new(program).arg("--version").output().is_err())
}

#[test]
fn an_ellipsis_stands_for_anything_and_nothing_else_does() {
    for (expected, printed, same) in [
        ("a", "a", true),
        ("a", "b", false),
        ("id: …", "id: 7", true),
        ("…", "", true),
        ("\"…\", …!", "\"x\", \"y\"!", true),
        ("a…c", "ab", false),
    ] {
        assert_eq!(fits(expected, printed), same, "{expected} {printed}");
    }
}
