use super::*;
use proptest::prelude::*;
use std::collections::BTreeSet;

/// Any topic, the ones with a subject from a few subjects.
pub(crate) fn topic() -> impl Strategy<Value = Topic> {
    let uuid = (0u128..200).prop_map(Uuid::from_u128);
    prop_oneof![
        Just(Topic::Activity),
        Just(Topic::Locations),
        Just(Topic::Metrics),
        Just(Topic::Resources),
        Just(Topic::Storage),
        Just(Topic::Tasks),
        uuid.clone().prop_map(Topic::Aip),
        uuid.prop_map(Topic::Location),
    ]
}

#[test]
fn topics_are_written_as_the_design_says() {
    let uuid = Uuid::from_u128(7);
    let topics = Topics::of([Topic::Tasks, Topic::Locations, Topic::Location(uuid), Topic::Aip(uuid), Topic::Storage, Topic::Activity])
        .expect("six");
    let text = r#"["activity","aip:00000000-0000-0000-0000-000000000007","location:00000000-0000-0000-0000-000000000007","locations","storage","tasks"]"#;
    assert_eq!(serde_json::to_string(&topics).expect("an array"), text);
    assert_eq!(serde_json::from_str::<Topics>(text).expect("read back"), topics);
}

#[test]
fn foreign_text_is_refused() {
    for text in ["", "Storage", "aip", "aip:", "aip:7", "aip:{00000000-0000-0000-0000-000000000007}", "location:*", "storage "] {
        assert_eq!(text.parse::<Topic>(), Err(NotATopic), "{text}");
    }
}

#[test]
fn one_too_many_changes_nothing_and_says_so() {
    let full = Topics::of((0..MAX_TOPICS as u128).map(|n| Topic::Aip(Uuid::from_u128(n)))).expect("as many as there may be");
    let mut topics = full.clone();
    assert_eq!(topics.add(&full), Ok(()));
    assert_eq!(topics.add(&Topic::Storage.into()), Err(TooManyTopics));
    assert_eq!(topics, full);
    assert_eq!(TooManyTopics.to_string(), "a connection has at most 128 topics; nothing was changed");
    let mut array: Vec<Topic> = full.iter().collect();
    array.push(Topic::Storage);
    let refused = serde_json::from_str::<Topics>(&serde_json::to_string(&array).expect("an array")).expect_err("129");
    assert!(refused.to_string().contains("at most 128"), "{refused}");
}

proptest! {
    #[test]
    fn text_round_trips(topic in topic()) {
        prop_assert_eq!(topic.to_string().parse(), Ok(topic));
    }

    #[test]
    fn foreign_text_never_panics(text in ".{0,60}") {
        let _ = text.parse::<Topic>();
    }

    /// Against the plainest oracle there is: a set.
    #[test]
    fn it_is_a_set(
        added in prop::collection::vec(topic(), 0..40), removed in prop::collection::vec(topic(), 0..40), asked in prop::collection::vec(topic(), 0..4),
    ) {
        let mut oracle: BTreeSet<Topic> = added.iter().copied().collect();
        let mut topics = Topics::of(added).expect("few");
        let removed = Topics::of(removed).expect("few");
        prop_assert_eq!(topics.without(&removed).iter().collect::<Vec<_>>(), oracle.iter().copied().filter(|topic| !removed.contains(*topic)).collect::<Vec<_>>());
        topics.remove(&removed);
        oracle.retain(|topic| !removed.contains(*topic));
        prop_assert_eq!(topics.iter().collect::<Vec<_>>(), oracle.iter().copied().collect::<Vec<_>>());
        prop_assert_eq!(topics.covers(&asked), asked.iter().any(|topic| oracle.contains(topic)));
        let texts: Vec<String> = topics.iter().map(|topic| topic.to_string()).collect();
        prop_assert!(texts.is_sorted());
    }
}
