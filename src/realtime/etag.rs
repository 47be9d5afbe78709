//! Which state of a resource an answer shows, and requests that depend on it (RFC 9110 sections 8.8.3 and 13).
//!
//! A tag is made from the resource's id and its version, so `resource_change` can name the state without reading it. What an answer
//! shows beyond what the version counts has to be in the tag as well: [`EntityTag::with`].

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use sha2::{Digest, Sha256};
use std::fmt;
use uuid::Uuid;

/// A strong entity tag of ours, with its quotes: `"<id>-<version>"`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct EntityTag(String);

impl EntityTag {
    /// Of a resource at this version.
    #[must_use]
    pub fn of(id: Uuid, version: u64) -> Self {
        Self(format!("\"{id}-{version}\""))
    }

    /// Of an answer that shows more of the resource than its version counts, e.g. how much a location holds: each other `detail` makes
    /// another tag of the same version.
    #[must_use]
    pub fn with(id: Uuid, version: u64, detail: impl AsRef<[u8]>) -> Self {
        Self(format!("\"{id}-{version}-{}\"", short_digest(detail.as_ref())))
    }

    /// Of an answer that has no version of its own, e.g. a list: a digest of its bytes.
    #[must_use]
    pub fn of_content(content: &[u8]) -> Self {
        Self(format!("\"{}\"", short_digest(content)))
    }

    /// The strong tag that this text is, if it is one.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        matches!(Tag::read(text), Some((Tag { weak: false, .. }, ""))).then(|| Self(text.to_owned()))
    }

    /// As it stands in the header `ETag`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn as_tag(&self) -> Tag<'_> {
        Tag { weak: false, opaque: self.0.trim_matches('"') }
    }
}

/// 96 bits of SHA-256: two answers of one address do not meet by chance.
fn short_digest(content: &[u8]) -> String {
    Sha256::digest(content).iter().take(12).fold(String::with_capacity(24), |text, byte| text + &format!("{byte:02x}"))
}

impl fmt::Display for EntityTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for EntityTag {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for EntityTag {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::read(&text).ok_or_else(|| de::Error::custom("not a strong entity tag"))
    }
}

/// A tag as a client sent it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Tag<'a> {
    weak: bool,
    opaque: &'a str,
}

impl<'a> Tag<'a> {
    /// Reads one tag from the beginning of the text, with what follows it (RFC 9110 section 8.8.3). Letter case counts.
    fn read(text: &'a str) -> Option<(Self, &'a str)> {
        let (weak, quoted) = text.strip_prefix("W/").map_or((false, text), |rest| (true, rest));
        let (opaque, rest) = quoted.strip_prefix('"')?.split_once('"')?;
        // Printable, or beyond ASCII; neither spaces nor controls.
        opaque.chars().all(|c| c > ' ' && c != '\u{7f}').then_some((Self { weak, opaque }, rest))
    }
}

/// Whether a header field lists a tag that is `wanted`; none if the field is not a list of tags. Commas may stand inside a tag, and
/// elements may be empty (RFC 9110 section 5.6.1).
fn lists(field: &str, mut wanted: impl FnMut(Tag<'_>) -> bool) -> Option<bool> {
    let (mut found, mut rest, mut seen) = (false, field, false);
    loop {
        rest = rest.trim_start_matches([' ', '\t', ',']);
        if rest.is_empty() {
            return seen.then_some(found);
        }
        let (tag, after) = Tag::read(rest)?;
        (found, seen) = (found || wanted(tag), true);
        rest = after.trim_start_matches([' ', '\t']);
        if !rest.is_empty() && !rest.starts_with(',') {
            return None;
        }
    }
}

/// What becomes of a request with conditions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It is carried out.
    Perform,
    /// 304: the client has what it would be sent.
    NotModified,
    /// 412: the resource is not in the state that the client acts upon; nothing was changed.
    Failed,
}

/// The conditions of a request: the values of its header fields, several lines of one name joined by a comma.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Conditions<'a> {
    /// `If-Match`.
    pub if_match: Option<&'a str>,
    /// `If-None-Match`.
    pub if_none_match: Option<&'a str>,
}

/// [`Conditions`] to be kept until the resource's state is known.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Preconditions {
    /// `If-Match`.
    pub if_match: Option<String>,
    /// `If-None-Match`.
    pub if_none_match: Option<String>,
}

