//! Which file a listed path means, where the two are not written alike.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};

use super::inventory::{Inventory, PathId};
use crate::bag::Version;
use crate::bag::path::{composed, decode, folded, has_bare_percent, is_payload};
use crate::bag::problem::{ProblemCode, Problems};

/// Undoes the percent-encoding of listed paths (RFC 8493 section 2.1.3).
///
/// A manifest that should have encoded a name and did not is read as it was meant, with a warning,
/// when the name as written exists and the decoded name does not.
pub(super) fn decode_listed(inventory: &mut Inventory, version: Version, problems: &mut Problems) {
    let mut encoded: Vec<(String, PathId)> = inventory
        .paths()
        .filter(|(path, id)| path.contains('%') && !inventory.facts(*id).listed.is_empty())
        .map(|(path, id)| (path.to_owned(), id))
        .collect();
    encoded.sort_unstable();
    for (raw, id) in encoded {
        let decoded = decode(&raw, version);
        let bare = version.is_rfc() && has_bare_percent(&raw);
        let target = inventory.id(&decoded);
        let exists = target.is_some_and(|id| inventory.facts(id).is_file());
        let literal = decoded != raw && inventory.facts(id).is_file() && !exists;
        if bare || literal {
            problems.warning(
                ProblemCode::PathNotEncoded,
                Some(&raw),
                format!(
                    "A manifest lists {raw} without encoding its \"%\"; the path was taken as it \
                     is written."
                ),
            );
        }
        if decoded != raw && !literal {
            let target = inventory.intern(&decoded);
            relist(inventory, id, target);
        }
    }
}

/// Pairs listed paths without a file with files of the same name in another Unicode form
/// (RFC 8493 section 5.2): a file system or an archiver has changed the form, not the file.
pub(super) fn pair_by_form(inventory: &mut Inventory, problems: &mut Problems) {
    let mut missing: Vec<(String, PathId)> = inventory
        .paths()
        .filter(|(path, id)| {
            let facts = inventory.facts(*id);
            !path.is_ascii() && facts.kind.is_none() && !facts.listed.is_empty()
        })
        .map(|(path, id)| (path.to_owned(), id))
        .collect();
    if missing.is_empty() {
        return;
    }
    missing.sort_unstable();
    // The files under each composed form; two files of one form leave it open which is meant.
    let mut files: HashMap<String, Option<(String, PathId)>> = HashMap::new();
    for (path, id) in inventory.paths() {
        if !path.is_ascii() && inventory.facts(id).is_file() {
            files.entry(composed(path)).and_modify(|one| *one = None).or_insert_with(|| Some((path.to_owned(), id)));
        }
    }
    for (listed, id) in missing {
        if let Some(Some((file, target))) = files.get(&composed(&listed)) {
            problems.warning(
                ProblemCode::NameNormalization,
                Some(file),
                format!(
                    "A manifest lists {} and the bag holds {}: the same name in another Unicode \
                     form. They were taken for the same file.",
                    escaped(&listed),
                    escaped(file)
                ),
            );
            relist(inventory, id, *target);
        }
    }
}

/// Moves what is listed under one path to another.
fn relist(inventory: &mut Inventory, from: PathId, to: PathId) {
    let listed = std::mem::take(&mut inventory.facts_mut(from).listed);
    inventory.facts_mut(to).listed.extend(listed);
    if let Some(fetch) = &mut inventory.fetch {
        for (id, _) in &mut fetch.entries {
            if *id == from {
                *id = to;
            }
        }
    }
}

/// Names whose difference the eye cannot see are told by their code points.
fn escaped(path: &str) -> String {
    path.chars().map(|c| if c.is_ascii() { c.to_string() } else { format!("{c}(U+{:04X})", u32::from(c)) }).collect()
}

/// Warns of files that some file systems cannot keep apart (RFC 8493 sections 5.2 and 6.1).
pub(super) fn warn_of_collisions(inventory: &Inventory, problems: &mut Problems) {
    // Hashes first: keeping every folded name would double the memory.
    let hasher = RandomState::new();
    let mut by_hash: Vec<(u64, &str)> = inventory
        .paths()
        .filter(|(path, id)| is_payload(path) && inventory.facts(*id).is_file())
        .map(|(path, _)| (hasher.hash_one(folded(path)), path))
        .collect();
    by_hash.sort_unstable();
    let mut collisions: Vec<(&str, &str)> = by_hash
        .windows(2)
        .filter(|pair| pair[0].0 == pair[1].0 && folded(pair[0].1) == folded(pair[1].1))
        .map(|pair| (pair[0].1, pair[1].1))
        .collect();
    collisions.sort_unstable();
    for (one, other) in collisions {
        problems.warning(
            ProblemCode::NameCollision,
            Some(other),
            format!("{} and {} differ only by case or Unicode form; some file systems cannot hold both.", escaped(one), escaped(other)),
        );
    }
}
