//! `docs/contract.md` says which test holds each row of the API's contract: those tests exist.

use std::{fs, path::Path};

const CONTRACT: &str = include_str!("../../docs/contract.md");

/// The tests that a row names: what stands in backticks with `::` in it.
fn named(row: &str) -> Vec<&str> {
    row.split('`').skip(1).step_by(2).filter(|quoted| quoted.contains("::")).collect()
}

/// Whether there is such a test: `module::function` in `tests/it`, or `src/….rs::function`.
fn exists(test: &str) -> bool {
    let Some((place, function)) = test.rsplit_once("::") else { return false };
    let file = if place.starts_with("src/") { place.to_owned() } else { format!("tests/it/{}.rs", place.replace("::", "/")) };
    let Ok(source) = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)) else { return false };
    let lines: Vec<&str> = source.lines().map(str::trim_start).collect();
    let begins = |line: &str| {
        let line = line.strip_prefix("async ").unwrap_or(line);
        line.strip_prefix("fn ").and_then(|line| line.strip_prefix(function)).is_some_and(|rest| rest.starts_with('('))
    };
    let attributes = |at: usize| lines[..at].iter().rev().take_while(|line| line.starts_with("#[")).any(|line| line.contains("test"));
    (0..lines.len()).any(|at| begins(lines[at]) && attributes(at))
}

#[test]
fn every_row_of_the_contract_names_a_test_that_exists() {
    let rows: Vec<(usize, &str)> = CONTRACT.lines().enumerate().filter(|(_, line)| line.starts_with("- ")).collect();
    assert!(rows.len() > 100, "{} rows", rows.len());
    let mut wrong = Vec::new();
    for (number, row) in rows {
        let tests = named(row);
        if tests.is_empty() {
            wrong.push(format!("line {}: no test holds {row:?}", number + 1));
        }
        wrong.extend(tests.iter().filter(|test| !exists(test)).map(|test| format!("line {}: there is no test {test}", number + 1)));
    }
    assert!(wrong.is_empty(), "docs/contract.md\n{}", wrong.join("\n"));
}

#[test]
fn a_test_is_found_where_it_is_and_nowhere_else() {
    assert!(exists("contract_rows::a_test_is_found_where_it_is_and_nowhere_else"));
    assert!(exists("src/server/http/tickets.rs::a_ticket_expires"));
    assert!(exists("src/server/http/extract/uuids.rs::canonical_text_round_trips"), "properties are tests too");
    for none in ["contract_rows::named", "contract_rows::a_test_is_found", "no_such_file::a", "src/nothing.rs::a", "nothing"] {
        assert!(!exists(none), "{none}");
    }
}