impl Preconditions {
    /// To be evaluated.
    #[must_use]
    pub fn conditions(&self) -> Conditions<'_> {
        Conditions { if_match: self.if_match.as_deref(), if_none_match: self.if_none_match.as_deref() }
    }
}

impl Conditions<'_> {
    /// Decides in the order of RFC 9110 section 13.2.2. `current` is the tag of what is there; none where nothing is. `reads`: the
    /// request is a GET or HEAD.
    ///
    /// A condition that cannot be read is not met: a change is not made, an answer is sent in full.
    #[must_use]
    pub fn evaluate(self, current: Option<&EntityTag>, reads: bool) -> Verdict {
        let current = current.map(EntityTag::as_tag);
        // Strong comparison: the bytes are those that the client saw (section 13.1.1).
        let same = |tag: Tag<'_>| current.is_some_and(|current| !tag.weak && tag.opaque == current.opaque);
        if self.if_match.is_some_and(|field| !holds(field, current.is_some(), same)) {
            return Verdict::Failed;
        }
        self.none_match(current, reads)
    }

    /// As [`evaluate`](Self::evaluate), for a change that acts on what the version counts: any tag of this version will do, whatever
    /// [detail](EntityTag::with) it was given. An editor of a location's name need not start again because a package was deposited
    /// meanwhile.
    #[must_use]
    pub fn evaluate_version(self, id: Uuid, version: u64) -> Verdict {
        let tag = EntityTag::of(id, version);
        let plain = tag.as_tag();
        let of_version = |tag: Tag<'_>| {
            let detail = tag.opaque.strip_prefix(plain.opaque);
            !tag.weak && detail.is_some_and(|detail| detail.is_empty() || detail.starts_with('-'))
        };
        if self.if_match.is_some_and(|field| !holds(field, true, of_version)) {
            return Verdict::Failed;
        }
        self.none_match(Some(plain), false)
    }

    /// Weak comparison: what the client has serves as well (section 13.1.2).
    fn none_match(self, current: Option<Tag<'_>>, reads: bool) -> Verdict {
        let alike = |tag: Tag<'_>| current.is_some_and(|current| tag.opaque == current.opaque);
        match self.if_none_match {
            Some(field) if holds(field, current.is_some(), alike) => {
                if reads {
                    Verdict::NotModified
                } else {
                    Verdict::Failed
                }
            }
            _ => Verdict::Perform,
        }
    }
}

