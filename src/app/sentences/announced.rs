//! What was announced, in words.

use super::{Part, text};
use crate::domain::{announcement::Announced, announcement::AnnouncedType};
use serde_json::Value;
use uuid::Uuid;

/// The sentence; `place` names a location.
pub(super) fn sentence(item: &Announced, place: impl Fn(Uuid) -> Part) -> Vec<Part> {
    let line = |field: &str| item.data.get(field).and_then(Value::as_str);
    let repository = || line("repository").unwrap_or("a repository");
    let on_branch = || line("branch").map(|branch| format!(" on {branch}")).unwrap_or_default();
    match item.kind {
        AnnouncedType::StructureChanged => {
            let what = line("change").unwrap_or("changed");
            let more = item.data.get("count").and_then(Value::as_u64).filter(|count| *count > 1);
            let others = more.map(|count| format!(" and {} more", count - 1)).unwrap_or_default();
            let mut parts = vec![Part::Text(format!("“{}”{others} {what}", line("path").unwrap_or_default()))];
            if let Some(uuid) = line("location_uuid").and_then(|uuid| uuid.parse().ok()) {
                parts.extend([text(" in "), place(uuid)]);
            }
            parts.push(text(" without Strongroom having done it"));
            parts
        }
        AnnouncedType::GitCommit => {
            let commit: String = line("commit").unwrap_or_default().chars().take(8).collect();
            let title = line("message").and_then(|message| message.lines().next()).map(|title| format!(": {title}")).unwrap_or_default();
            vec![Part::Text(format!("Commit {commit} was made in {}{}{title}", repository(), on_branch()))]
        }
        AnnouncedType::GitPush | AnnouncedType::GitPull => {
            let moved = if item.kind == AnnouncedType::GitPush { "pushed to" } else { "pulled from" };
            let count = item.data.get("commits").and_then(Value::as_u64);
            let commits = count.map_or("Commits".to_owned(), |count| crate::app::format::plural(count, "commit", "commits"));
            let were = if count == Some(1) { "was" } else { "were" };
            vec![Part::Text(format!("{commits} {were} {moved} {}{}", repository(), on_branch()))]
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Timestamp;

    fn told(kind: AnnouncedType, data: &str) -> String {
        let data = serde_json::from_str(data).expect("an object");
        let item = Announced { kind, id: Uuid::from_u128(1), source: "git".into(), timestamp: Timestamp::from_micros(0), data };
        let word = |part: Part| match part {
            Part::Text(text) | Part::Link { text, .. } => text,
        };
        sentence(&item, |_| text("North")).into_iter().map(word).collect()
    }

    #[test]
    fn an_alarm_says_what_where_and_who_did_not() {
        let of = |more: &str| {
            let data = format!(r#"{{"location_uuid":"{}","path":"a/b.7z","change":"vanished"{more}}}"#, Uuid::from_u128(7));
            told(AnnouncedType::StructureChanged, &data)
        };
        assert_eq!(of(""), "“a/b.7z” vanished in North without Strongroom having done it");
        assert_eq!(of(r#","count":3"#), "“a/b.7z” and 2 more vanished in North without Strongroom having done it");
    }

    #[test]
    fn what_happened_in_a_repository_is_a_sentence() {
        let commit = r#"{"repository":"finding-aids","commit":"0123456789abcdef","branch":"main","message":"Fonds 12\n\nmore"}"#;
        assert_eq!(told(AnnouncedType::GitCommit, commit), "Commit 01234567 was made in finding-aids on main: Fonds 12");
        assert_eq!(told(AnnouncedType::GitPush, r#"{"repository":"r","branch":"main","commits":1}"#), "1 commit was pushed to r on main");
        assert_eq!(told(AnnouncedType::GitPull, r#"{"repository":"r","branch":"main"}"#), "Commits were pulled from r on main");
    }
}
