use super::*;
use proptest::prelude::*;
use serde_json::json;

fn read(body: &Value) -> Result<Announcement, NotAnnounced> {
    Announcement::read(body.to_string().as_bytes())
}

fn problem(kind: &str, data: &Value) -> String {
    read(&json!({ "type": kind, "data": data })).expect_err("not accepted").to_string()
}

#[test]
fn what_may_be_announced_is_accepted_and_told_with_its_source() {
    let location = Uuid::from_u128(7);
    let bodies = [
        json!({"type": "structure.changed", "data": {"location_uuid": location, "path": "a/b.zip", "change": "vanished", "count": 3}}),
        json!({"type": "git.commit", "data": {"repository": "finding-aids", "commit": "9a7c2f6", "message": "Two series\n\nand a box"}}),
        json!({"type": "git.push", "data": {"repository": "finding-aids", "branch": "main", "commits": 4}}),
        json!({"type": "git.pull", "data": {"repository": "finding-aids", "branch": "main"}}),
    ];
    for body in &bodies {
        let announcement = read(body).expect("accepted");
        assert_eq!(serde_json::to_value(&announcement).expect("JSON"), *body);
    }
    assert_eq!(bodies.len(), AnnouncedType::ALL.len(), "each type has an example here");
    let at = Timestamp::parse("2026-06-01T12:00:00Z").expect("a time");
    let announcement = read(&bodies[0]).expect("accepted");
    assert_eq!(announcement.location_uuid(), Some(location));
    let announced = announcement.announced(Uuid::from_u128(1), "watch".into(), at);
    let text = r#"{"type":"structure.changed","id":"00000000-0000-0000-0000-000000000001","source":"watch","timestamp":"2026-06-01T12:00:00Z","data":{"change":"vanished","count":3,"location_uuid":"00000000-0000-0000-0000-000000000007","path":"a/b.zip"}}"#;
    assert_eq!(announced.to_text(), text);
    assert_eq!(serde_json::from_str::<Announced>(text).expect("read back"), announced);
}

#[test]
fn what_is_wrong_is_said() {
    let push = |more: &[(&str, Value)]| {
        let mut data = json!({"repository": "r", "branch": "main"});
        data.as_object_mut().expect("an object").extend(more.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
        problem("git.push", &data)
    };
    let allowed = "structure.changed, git.commit, git.push, git.pull";
    assert_eq!(problem("rm", &json!({})), format!("\"rm\" cannot be announced: use {allowed}"));
    assert_eq!(problem("git.push", &json!({"repository": "r"})), "data.branch is missing: a line of 1 to 200 characters");
    assert_eq!(push(&[("branch", json!("two\nlines"))]), "data.branch has to be a line of 1 to 200 characters");
    assert_eq!(push(&[("branch", json!(" "))]), "data.branch has to be a line of 1 to 200 characters");
    assert_eq!(push(&[("repository", json!("x".repeat(201)))]), "data.repository has to be a line of 1 to 200 characters");
    assert_eq!(push(&[("repository", json!("\u{1b}[2J"))]), "data.repository has to be a line of 1 to 200 characters");
    assert_eq!(push(&[("commits", json!(-1))]), "data.commits has to be a whole number that is not negative");
    assert_eq!(push(&[("commit", json!("HEAD"))]), "data.commit has to be 7 to 64 hexadecimal digits");
    assert_eq!(push(&[("x", json!(1))]), "\"x\" is not a field of what git.push says: use repository, branch, commit, commits");
    let structure = json!({"path": "a", "change": "eaten"});
    assert_eq!(problem("structure.changed", &structure), "data.change has to be one of appeared, changed, vanished");
    let structure = json!({"path": "a", "change": "changed", "location_uuid": "7"});
    assert_eq!(problem("structure.changed", &structure), "data.location_uuid has to be a UUID");
}

#[test]
fn foreign_bodies_are_refused() {
    for body in
        ["", "[]", "{}", r#"{"type":"git.push"}"#, r#"{"type":"git.push","data":[]}"#, r#"{"type":"git.push","data":{},"source":"x"}"#]
    {
        assert!(matches!(Announcement::read(body.as_bytes()), Err(NotAnnounced::Unreadable(_))), "{body}");
    }
    assert_eq!(Announcement::read(&vec![b' '; MAX_ANNOUNCEMENT + 1]), Err(NotAnnounced::TooLong));
}

proptest! {
    /// Whatever comes, it is an answer and no panic; the answer is short, whatever came.
    #[test]
    fn nothing_that_comes_is_fatal(kind in "(git\\.push|structure\\.changed|.{0,300})", name in ".{0,300}", value in ".{0,300}", garbage in prop::collection::vec(any::<u8>(), 0..60)) {
        if let Err(refused) = read(&json!({ "type": kind, "data": { name: value } })) {
            prop_assert!(refused.to_string().chars().count() < 1_500);
        }
        prop_assert!(Announcement::read(&garbage).is_err());
    }
}