/// Whether the field names what is there: `*` names anything that exists.
fn holds(field: &str, exists: bool, matches: impl FnMut(Tag<'_>) -> bool) -> bool {
    if field.trim_matches([' ', '\t']) == "*" { exists } else { lists(field, matches).unwrap_or(false) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn id() -> Uuid {
        Uuid::from_u128(7)
    }

    fn reading(field: &str) -> Verdict {
        let tag = EntityTag(r#""a,b""#.to_owned());
        Conditions { if_none_match: Some(field), ..Conditions::default() }.evaluate(Some(&tag), true)
    }

    fn changing(field: &str, current: Option<&EntityTag>) -> Verdict {
        Conditions { if_match: Some(field), ..Conditions::default() }.evaluate(current, false)
    }

    #[test]
    fn a_tag_names_resource_version_and_detail() {
        assert_eq!(EntityTag::of(id(), 3).as_str(), r#""00000000-0000-0000-0000-000000000007-3""#);
        let (one, other) = (EntityTag::with(id(), 3, "12 AIPs"), EntityTag::with(id(), 3, "13 AIPs"));
        assert!(one != other && one.as_str().starts_with(r#""00000000-0000-0000-0000-000000000007-3-"#));
        assert_eq!(EntityTag::of_content(b"").as_str(), r#""e3b0c44298fc1c149afbf4c8""#);
    }

    #[test]
    fn who_has_it_is_not_sent_it_again() {
        for field in [r#""a,b""#, r#"W/"a,b""#, "*", r#""x", "a,b""#, r#", W/"x"	,,"a,b" ,"#] {
            assert_eq!(reading(field), Verdict::NotModified, "{field}");
        }
        for field in ["", "a,b", r#""a","b""#, r#"w/"a,b""#, r#""a,b" "x""#, r#""a,b"#, r#"*, "a,b""#, r#""a,b"; "x""#, "\"a,b\"\u{7f}"] {
            assert_eq!(reading(field), Verdict::Perform, "{field}");
        }
        let nothing = Conditions { if_none_match: Some("*"), ..Conditions::default() };
        assert_eq!(nothing.evaluate(None, true), Verdict::Perform);
        assert_eq!(nothing.evaluate(Some(&EntityTag::of(id(), 1)), false), Verdict::Failed, "only if there is none");
    }

    #[test]
    fn a_change_acts_on_the_state_that_was_seen() {
        let tag = EntityTag::of(id(), 3);
        for (field, verdict) in [
            (tag.as_str().to_owned(), Verdict::Perform),
            ("*".to_owned(), Verdict::Perform),
            (format!("{}, {tag}", EntityTag::of(id(), 2)), Verdict::Perform),
            (format!("W/{tag}"), Verdict::Failed),
            (EntityTag::of(id(), 2).to_string(), Verdict::Failed),
            ("3".to_owned(), Verdict::Failed),
            (String::new(), Verdict::Failed),
        ] {
            assert_eq!(changing(&field, Some(&tag)), verdict, "{field}");
        }
        assert_eq!((changing("*", None), changing(tag.as_str(), None)), (Verdict::Failed, Verdict::Failed));
        assert_eq!(Conditions::default().evaluate(Some(&tag), false), Verdict::Perform);
    }

    #[test]
    fn what_the_version_does_not_count_does_not_stop_a_change() {
        let judge = |field: &str| Conditions { if_match: Some(field), ..Conditions::default() }.evaluate_version(id(), 3);
        assert_eq!(judge(EntityTag::of(id(), 3).as_str()), Verdict::Perform);
        assert_eq!(judge(EntityTag::with(id(), 3, "then").as_str()), Verdict::Perform);
        assert_eq!(judge(EntityTag::with(id(), 2, "then").as_str()), Verdict::Failed);
        assert_eq!(judge(EntityTag::of(id(), 31).as_str()), Verdict::Failed, "31 is not 3");
        assert_eq!(judge(&format!("W/{}", EntityTag::of(id(), 3))), Verdict::Failed);
    }

    #[test]
    fn the_first_condition_is_judged_first() {
        let tag = EntityTag::of(id(), 3);
        let both = Conditions { if_match: Some(r#""other""#), if_none_match: Some(tag.as_str()) };
        assert_eq!(both.evaluate(Some(&tag), true), Verdict::Failed);
        let both = Conditions { if_match: Some(tag.as_str()), if_none_match: Some(tag.as_str()) };
        assert_eq!(both.evaluate(Some(&tag), true), Verdict::NotModified);
    }

    proptest! {
        /// However tags are listed, the field names exactly what is in it.
        #[test]
        fn lists_are_read_as_they_were_written(
            tags in prop::collection::vec(("[!#-~]{0,4}", any::<bool>(), "[ \t]{0,2},[ \t,]{0,2}"), 1..6), wanted in "[!#-~]{0,4}",
        ) {
            let field: String = tags.iter().map(|(tag, weak, comma)| format!("{}\"{tag}\"{comma}", if *weak { "W/" } else { "" })).collect();
            let current = EntityTag(format!("\"{wanted}\""));
            let strong = tags.iter().any(|(tag, weak, _)| !weak && *tag == wanted);
            let weak = tags.iter().any(|(tag, ..)| *tag == wanted);
            prop_assert_eq!(changing(&field, Some(&current)) == Verdict::Perform, strong);
            let read = Conditions { if_none_match: Some(&field), ..Conditions::default() }.evaluate(Some(&current), true);
            prop_assert_eq!(read == Verdict::NotModified, weak);
        }

        /// Whatever a client sends, it is an answer and no panic; what cannot be read changes nothing.
        #[test]
        fn foreign_fields_never_panic(field in "[W/\"*,a \t\\PC]{0,12}") {
            let tag = EntityTag::of(id(), 1);
            let failed = changing(&field, Some(&tag)) == Verdict::Failed;
            prop_assert!(failed || field.trim_matches([' ', '\t']) == "*");
            let _ = reading(&field);
        }
    }
}
